#pragma once

#include <cstdint>
#include <string_view>

#include "traffic/text.hpp"

namespace wireglass {

/// Message of a TLS 1.3 connection (RFC 8446): 0 ClientHello with server name, 1 ServerHello and the first
/// encrypted records, then requests and answers as application data records filled with random bytes.
void write_tls_message(TextWriter& writer, std::uint64_t seed, std::uint32_t message,
                       std::string_view host_label, const TextPools& pools);

}  // namespace wireglass
