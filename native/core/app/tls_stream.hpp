#pragma once

#include <cstddef>
#include <span>

#include "app/client_hello.hpp"
#include "app/parse_status.hpp"

namespace wireglass {

/// A ClientHello at the beginning of one direction of a TCP stream, in one record or spread over several (RFC
/// 8446 section 5.1). `scratch` takes the message's bytes where records split it; `hello` then points there,
/// else into `stream`. `hello` holds what was read even when the rest is missing or wrong. kNotThis also for
/// a message longer than `scratch`.
ParseStatus read_client_hello_record(std::span<const std::byte> stream, std::span<std::byte> scratch,
                                     ClientHello& hello);

}  // namespace wireglass
