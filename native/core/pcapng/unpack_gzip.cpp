#include "pcapng/compression.hpp"

#ifdef WIREGLASS_HAVE_ZLIB

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace wireglass {
namespace {

// zlib's own encoding of "largest window, gzip wrapper demanded".
constexpr int kGzipWindowBits = MAX_WBITS + 16;

uInt length_of(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() : code_(inflateInit2(&stream_, kGzipWindowBits)) {}
  ~GzipUnpacker() override { inflateEnd(&stream_); }

  UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream_.avail_in = length_of(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = length_of(into.size());
    const uInt offered = stream_.avail_in;
    const uInt room = stream_.avail_out;
    if (code_ == Z_OK || code_ == Z_BUF_ERROR) code_ = inflate(&stream_, Z_NO_FLUSH);
    UnpackStep step{UnpackStep::Outcome::kMore, offered - stream_.avail_in, room - stream_.avail_out};
    if (code_ == Z_STREAM_END) {
      step.outcome = UnpackStep::Outcome::kMemberEnd;
    } else if (code_ != Z_OK && code_ != Z_BUF_ERROR) {
      step.outcome = UnpackStep::Outcome::kDamaged;
    }
    return step;
  }
  bool restart() override {
    code_ = inflateReset(&stream_);
    return code_ == Z_OK;
  }
  std::string damage() const override { return stream_.msg != nullptr ? stream_.msg : zError(code_); }

 private:
  z_stream stream_{};
  int code_;
};

}  // namespace

std::unique_ptr<Unpacker> make_gzip_unpacker() { return std::make_unique<GzipUnpacker>(); }

}  // namespace wireglass

#else

namespace wireglass {

std::unique_ptr<Unpacker> make_gzip_unpacker() { return nullptr; }

}  // namespace wireglass

#endif
