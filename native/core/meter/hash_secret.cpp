#include "meter/hash_secret.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace wireglass {

namespace {

/// SplitMix64: spreads a small seed over all the secret's bits.
std::uint64_t next_secret(std::uint64_t& state) {
  state += 0x9e37'79b9'7f4a'7c15;
  std::uint64_t word = state;
  word = (word ^ (word >> 30)) * 0xbf58'476d'1ce4'e5b9;
  word = (word ^ (word >> 27)) * 0x94d0'49bb'1331'11eb;
  return word ^ (word >> 31);
}

}  // namespace

void draw_secret(std::span<std::uint64_t> secret) {
  ssize_t drawn = 0;
  do {
    drawn = getrandom(secret.data(), secret.size_bytes(), 0);
  } while (drawn < 0 && errno == EINTR);
  if (drawn != static_cast<ssize_t>(secret.size_bytes())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
}

void seed_secret(std::span<std::uint64_t> secret, std::uint64_t seed) {
  for (std::uint64_t& word : secret) word = next_secret(seed);
}

}  // namespace wireglass
