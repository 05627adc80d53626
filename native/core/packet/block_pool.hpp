#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "packet/packet_memory.hpp"

namespace wireglass {

/// A block of memory with a count of those who use what lies in it.
class PacketBlock final : public PacketMemory {
 public:
  explicit PacketBlock(std::size_t capacity)
      : capacity_(capacity), bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}

  std::byte* data() { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }

  void hold() { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() override { holders_.fetch_sub(1, std::memory_order_release); }
  /// What the former holders did with the block has happened once this tells that they are gone.
  std::uint32_t holders() const { return holders_.load(std::memory_order_acquire); }

 private:
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> bytes_;
  std::atomic<std::uint32_t> holders_{0};
};

/// Blocks that are used again once nobody holds them. One thread at a time takes them; any thread releases
/// them. Outlives its blocks' holders.
class BlockPool {
 public:
  enum class Limit : std::uint8_t {
    kKeep,    ///< no block while it is reached and every block in use
    kExceed,  ///< for what cannot wait
  };

  /// `block_bytes` each, or what a single record needs; all together `limit_bytes`.
  BlockPool(std::size_t block_bytes, std::size_t limit_bytes);

  std::size_t block_bytes() const { return block_bytes_; }

  /// A block of at least `bytes`, held once, for the caller; null where the limit forbids it.
  PacketBlock* take(std::size_t bytes, Limit limit = Limit::kKeep);

 private:
  void drop_unused();

  std::size_t block_bytes_;
  std::size_t limit_bytes_;
  std::size_t total_bytes_ = 0;
  std::vector<std::unique_ptr<PacketBlock>> blocks_;
};

}  // namespace wireglass
