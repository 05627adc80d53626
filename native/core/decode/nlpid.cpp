#include "decode/nlpid.hpp"

namespace wireglass {

ProtocolId protocol_of_nlpid(std::uint8_t nlpid) {
  switch (nlpid) {
    case 0xcc:
      return ProtocolId::kIpv4;
    case 0x8e:
      return ProtocolId::kIpv6;
    case 0xcf:
      return ProtocolId::kPpp;  // RFC 1973 section 3
    default:
      return ProtocolId::kEnd;
  }
}

}  // namespace wireglass
