#pragma once

#include <linux/if_packet.h>

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"

namespace wireglass {

/// A mapped TPACKET_V3 receive ring: blocks that the kernel fills and hands over one after another.
class PacketRing {
 public:
  static constexpr std::uint32_t kBlockBytes = 1u << 20;
  static constexpr int kBlockRetireTimeoutMs = 20;

  PacketRing() = default;
  ~PacketRing();
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;

  /// Sets the ring up on a packet socket and maps it. Errors: "capture_failed", "out_of_memory".
  Result<void> map(int socket, std::uint32_t buffer_size_mb);

  /// The block that is handed over next, or null while the kernel still has it.
  tpacket_block_desc* ready_block();

  /// Gives that block back to the kernel and moves to the next one.
  void release_block();

 private:
  std::byte* memory_ = nullptr;
  std::size_t size_bytes_ = 0;
  std::uint32_t block_count_ = 0;
  std::uint32_t block_index_ = 0;
};

}  // namespace wireglass
