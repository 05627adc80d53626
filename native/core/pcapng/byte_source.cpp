#include "pcapng/byte_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "pcapng/compression.hpp"
#include "pcapng/unpacking_source.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kPeekBytes = Compression::kMaxMagicBytes;

Error unreadable(const std::string& file_name, const char* operation, int error_number) {
  return {"input_unreadable", file_name + ": " + operation + ": " + std::strerror(error_number)};
}

/// A file descriptor whose first bytes can be looked at before they are read.
class DescriptorSource final : public ByteSource {
 public:
  DescriptorSource(int descriptor, bool owned, std::string file_name)
      : descriptor_(descriptor), owned_(owned), file_name_(std::move(file_name)) {
    struct stat status{};
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
      regular_ = true;
      size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
  }
  ~DescriptorSource() override {
    if (owned_) close(descriptor_);
  }
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;

  /// How the input is packed; null where it is not. Reads no further than that takes, since a pipe may give
  /// its first bytes long before others.
  Result<const Compression*> compression() {
    const auto may_begin = [this](const Compression& one) {
      return one.may_begin_with({peek_.data(), peeked_});
    };
    const auto begins = [this](const Compression& one) { return one.begins_with({peek_.data(), peeked_}); };
    while (std::ranges::any_of(compressions(), may_begin)) {
      const auto found = std::ranges::find_if(compressions(), begins);
      if (found != compressions().end()) return &*found;
      const auto got = read_descriptor(peek_.data() + peeked_, kPeekBytes - peeked_);
      if (!got.ok()) return got.error();
      if (got.value() == 0) break;
      peeked_ += got.value();
    }
    return nullptr;
  }

  Result<std::size_t> read(std::byte* into, std::size_t size) override {
    if (peek_taken_ < peeked_) {
      const std::size_t count = std::min(size, peeked_ - peek_taken_);
      std::copy_n(peek_.data() + peek_taken_, count, into);
      peek_taken_ += count;
      return count;
    }
    return read_descriptor(into, size);
  }

  double progress() const override {
    if (!regular_) return -1;
    if (size_bytes_ == 0) return 1;
    return std::min(1.0, static_cast<double>(read_bytes_) / static_cast<double>(size_bytes_));
  }

  bool wait_readable(int timeout_ms) override {
    if (regular_ || peek_taken_ < peeked_) return true;
    pollfd waiting{descriptor_, POLLIN, 0};
    return poll(&waiting, 1, timeout_ms) != 0;
  }

 private:
  Result<std::size_t> read_descriptor(std::byte* into, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, into, size);
      if (got >= 0) {
        read_bytes_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR) return unreadable(file_name_, "cannot be read", errno);
    }
  }

  int descriptor_;
  bool owned_;
  std::string file_name_;
  bool regular_ = false;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
  std::array<std::byte, kPeekBytes> peek_{};
  std::size_t peeked_ = 0;
  std::size_t peek_taken_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path) {
  const bool is_standard_input = path == "-";
  const std::string file_name = is_standard_input ? "standard input" : path;
  const int descriptor = is_standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(file_name, "cannot be opened", errno);
  auto source = std::make_unique<DescriptorSource>(descriptor, !is_standard_input, file_name);
  const auto compression = source->compression();
  if (!compression.ok()) return compression.error();
  if (compression.value() != nullptr) {
    return make_unpacking_source(std::move(source), file_name, *compression.value());
  }
  return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace wireglass
