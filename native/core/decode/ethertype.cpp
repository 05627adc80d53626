#include "decode/ethertype.hpp"

namespace wireglass {

void describe_type_or_length(Dissector& dissector, HeaderWriter& header, std::uint32_t at) {
  std::uint64_t value = 0;
  if (!header.read(at, 2, value)) return;
  if (value >= kFirstEthertype) {
    header.hex("ethertype", at, 2);
  } else {
    header.number("length", at, 2);
    if (value <= kMaxLength) dissector.narrow(header.offset() + at + 2 + value);
  }
}

}  // namespace wireglass
