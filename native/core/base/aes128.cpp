#include "base/aes128.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <wmmintrin.h>
#endif

namespace wireglass {
namespace {

using Byte = std::uint8_t;

constexpr Byte times_two(Byte value) { return static_cast<Byte>(value << 1 ^ (value >> 7) * 0x1b); }

/// FIPS 197 section 5.1.1: the inverse in GF(2^8), then an affine map. The powers of 3 run through all of the
/// field, those of its inverse 0xf6 backwards.
constexpr std::array<Byte, 256> make_substitution() {
  std::array<Byte, 256> table{};
  Byte power = 1;
  Byte inverse = 1;
  do {
    power = static_cast<Byte>(power ^ times_two(power));
    inverse = static_cast<Byte>(inverse ^ inverse << 1);
    inverse = static_cast<Byte>(inverse ^ inverse << 2);
    inverse = static_cast<Byte>(inverse ^ inverse << 4);
    if (inverse & 0x80) inverse ^= 0x09;
    const auto rotated = [inverse](int by) { return static_cast<Byte>(inverse << by | inverse >> (8 - by)); };
    table[power] = static_cast<Byte>(inverse ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63);
  } while (power != 1);
  table[0] = 0x63;
  return table;
}
constexpr std::array<Byte, 256> kSubstitution = make_substitution();
static_assert(kSubstitution[0x53] == 0xed, "FIPS 197 section 5.1.1, example");

using State = std::array<Byte, Aes128::kBlockBytes>;

State load(const Aes128::Block& block) {
  State state;
  std::memcpy(state.data(), block.data(), state.size());
  return state;
}

void add_round_key(State& state, const Aes128::Block& key) {
  for (std::size_t i = 0; i < state.size(); ++i) state[i] ^= std::to_integer<Byte>(key[i]);
}

/// SubBytes and ShiftRows in one: byte i of a column comes from i columns further.
State substitute_and_shift(const State& state) {
  State shifted;
  for (std::size_t i = 0; i < state.size(); ++i)
    shifted[i] = kSubstitution[state[(i + 4 * (i % 4)) % state.size()]];
  return shifted;
}

void mix_columns(State& state) {
  for (std::size_t column = 0; column < state.size(); column += 4) {
    const Byte first = state[column];
    const Byte all = state[column] ^ state[column + 1] ^ state[column + 2] ^ state[column + 3];
    for (std::size_t row = 0; row < 4; ++row) {
      const Byte next = row < 3 ? state[column + row + 1] : first;
      state[column + row] ^= all ^ times_two(static_cast<Byte>(state[column + row] ^ next));
    }
  }
}

#if defined(__x86_64__)
bool processor_has_aes() { return __builtin_cpu_supports("aes") != 0; }

__attribute__((target("aes"))) Aes128::Block encrypt_by_instructions(
    const std::array<Aes128::Block, 11>& keys, const Aes128::Block& block) {
  const auto key = [&keys](std::size_t round) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(keys[round].data()));
  };
  __m128i state = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block.data())), key(0));
  for (std::size_t round = 1; round < 10; ++round) state = _mm_aesenc_si128(state, key(round));
  state = _mm_aesenclast_si128(state, key(10));
  Aes128::Block encrypted;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(encrypted.data()), state);
  return encrypted;
}
#else
bool processor_has_aes() { return false; }
Aes128::Block encrypt_by_instructions(const std::array<Aes128::Block, 11>&, const Aes128::Block& block) {
  return block;
}
#endif

}  // namespace

/// FIPS 197 section 5.2.
Aes128::Aes128(const Block& key) : has_instructions_(processor_has_aes()) {
  round_keys_[0] = key;
  Byte round_constant = 1;
  for (std::size_t round = 1; round < round_keys_.size(); ++round) {
    const Block& before = round_keys_[round - 1];
    Block& next = round_keys_[round];
    for (std::size_t i = 0; i < 4; ++i) {
      const auto substituted =
          static_cast<std::byte>(kSubstitution[std::to_integer<Byte>(before[12 + (i + 1) % 4])]);
      next[i] = before[i] ^ substituted ^ static_cast<std::byte>(i == 0 ? round_constant : 0);
    }
    for (std::size_t i = 4; i < kBlockBytes; ++i) next[i] = before[i] ^ next[i - 4];
    round_constant = times_two(round_constant);
  }
}

Aes128::Block Aes128::encrypt_plain(const Block& block) const {
  State state = load(block);
  add_round_key(state, round_keys_[0]);
  for (std::size_t round = 1; round < 10; ++round) {
    state = substitute_and_shift(state);
    mix_columns(state);
    add_round_key(state, round_keys_[round]);
  }
  state = substitute_and_shift(state);
  add_round_key(state, round_keys_[10]);
  Block encrypted;
  std::memcpy(encrypted.data(), state.data(), state.size());
  return encrypted;
}

Aes128::Block Aes128::encrypt(const Block& block) const {
  return has_instructions_ ? encrypt_by_instructions(round_keys_, block) : encrypt_plain(block);
}

void Aes128::apply_gcm_keystream(std::span<const std::byte, 12> nonce, std::span<const std::byte> from,
                                 std::span<std::byte> to) const {
  Block counter_block{};
  std::copy(nonce.begin(), nonce.end(), counter_block.begin());
  std::uint32_t counter = 2;
  for (std::size_t at = 0; at < from.size(); at += kBlockBytes, ++counter) {
    for (std::size_t i = 0; i < 4; ++i)
      counter_block[12 + i] = static_cast<std::byte>(counter >> (24 - 8 * i));
    const Block keystream = encrypt(counter_block);
    const std::size_t size = std::min(kBlockBytes, from.size() - at);
    for (std::size_t i = 0; i < size; ++i) to[at + i] = from[at + i] ^ keystream[i];
  }
}

}  // namespace wireglass
