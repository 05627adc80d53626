#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Linux cooked capture, LINKTYPE_LINUX_SLL: the header of the "any" interface.
ProtocolId parse_linux_sll(DecodeContext& context);
void describe_linux_sll(Dissector& dissector, std::uint32_t offset);

/// Its second version, LINKTYPE_LINUX_SLL2, with the interface's index.
ProtocolId parse_linux_sll2(DecodeContext& context);
void describe_linux_sll2(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
