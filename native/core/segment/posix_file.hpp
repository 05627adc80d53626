#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wireglass {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = other.release();
    }
    return *this;
  }

  bool valid() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  void reset();

 private:
  int release() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return descriptor;
  }

  int descriptor_ = -1;
};

/// "segment_unwritable" with the operation, the file and the system's reason (`error_number` as in errno).
Error disk_error(std::string_view operation, const std::string& path, int error_number);

/// Opens a file close-on-exec, new ones with mode 0640; on failure invalid with errno set.
FileDescriptor open_file(const std::string& path, int flags);

/// Writes at `offset`; returns the bytes that were written. Fewer than asked for: `error_number` says why.
std::size_t write_at(const FileDescriptor& file, std::span<const std::byte> bytes, std::uint64_t offset,
                     int& error_number);

/// Reads at `offset` up to the end of the file; -1 on failure with errno set.
ssize_t read_at(const FileDescriptor& file, std::span<std::byte> into, std::uint64_t offset);

/// Makes renames and removals in a directory last over a power failure.
Result<void> sync_directory(const std::string& directory);

/// Makes `path` hold `bytes`, whole or not at all: writes a temporary file, syncs it, renames it.
Result<void> replace_file(const std::string& path, std::span<const std::byte> bytes);

/// What a temporary file of replace_file() ends with.
inline constexpr std::string_view kTemporarySuffix = ".tmp";

}  // namespace wireglass
