#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/result.hpp"
#include "packet/block_pool.hpp"
#include "pcapng/byte_source.hpp"

namespace wireglass {

/// The stretch of an input that is in memory. Bytes leave it in front by consume() and enter behind by
/// refill(). They lie in blocks of a pool: where someone else holds the block, what was handed out of it
/// stays as it is and the window goes on in another one.
class InputWindow {
 public:
  /// `pool` outlives the window.
  InputWindow(std::unique_ptr<ByteSource> source, BlockPool& pool)
      : source_(std::move(source)), pool_(pool) {}
  ~InputWindow() {
    if (block_ != nullptr) block_->release();
  }
  InputWindow(const InputWindow&) = delete;
  InputWindow& operator=(const InputWindow&) = delete;

  const std::byte* data() const { return block_ == nullptr ? nullptr : block_->data() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  /// The block that data() lies in; null before the first refill().
  PacketBlock* block() { return block_; }
  /// Where data() lies in the (unpacked) input.
  std::uint64_t offset() const { return offset_; }
  /// Whether the source has nothing more to give.
  bool ended() const { return ended_; }
  ByteSource& source() { return *source_; }
  const ByteSource& source() const { return *source_; }

  void consume(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }

  /// Makes room for at least `needed_bytes` from data() on, and for one byte more than there are. False while
  /// that needs another block and the pool gives none.
  bool make_room(std::size_t needed_bytes, BlockPool::Limit limit = BlockPool::Limit::kKeep) {
    const std::size_t rest = size();
    const std::size_t wanted = std::max(needed_bytes, rest + 1);
    if (block_ == nullptr) return move_to(pool_.take(wanted, limit));
    if (block_->capacity() - begin_ >= wanted && block_->holders() > 1) return true;
    if (block_->capacity() < wanted || block_->holders() > 1) return move_to(pool_.take(wanted, limit));
    if (begin_ > 0) std::memmove(block_->data(), data(), rest);
    begin_ = 0;
    end_ = rest;
    return true;
  }

  /// Reads once, into what make_room() made.
  Result<void> refill() {
    const auto got = source_->read(block_->data() + end_, block_->capacity() - end_);
    if (!got.ok()) {
      ended_ = true;
      return got.error();
    }
    end_ += got.value();
    ended_ = got.value() == 0;
    return {};
  }

 private:
  bool move_to(PacketBlock* block) {
    if (block == nullptr) return false;
    const std::size_t rest = size();
    if (rest > 0) std::memcpy(block->data(), data(), rest);
    if (block_ != nullptr) block_->release();
    block_ = block;
    begin_ = 0;
    end_ = rest;
    return true;
  }

  std::unique_ptr<ByteSource> source_;
  BlockPool& pool_;
  PacketBlock* block_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
};

}  // namespace wireglass
