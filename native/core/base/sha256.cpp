#include "base/sha256.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace wireglass {
namespace {

constexpr std::size_t kBlockBytes = 64;

constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using State = std::array<std::uint32_t, 8>;

template <class Word>
void put_big_endian(std::byte* at, Word value) {
  for (std::size_t i = sizeof(value); i-- > 0; value = static_cast<Word>(value >> 8)) {
    at[i] = static_cast<std::byte>(value);
  }
}

void compress(State& state, const std::byte* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    std::memcpy(&w[i], block + i * 4, 4);
    w[i] = __builtin_bswap32(w[i]);
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const State added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

Sha256Digest sha256(std::span<const std::byte> message) {
  State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::size_t at = 0;
  for (; at + kBlockBytes <= message.size(); at += kBlockBytes) compress(state, message.data() + at);

  std::array<std::byte, 2 * kBlockBytes> tail{};
  const std::size_t rest = message.size() - at;
  if (rest > 0) std::memcpy(tail.data(), message.data() + at, rest);
  tail[rest] = std::byte{0x80};
  const std::size_t tail_bytes = rest + 9 <= kBlockBytes ? kBlockBytes : 2 * kBlockBytes;
  put_big_endian<std::uint64_t>(tail.data() + tail_bytes - 8, message.size() * 8);
  for (std::size_t block = 0; block < tail_bytes; block += kBlockBytes) compress(state, tail.data() + block);

  Sha256Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) put_big_endian(digest.data() + i * 4, state[i]);
  return digest;
}

Sha256Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> message) {
  std::array<std::byte, kBlockBytes + kMaxHmacMessageBytes> inner{};
  std::array<std::byte, kBlockBytes + sizeof(Sha256Digest)> outer{};
  const std::size_t size = std::min(message.size(), kMaxHmacMessageBytes);
  std::copy_n(key.begin(), std::min(key.size(), kBlockBytes), inner.begin());
  std::copy_n(inner.begin(), kBlockBytes, outer.begin());
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    inner[i] ^= std::byte{0x36};
    outer[i] ^= std::byte{0x5c};
  }
  std::copy_n(message.begin(), size, inner.begin() + kBlockBytes);
  const Sha256Digest digest = sha256({inner.data(), kBlockBytes + size});
  std::copy(digest.begin(), digest.end(), outer.begin() + kBlockBytes);
  return sha256(outer);
}

}  // namespace wireglass
