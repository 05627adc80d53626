#pragma once

#include <cstddef>
#include <span>

#include "app/client_hello.hpp"
#include "app/parse_status.hpp"

namespace wireglass {

/// A ClientHello at the beginning of handshake messages without records around them, as QUIC's CRYPTO frames
/// carry them (RFC 9001 section 4.1.3). kNotThis also for one longer than `max_message_bytes`. `hello` holds
/// what was read even when the rest is missing or wrong.
ParseStatus read_client_hello_message(std::span<const std::byte> bytes, TlsTransport transport,
                                      std::size_t max_message_bytes, ClientHello& hello);

/// A ClientHello at the beginning of one direction of a TCP stream, in one record or spread over several (RFC
/// 8446 section 5.1). `scratch` takes the message's bytes where records split it; `hello` then points there,
/// else into `stream`. `hello` holds what was read even when the rest is missing or wrong. kNotThis also for
/// a message longer than `scratch`.
ParseStatus read_client_hello_record(std::span<const std::byte> stream, std::span<std::byte> scratch,
                                     ClientHello& hello);

}  // namespace wireglass
