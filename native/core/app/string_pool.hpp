#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace wireglass {

/// Blocks of 32 to 2 048 bytes out of one reservation, by halving and joining (a buddy allocator): the
/// reservation is all the memory there ever is, each call takes a bounded number of steps, and memory of
/// ended flows serves blocks of every size again. Pages are touched when they are first used.
class StringPool {
 public:
  static constexpr std::size_t kUnitBytes = 32;
  static constexpr std::size_t kMaxBlockBytes = 2048;
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  /// Rounds down to whole largest blocks.
  explicit StringPool(std::uint64_t bytes);

  /// A block of at least `bytes`, by the number of its first unit; kNone when there is none.
  std::uint32_t allocate(std::size_t bytes);
  void release(std::uint32_t block);

  std::byte* data(std::uint32_t block) { return units_.get() + std::size_t{block} * kUnitBytes; }
  const std::byte* data(std::uint32_t block) const { return units_.get() + std::size_t{block} * kUnitBytes; }
  std::size_t block_bytes(std::uint32_t block) const { return kUnitBytes << (states_[block] & kOrderMask); }

  std::uint64_t used_bytes() const { return used_bytes_; }
  static std::uint64_t memory_bytes(std::uint64_t bytes);

 private:
  static constexpr unsigned kMaxOrder = 6;
  static constexpr std::uint32_t kMaxBlockUnits = 1U << kMaxOrder;
  static_assert(kUnitBytes << kMaxOrder == kMaxBlockBytes);

  // State of a block's first unit.
  static constexpr std::uint8_t kOrderMask = 0x0f;
  static constexpr std::uint8_t kFree = 0x80;

  /// A free block holds its neighbours in the list of its order.
  struct Links {
    std::uint32_t previous;
    std::uint32_t next;
  };
  static_assert(sizeof(Links) <= kUnitBytes);

  Links links(std::uint32_t block) const;
  void set_links(std::uint32_t block, const Links& links);
  void push_free(std::uint32_t block, unsigned order);
  void remove_free(std::uint32_t block, unsigned order);

  std::uint32_t unit_count_;
  std::unique_ptr<std::byte[]> units_;
  std::unique_ptr<std::uint8_t[]> states_;
  std::array<std::uint32_t, kMaxOrder + 1> first_free_;
  std::uint32_t high_water_ = 0;  ///< units below were handed out once
  std::uint64_t used_bytes_ = 0;
};

}  // namespace wireglass
