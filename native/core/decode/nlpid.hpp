#pragma once

#include <cstdint>

#include "decode/decoded_packet.hpp"

namespace wireglass {

/// Who follows a network layer protocol identifier (ISO/IEC TR 9577).
ProtocolId protocol_of_nlpid(std::uint8_t nlpid);

}  // namespace wireglass
