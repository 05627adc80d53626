#include "pcapng/unpacking_source.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace wireglass {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{128} << 10;

class UnpackingSource final : public ByteSource {
 public:
  UnpackingSource(std::unique_ptr<ByteSource> packed, const std::string& file_name,
                  const Compression& compression, std::unique_ptr<Unpacker> unpacker)
      : packed_(std::move(packed)),
        file_name_(file_name),
        compression_(compression),
        unpacker_(std::move(unpacker)),
        buffer_(std::make_unique<Buffer>()) {}

  Result<std::size_t> read(std::byte* into, std::size_t size) override;
  double progress() const override { return packed_->progress(); }
  bool wait_readable(int timeout_ms) override {
    return !rest().empty() || may_hold_output_ || ended_ || packed_->wait_readable(timeout_ms);
  }

 private:
  using Buffer = std::array<std::byte, kPackedBytes>;

  std::span<const std::byte> rest() const { return {buffer_->data() + begin_, end_ - begin_}; }
  /// Keeps what is left and reads more behind it; 0 bytes at the end of the packed input.
  Result<std::size_t> fill();
  Result<void> start_next_member();
  Error damage(const std::string& what) const {
    return {"input_unreadable", file_name_ + ": " + std::string(compression_.name) + ", packed byte " +
                                    std::to_string(packed_read_ - rest().size()) + ": " + what};
  }

  std::unique_ptr<ByteSource> packed_;
  std::string file_name_;
  const Compression& compression_;
  std::unique_ptr<Unpacker> unpacker_;
  std::unique_ptr<Buffer> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t packed_read_ = 0;
  bool may_hold_output_ = false;  ///< the last call filled its room, so that the library may have more
  bool member_ended_ = false;
  bool ended_ = false;
};

Result<std::size_t> UnpackingSource::fill() {
  std::memmove(buffer_->data(), buffer_->data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  auto read = packed_->read(buffer_->data() + end_, kPackedBytes - end_);
  if (!read.ok()) return read;
  end_ += read.value();
  packed_read_ += read.value();
  return read;
}

Result<void> UnpackingSource::start_next_member() {
  while (rest().size() < compression_.magic_bytes) {
    const auto filled = fill();
    if (!filled.ok()) return filled.error();
    if (filled.value() == 0) break;
  }
  if (!compression_.begins_with(rest())) {
    ended_ = true;
    return {};
  }
  member_ended_ = false;
  if (!unpacker_->restart()) return damage("the next member cannot be started: " + unpacker_->damage());
  return {};
}

Result<std::size_t> UnpackingSource::read(std::byte* into, std::size_t size) {
  std::size_t produced = 0;
  while (!ended_ && produced == 0) {
    if (member_ended_) {
      if (const auto started = start_next_member(); !started.ok()) return started.error();
      continue;
    }
    if (rest().empty() && !may_hold_output_) {
      const auto filled = fill();
      if (!filled.ok()) return filled.error();
      if (filled.value() == 0) {
        return damage("the stream breaks off here, expected the rest of a " + std::string(compression_.name) +
                      " member");
      }
    }
    const UnpackStep step = unpacker_->unpack(rest(), {into, size});
    begin_ += step.consumed;
    produced = step.produced;
    may_hold_output_ = produced == size;
    member_ended_ = step.outcome == UnpackStep::Outcome::kMemberEnd;
    if (member_ended_) may_hold_output_ = false;
    if (step.outcome == UnpackStep::Outcome::kDamaged && produced == 0) {
      return damage("damaged: " + unpacker_->damage());
    }
  }
  return produced;
}

}  // namespace

Result<std::unique_ptr<ByteSource>> make_unpacking_source(std::unique_ptr<ByteSource> packed,
                                                          const std::string& file_name,
                                                          const Compression& compression) {
  std::unique_ptr<Unpacker> unpacker = compression.make();
  if (unpacker == nullptr) {
    const std::string name(compression.name);
    const std::string library(compression.library);
    return Error{"compression_unsupported", file_name + ": is " + name + ", and this build has no " +
                                                library + "; unpack it first, or build with " + library +
                                                " (Debian: " + std::string(compression.package) + ")"};
  }
  return std::unique_ptr<ByteSource>(
      std::make_unique<UnpackingSource>(std::move(packed), file_name, compression, std::move(unpacker)));
}

}  // namespace wireglass
