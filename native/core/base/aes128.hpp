#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wireglass {

/// AES-128 (FIPS 197), encryption only, which is all that counter mode and QUIC's header protection need. The
/// keys it is for are no secrets: QUIC derives them from what stands in the packet (RFC 9001 section 5.2), so
/// the plain version may look bytes up in a table. Uses the processor's instructions where it has them.
class Aes128 {
 public:
  static constexpr std::size_t kBlockBytes = 16;
  using Block = std::array<std::byte, kBlockBytes>;

  explicit Aes128(const Block& key);

  Block encrypt(const Block& block) const;

  /// Counter mode as GCM runs it (NIST SP 800-38D section 6.5), from counter 2 on, where GCM's payload
  /// begins. The ends of both spans are the same.
  void apply_gcm_keystream(std::span<const std::byte, 12> nonce, std::span<const std::byte> from,
                           std::span<std::byte> to) const;

  /// The twin of encrypt() for every processor.
  Block encrypt_plain(const Block& block) const;

 private:
  std::array<Block, 11> round_keys_;
  bool has_instructions_;
};

}  // namespace wireglass
