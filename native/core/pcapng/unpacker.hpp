#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wireglass {

/// What one call made of the bytes it was given.
struct UnpackStep {
  enum class Outcome : std::uint8_t {
    kMore,       ///< wants more packed bytes or more room
    kMemberEnd,  ///< the member is whole and its check was right
    kDamaged,    ///< see damage()
  };
  Outcome outcome = Outcome::kMore;
  std::size_t consumed = 0;
  std::size_t produced = 0;
};

/// Unpacks one member (gzip), frame (zstd, lz4) or stream (xz, bzip2) after the other.
class Unpacker {
 public:
  Unpacker() = default;
  virtual ~Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  virtual UnpackStep unpack(std::span<const std::byte> packed, std::span<std::byte> into) = 0;
  /// Begins the next member; false where the library cannot, then see damage().
  virtual bool restart() = 0;
  /// The library's words for what is wrong.
  virtual std::string damage() const = 0;
};

}  // namespace wireglass
