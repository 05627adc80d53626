#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/result.hpp"
#include "pcapng/byte_source.hpp"

namespace wireglass {

/// The stretch of an input that is in memory. Bytes leave it in front by consume() and enter behind by
/// refill(), which is also the only time they move.
class InputWindow {
 public:
  InputWindow(std::unique_ptr<ByteSource> source, std::size_t capacity)
      : source_(std::move(source)),
        capacity_(std::max<std::size_t>(capacity, 1)),
        buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity_)) {}

  const std::byte* data() const { return buffer_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }
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

  /// Reads once, into a window that has room for at least `needed_bytes` from data() on.
  Result<void> refill(std::size_t needed_bytes) {
    make_room(needed_bytes);
    const auto got = source_->read(buffer_.get() + end_, capacity_ - end_);
    if (!got.ok()) {
      ended_ = true;
      return got.error();
    }
    end_ += got.value();
    ended_ = got.value() == 0;
    return {};
  }

 private:
  void make_room(std::size_t needed_bytes) {
    const std::size_t rest = size();
    // One byte more than is there already, so that a read has somewhere to go.
    const std::size_t wanted = std::max(needed_bytes, rest + 1);
    if (wanted > capacity_) {
      auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
      std::memcpy(larger.get(), data(), rest);
      buffer_ = std::move(larger);
      capacity_ = wanted;
    } else if (begin_ > 0) {
      std::memmove(buffer_.get(), data(), rest);
    }
    begin_ = 0;
    end_ = rest;
  }

  std::unique_ptr<ByteSource> source_;
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
};

}  // namespace wireglass
