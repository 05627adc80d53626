#include "pcapng/compression.hpp"

#ifdef WIREGLASS_HAVE_ZSTD

#include <zstd.h>

namespace wireglass {
namespace {

// A frame that wants more memory than this for its window is refused (zstd's own default, 128 MiB).
constexpr int kMaxWindowLog = 27;

class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) code_ = ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdUnpacker() override { ZSTD_freeDStream(stream_); }

  UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) override {
    if (stream_ == nullptr || ZSTD_isError(code_) != 0) return {UnpackStep::Outcome::kDamaged, 0, 0};
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    code_ = ZSTD_decompressStream(stream_, &out, &in);
    UnpackStep step{UnpackStep::Outcome::kMore, in.pos, out.pos};
    if (code_ == 0) step.outcome = UnpackStep::Outcome::kMemberEnd;
    if (ZSTD_isError(code_) != 0) step.outcome = UnpackStep::Outcome::kDamaged;
    return step;
  }
  bool restart() override { return true; }  // a stream takes one frame after the other
  std::string damage() const override {
    return stream_ == nullptr ? "out of memory" : ZSTD_getErrorName(code_);
  }

 private:
  ZSTD_DStream* stream_;
  std::size_t code_ = 0;
};

}  // namespace

std::unique_ptr<Unpacker> make_zstd_unpacker() { return std::make_unique<ZstdUnpacker>(); }

}  // namespace wireglass

#else

namespace wireglass {

std::unique_ptr<Unpacker> make_zstd_unpacker() { return nullptr; }

}  // namespace wireglass

#endif
