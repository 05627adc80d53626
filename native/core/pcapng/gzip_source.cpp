#include "pcapng/gzip_source.hpp"

#ifdef WIREGLASS_HAVE_ZLIB

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace wireglass {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{128} << 10;
constexpr std::size_t kMagicBytes = 2;
constexpr std::byte kMagic0{0x1f};
constexpr std::byte kMagic1{0x8b};
// zlib's own encoding of "largest window, gzip wrapper demanded".
constexpr int kGzipWindowBits = MAX_WBITS + 16;

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> packed, std::string file_name)
      : packed_(std::move(packed)), file_name_(std::move(file_name)), buffer_(std::make_unique<Buffer>()) {
    if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) failed_ = true;
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(std::byte* into, std::size_t size) override;
  double progress() const override { return packed_->progress(); }
  bool wait_readable(int timeout_ms) override {
    return stream_.avail_in > 0 || ended_ || failed_ || packed_->wait_readable(timeout_ms);
  }

 private:
  using Buffer = std::array<std::byte, kPackedBytes>;

  /// Keeps what is left and reads more behind it; 0 bytes at the end of the packed input.
  Result<std::size_t> fill();
  Result<void> start_next_member();
  Error damage(const std::string& what) const {
    return {"input_unreadable",
            file_name_ + ": gzip, packed byte " + std::to_string(packed_offset()) + ": " + what};
  }
  std::uint64_t packed_offset() const { return packed_read_ - stream_.avail_in; }

  std::unique_ptr<ByteSource> packed_;
  std::string file_name_;
  std::unique_ptr<Buffer> buffer_;
  z_stream stream_{};
  std::uint64_t packed_read_ = 0;
  bool member_ended_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

Result<std::size_t> GzipSource::fill() {
  auto* start = reinterpret_cast<Bytef*>(buffer_->data());
  std::copy_n(stream_.next_in, stream_.avail_in, start);
  stream_.next_in = start;
  auto read = packed_->read(buffer_->data() + stream_.avail_in, kPackedBytes - stream_.avail_in);
  if (!read.ok()) return read;
  stream_.avail_in += static_cast<uInt>(read.value());
  packed_read_ += read.value();
  return read;
}

Result<void> GzipSource::start_next_member() {
  while (stream_.avail_in < kMagicBytes) {
    const auto filled = fill();
    if (!filled.ok()) return filled.error();
    if (filled.value() == 0) break;
  }
  const auto* next = reinterpret_cast<const std::byte*>(stream_.next_in);
  if (stream_.avail_in < kMagicBytes || next[0] != kMagic0 || next[1] != kMagic1) {
    ended_ = true;
    return {};
  }
  member_ended_ = false;
  if (inflateReset(&stream_) != Z_OK) return damage("zlib cannot start the next member");
  return {};
}

Result<std::size_t> GzipSource::read(std::byte* into, std::size_t size) {
  if (failed_) return damage("zlib could not be initialised");
  const auto wanted = static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  stream_.next_out = reinterpret_cast<Bytef*>(into);
  stream_.avail_out = wanted;
  while (!ended_ && stream_.avail_out == wanted) {
    if (member_ended_) {
      if (const auto started = start_next_member(); !started.ok()) return started.error();
      continue;
    }
    if (stream_.avail_in == 0) {
      const auto filled = fill();
      if (!filled.ok()) return filled.error();
      if (filled.value() == 0)
        return damage("the stream breaks off here, expected the rest of a gzip member");
    }
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      member_ended_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return damage(std::string("damaged: ") + (stream_.msg != nullptr ? stream_.msg : zError(code)));
    }
  }
  return static_cast<std::size_t>(wanted - stream_.avail_out);
}

}  // namespace

Result<std::unique_ptr<ByteSource>> make_gzip_source(std::unique_ptr<ByteSource> packed,
                                                     const std::string& file_name) {
  return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(packed), file_name));
}

}  // namespace wireglass

#else

namespace wireglass {

Result<std::unique_ptr<ByteSource>> make_gzip_source(std::unique_ptr<ByteSource>,
                                                     const std::string& file_name) {
  return Error{"gzip_unsupported",
               file_name +
                   ": is gzip, and this build has no zlib; unpack it first, or build with zlib "
                   "(Debian: zlib1g-dev)"};
}

}  // namespace wireglass

#endif
