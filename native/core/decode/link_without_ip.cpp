#include "decode/link_without_ip.hpp"

namespace wireglass {

ProtocolId parse_link_without_ip(DecodeContext&) { return ProtocolId::kEnd; }

}  // namespace wireglass
