#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/message_reader.hpp"

namespace wireglass {

/// A flow whose message is not whole yet.
struct Reading {
  DatagramHello hello;               ///< its assembly serves TCP, too
  std::uint32_t first_sequence = 0;  ///< of the message's first byte
  std::uint32_t block = 0;           ///< of the fields found so far, in the FieldStore
  std::uint32_t buffer = 0;
  std::uint8_t pieces = 0;
  std::uint8_t direction = 0;  ///< whose message it is, 1 forward
  std::array<std::uint8_t, 2> examined{};
};

/// A fixed number of readings and of buffers for them. There are fewer buffers: a new reading takes the
/// buffer of the oldest one where all are in use, so that unfinished messages, however many are sent, hold up
/// none that goes on.
class ReadingPool {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  static constexpr std::size_t kBufferBytes = 16'384;

  ReadingPool(std::uint32_t max_readings, std::uint32_t max_buffers);

  /// A new reading with a buffer; kNone when all are in use.
  std::uint32_t open();
  void close(std::uint32_t reading);

  Reading& operator[](std::uint32_t reading) { return readings_[reading]; }
  const Reading& operator[](std::uint32_t reading) const { return readings_[reading]; }
  /// Empty when another reading took it.
  std::span<std::byte> buffer(std::uint32_t reading);

  std::uint64_t buffers_taken() const { return buffers_taken_; }
  std::uint32_t in_use() const { return in_use_; }
  static std::uint64_t memory_bytes(std::uint32_t max_readings, std::uint32_t max_buffers);

 private:
  std::uint32_t take_buffer(std::uint32_t reading);

  std::vector<Reading> readings_;
  std::vector<std::uint32_t> free_readings_;
  std::vector<std::uint32_t> buffer_owners_;  ///< kNone: free
  std::vector<std::uint32_t> free_buffers_;
  std::unique_ptr<std::byte[]> buffers_;
  std::uint32_t hand_ = 0;  ///< the next buffer to be taken away: they were given out in this order
  std::uint32_t in_use_ = 0;
  std::uint64_t buffers_taken_ = 0;
};

}  // namespace wireglass
