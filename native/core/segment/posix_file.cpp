#include "segment/posix_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wireglass {
namespace {

constexpr mode_t kFileMode = 0640;

}  // namespace

void FileDescriptor::reset() {
  if (const int descriptor = release(); descriptor >= 0) close(descriptor);
}

Error disk_error(std::string_view operation, const std::string& path, int error_number) {
  return {"segment_unwritable", "cannot " + std::string(operation) + " " + path + ": " +
                                    std::generic_category().message(error_number)};
}

FileDescriptor open_file(const std::string& path, int flags) {
  return FileDescriptor(open(path.c_str(), flags | O_CLOEXEC, kFileMode));
}

std::size_t write_at(const FileDescriptor& file, std::span<const std::byte> bytes, std::uint64_t offset,
                     int& error_number) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t part = pwrite(file.get(), bytes.data() + written, bytes.size() - written,
                                static_cast<off_t>(offset + written));
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) {
      error_number = part < 0 ? errno : ENOSPC;
      break;
    }
    written += static_cast<std::size_t>(part);
  }
  return written;
}

ssize_t read_at(const FileDescriptor& file, std::span<std::byte> into, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t part =
        pread(file.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return -1;
    if (part == 0) break;
    done += static_cast<std::size_t>(part);
  }
  return static_cast<ssize_t>(done);
}

Result<void> sync_directory(const std::string& directory) {
  const FileDescriptor handle = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (!handle.valid() || fsync(handle.get()) != 0) return disk_error("sync", directory, errno);
  return {};
}

Result<void> replace_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = path + std::string(kTemporarySuffix);
  int error_number = 0;
  {
    const FileDescriptor file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.valid()) return disk_error("create", temporary, errno);
    if (write_at(file, bytes, 0, error_number) == bytes.size() && fsync(file.get()) != 0)
      error_number = errno;
  }
  if (error_number == 0 && rename(temporary.c_str(), path.c_str()) != 0) error_number = errno;
  if (error_number != 0) {
    unlink(temporary.c_str());
    return disk_error("write", path, error_number);
  }
  return {};
}

}  // namespace wireglass
