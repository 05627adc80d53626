#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// AYIYA (draft-massar-v6ops-ayiya-02 section 3): IP in UDP behind an identity and a signature.
ProtocolId parse_ayiya(DecodeContext& context);
void describe_ayiya(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
