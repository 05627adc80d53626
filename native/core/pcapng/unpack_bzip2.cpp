#include "pcapng/compression.hpp"

#ifdef WIREGLASS_HAVE_BZIP2

#include <bzlib.h>

#include <algorithm>
#include <limits>

namespace wireglass {
namespace {

unsigned length_of(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

std::string describe(int code) {
  switch (code) {
    case BZ_DATA_ERROR:
      return "its data or check is wrong";
    case BZ_DATA_ERROR_MAGIC:
      return "no bzip2 stream";
    case BZ_MEM_ERROR:
      return "out of memory";
    default:
      return "libbz2 error " + std::to_string(code);
  }
}

class Bzip2Unpacker final : public Unpacker {
 public:
  Bzip2Unpacker() : code_(BZ2_bzDecompressInit(&stream_, 0, 0)) {}
  ~Bzip2Unpacker() override { BZ2_bzDecompressEnd(&stream_); }

  UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) override {
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(packed.data()));
    stream_.avail_in = length_of(packed.size());
    stream_.next_out = reinterpret_cast<char*>(into.data());
    stream_.avail_out = length_of(into.size());
    const unsigned offered = stream_.avail_in;
    const unsigned room = stream_.avail_out;
    if (code_ == BZ_OK) code_ = BZ2_bzDecompress(&stream_);
    UnpackStep step{UnpackStep::Outcome::kMore, offered - stream_.avail_in, room - stream_.avail_out};
    if (code_ == BZ_STREAM_END) {
      step.outcome = UnpackStep::Outcome::kMemberEnd;
    } else if (code_ != BZ_OK) {
      step.outcome = UnpackStep::Outcome::kDamaged;
    }
    return step;
  }
  bool restart() override {
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    code_ = BZ2_bzDecompressInit(&stream_, 0, 0);
    return code_ == BZ_OK;
  }
  std::string damage() const override { return describe(code_); }

 private:
  bz_stream stream_{};
  int code_;
};

}  // namespace

std::unique_ptr<Unpacker> make_bzip2_unpacker() { return std::make_unique<Bzip2Unpacker>(); }

}  // namespace wireglass

#else

namespace wireglass {

std::unique_ptr<Unpacker> make_bzip2_unpacker() { return nullptr; }

}  // namespace wireglass

#endif
