#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "app/parse_status.hpp"

namespace wireglass {

/// Bytes of a request that are read at most: what has no Host until then is taken to have none.
inline constexpr std::size_t kMaxHttpHeadBytes = 4096;

struct HttpRequest {
  std::string_view method;          ///< a registered one
  std::span<const std::byte> host;  ///< as it stands in the request, without the white space around it
};

/// The beginning of an HTTP/1 request (RFC 9112 section 3): found with its Host or at the end of its head.
/// The host is that of the first Host field, else the authority of the request target (absolute form, or
/// CONNECT's). As Wireshark reads it: lines end with LF, CR before it or not; a name with white space before
/// its colon is no Host; a folded line does not continue it; empty lines may come first. Without a version
/// (HTTP/0.9) the target must be a path or an absolute URI. HTTP/2's preface (PRI * HTTP/2.0) is none. What
/// was read of a request that ends too early stands in `request`.
ParseStatus read_http_request(std::span<const std::byte> stream, HttpRequest& request);

/// The status code of an HTTP/1 response (RFC 9112 section 4), which is sure when the character behind it is
/// there.
ParseStatus read_http_status(std::span<const std::byte> stream, std::uint16_t& status);

}  // namespace wireglass
