#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace wireglass {

/// A source of bytes: a file, standard input, a packed stream in either.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads up to `size` bytes, at least one unless the input is at its end; 0 at the end; an error with code
  /// "input_unreadable".
  virtual Result<std::size_t> read(std::byte* into, std::size_t size) = 0;
  /// Part of the input consumed, 0 to 1; negative where unknown.
  virtual double progress() const = 0;
  /// Waits until read() has something to say (bytes, the end, an error), at most `timeout_ms`; false when
  /// nothing came.
  virtual bool wait_readable(int timeout_ms) {
    (void)timeout_ms;
    return true;
  }
};

/// Opens a path ("-" is standard input) and unpacks gzip, zstd, lz4, xz and bzip2 by their magic bytes.
/// Errors: "input_unreadable", "compression_unsupported" (built without the library).
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

}  // namespace wireglass
