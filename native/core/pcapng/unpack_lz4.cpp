#include "pcapng/compression.hpp"

#ifdef WIREGLASS_HAVE_LZ4

#include <lz4frame.h>

namespace wireglass {
namespace {

class Lz4Unpacker final : public Unpacker {
 public:
  Lz4Unpacker() : code_(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) {}
  ~Lz4Unpacker() override { LZ4F_freeDecompressionContext(context_); }

  UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) override {
    if (LZ4F_isError(code_) != 0) return {UnpackStep::Outcome::kDamaged, 0, 0};
    std::size_t consumed = packed.size();
    std::size_t produced = into.size();
    code_ = LZ4F_decompress(context_, into.data(), &produced, packed.data(), &consumed, nullptr);
    if (LZ4F_isError(code_) != 0) return {UnpackStep::Outcome::kDamaged, 0, 0};
    return {code_ == 0 ? UnpackStep::Outcome::kMemberEnd : UnpackStep::Outcome::kMore, consumed, produced};
  }
  bool restart() override { return true; }  // a context takes one frame after the other
  std::string damage() const override { return LZ4F_getErrorName(code_); }

 private:
  LZ4F_dctx* context_ = nullptr;
  std::size_t code_;
};

}  // namespace

std::unique_ptr<Unpacker> make_lz4_unpacker() { return std::make_unique<Lz4Unpacker>(); }

}  // namespace wireglass

#else

namespace wireglass {

std::unique_ptr<Unpacker> make_lz4_unpacker() { return nullptr; }

}  // namespace wireglass

#endif
