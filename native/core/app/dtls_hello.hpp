#pragma once

#include <cstddef>
#include <span>

#include "app/assembly.hpp"
#include "app/parse_status.hpp"

namespace wireglass {

/// Whether a datagram begins with a ClientHello of DTLS 1.0 to 1.3 (RFC 6347 section 4.1, RFC 9147 section
/// 4).
bool may_be_dtls_hello(std::span<const std::byte> datagram);

/// Puts the fragments of ClientHellos in a datagram's records (RFC 6347 section 4.2.3) into `buffer`: the
/// message as it would stand in a TLS record, a header of four bytes in front. kFound when there was one.
ParseStatus read_dtls_hello(std::span<const std::byte> datagram, Assembly& assembly,
                            std::span<std::byte> buffer);

}  // namespace wireglass
