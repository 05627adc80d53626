#include "pcapng/compression.hpp"

#ifdef WIREGLASS_HAVE_LZMA

#include <lzma.h>

namespace wireglass {
namespace {

// Of the dictionary and what goes with it; xz's strongest preset needs 65 MiB.
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{256} << 20;

std::string describe(lzma_ret code) {
  switch (code) {
    case LZMA_MEM_ERROR:
      return "out of memory";
    case LZMA_MEMLIMIT_ERROR:
      return "needs more than 256 MiB of memory";
    case LZMA_FORMAT_ERROR:
      return "no xz stream";
    case LZMA_OPTIONS_ERROR:
      return "options that liblzma does not know";
    case LZMA_DATA_ERROR:
      return "its data or check is wrong";
    default:
      return "liblzma error " + std::to_string(static_cast<int>(code));
  }
}

class XzUnpacker final : public Unpacker {
 public:
  XzUnpacker() : code_(lzma_stream_decoder(&stream_, kMaxMemoryBytes, 0)) {}
  ~XzUnpacker() override { lzma_end(&stream_); }

  UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream_.avail_in = packed.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(into.data());
    stream_.avail_out = into.size();
    // LZMA_BUF_ERROR: nothing could be done with what there was; not fatal.
    if (code_ == LZMA_OK || code_ == LZMA_BUF_ERROR) code_ = lzma_code(&stream_, LZMA_RUN);
    UnpackStep step{UnpackStep::Outcome::kMore, packed.size() - stream_.avail_in,
                    into.size() - stream_.avail_out};
    if (code_ == LZMA_STREAM_END) {
      step.outcome = UnpackStep::Outcome::kMemberEnd;
    } else if (code_ != LZMA_OK && code_ != LZMA_BUF_ERROR) {
      step.outcome = UnpackStep::Outcome::kDamaged;
    }
    return step;
  }
  bool restart() override {
    code_ = lzma_stream_decoder(&stream_, kMaxMemoryBytes, 0);
    return code_ == LZMA_OK;
  }
  std::string damage() const override { return describe(code_); }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  lzma_ret code_;
};

}  // namespace

std::unique_ptr<Unpacker> make_xz_unpacker() { return std::make_unique<XzUnpacker>(); }

}  // namespace wireglass

#else

namespace wireglass {

std::unique_ptr<Unpacker> make_xz_unpacker() { return nullptr; }

}  // namespace wireglass

#endif
