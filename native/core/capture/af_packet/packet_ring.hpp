#pragma once

#include <linux/if_packet.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "packet/packet_memory.hpp"

namespace wireglass {

/// A block of the ring, with a count of those who use what lies in it; the last one's release gives it back
/// to the kernel.
class RingBlock final : public PacketMemory {
 public:
  void set(tpacket_block_desc* descriptor) { descriptor_ = descriptor; }
  tpacket_block_desc& descriptor() { return *descriptor_; }

  /// The kernel has handed it over, and nobody uses it yet.
  bool is_ready() const;
  /// Lends the block to a first holder; further ones hold() it.
  void lend();
  void hold() { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() override;
  bool is_lent() const { return lent_.load(std::memory_order_acquire); }

 private:
  tpacket_block_desc* descriptor_ = nullptr;
  std::atomic<std::uint32_t> holders_{0};
  /// Apart from the count, because that reaches 0 before the kernel has the block.
  std::atomic<bool> lent_{false};
};

/// A mapped TPACKET_V3 receive ring: blocks that the kernel fills and hands over one after another. They may
/// be released in any order.
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
  RingBlock* ready_block();
  /// Lends that block and moves to the next one.
  void lend_block();
  /// Whether the block before the next one is lent: then poll(2) tells of it, although it is nothing new.
  bool previous_is_lent() const;

 private:
  std::byte* memory_ = nullptr;
  std::size_t size_bytes_ = 0;
  std::vector<RingBlock> blocks_;
  std::size_t block_index_ = 0;
};

}  // namespace wireglass
