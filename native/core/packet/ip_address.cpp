#include "packet/ip_address.hpp"

#include <arpa/inet.h>

#include <array>

namespace wireglass {

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_ipv4()) {
    const std::uint32_t word = htonl(static_cast<std::uint32_t>(lo));
    inet_ntop(AF_INET, &word, text.data(), text.size());
  } else {
    const std::array<std::uint64_t, 2> words = {__builtin_bswap64(hi), __builtin_bswap64(lo)};
    inet_ntop(AF_INET6, words.data(), text.data(), text.size());
  }
  return text.data();
}

}  // namespace wireglass
