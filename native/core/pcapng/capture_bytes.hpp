#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "pcapng/byte_source.hpp"

namespace wireglass {

/// Writes what a test wants to stand in a capture file, valid or not, in either byte order.
class CaptureBytes {
 public:
  explicit CaptureBytes(bool swapped = false) : swapped_(swapped) {}

  CaptureBytes& u8(std::uint8_t value) { return raw(&value, sizeof(value)); }
  CaptureBytes& u16(std::uint16_t value) {
    if (swapped_) value = __builtin_bswap16(value);
    return raw(&value, sizeof(value));
  }
  CaptureBytes& u32(std::uint32_t value) {
    if (swapped_) value = __builtin_bswap32(value);
    return raw(&value, sizeof(value));
  }
  CaptureBytes& u64(std::uint64_t value) {
    if (swapped_) value = __builtin_bswap64(value);
    return raw(&value, sizeof(value));
  }
  CaptureBytes& text(std::string_view text) { return raw(text.data(), text.size()); }
  CaptureBytes& pad() {
    bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
    return *this;
  }
  CaptureBytes& append(const CaptureBytes& other) { return raw(other.bytes_.data(), other.bytes_.size()); }

  CaptureBytes& pcap_header(std::uint32_t magic, std::uint32_t link_type, std::uint16_t major = 2,
                            std::uint16_t minor = 4) {
    return u32(magic).u16(major).u16(minor).u32(0).u32(0).u32(262144).u32(link_type);
  }
  CaptureBytes& pcap_record(std::uint32_t seconds, std::uint32_t fraction, std::string_view data,
                            std::uint32_t original_length) {
    return u32(seconds)
        .u32(fraction)
        .u32(static_cast<std::uint32_t>(data.size()))
        .u32(original_length)
        .text(data);
  }

  /// A block of the given body, padded.
  CaptureBytes& block(std::uint32_t type, CaptureBytes body) {
    body.pad();
    const auto length = static_cast<std::uint32_t>(body.bytes_.size() + 12);
    return u32(type).u32(length).append(body).u32(length);
  }
  CaptureBytes& section(std::uint16_t major = 1) {
    return block(0x0a0d0d0a, body().u32(0x1a2b3c4d).u16(major).u16(0).u64(~std::uint64_t{0}));
  }
  CaptureBytes& interface(std::uint16_t link_type, std::uint32_t snaplen, const CaptureBytes& options) {
    return block(1, body().u16(link_type).u16(0).u32(snaplen).append(options));
  }
  CaptureBytes& interface(std::uint16_t link_type, std::uint32_t snaplen = 0) {
    return interface(link_type, snaplen, body());
  }
  CaptureBytes& enhanced(std::uint32_t interface, std::uint64_t ticks, std::string_view data,
                         std::uint32_t original_length) {
    return block(6, body()
                        .u32(interface)
                        .u32(static_cast<std::uint32_t>(ticks >> 32))
                        .u32(static_cast<std::uint32_t>(ticks))
                        .u32(static_cast<std::uint32_t>(data.size()))
                        .u32(original_length)
                        .text(data));
  }
  CaptureBytes& simple(std::uint32_t original_length, std::string_view data) {
    return block(3, body().u32(original_length).text(data));
  }
  CaptureBytes& option(std::uint16_t code, const CaptureBytes& value) {
    return u16(code).u16(static_cast<std::uint16_t>(value.bytes_.size())).append(value).pad();
  }

  /// Nothing yet, in the same byte order.
  CaptureBytes body() const { return CaptureBytes(swapped_); }
  std::size_t size() const { return bytes_.size(); }
  void cut(std::size_t size) { bytes_.resize(size); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  CaptureBytes& raw(const void* from, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    if (size > 0) std::memcpy(bytes_.data() + at, from, size);
    return *this;
  }

  bool swapped_;
  std::vector<std::byte> bytes_;
};

/// Bytes in memory, given in pieces, so that records and blocks lie over the window's edges. Fails once it
/// has given `fail_at_bytes`, where that is set.
class PiecewiseSource final : public ByteSource {
 public:
  static constexpr std::size_t kNever = ~std::size_t{0};

  PiecewiseSource(std::vector<std::byte> bytes, std::size_t piece_bytes, std::size_t fail_at_bytes = kNever)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes), fail_at_bytes_(fail_at_bytes) {}

  Result<std::size_t> read(std::byte* into, std::size_t size) override {
    if (given_ >= fail_at_bytes_) return Error{"input_unreadable", "memory: the test's failure"};
    const std::size_t count = std::min({size, piece_bytes_, bytes_.size() - given_});
    std::copy_n(bytes_.data() + given_, count, into);
    given_ += count;
    return count;
  }
  double progress() const override {
    return bytes_.empty() ? 1 : static_cast<double>(given_) / static_cast<double>(bytes_.size());
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t piece_bytes_;
  std::size_t fail_at_bytes_;
  std::size_t given_ = 0;
};

}  // namespace wireglass
