#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "pcapng/unpacker.hpp"

namespace wireglass {

/// A way of packing files that is told by the first bytes, never by a file's name.
struct Compression {
  static constexpr std::size_t kMaxMagicBytes = 4;

  std::string_view name;
  std::array<std::uint8_t, kMaxMagicBytes> magic;
  std::uint8_t magic_bytes;
  std::string_view library;  ///< and how Debian calls its headers, for who has a build without it
  std::string_view package;
  /// Null where this build lacks the library.
  std::unique_ptr<Unpacker> (*make)();

  /// Whether `start`, of any length, is as far as it goes what such a file begins with.
  bool may_begin_with(std::span<const std::byte> start) const;
  bool begins_with(std::span<const std::byte> start) const {
    return start.size() >= magic_bytes && may_begin_with(start);
  }
};

/// The formats that this program knows, built in or not.
std::span<const Compression> compressions();

// One per library; null where the build lacks it.
std::unique_ptr<Unpacker> make_gzip_unpacker();
std::unique_ptr<Unpacker> make_zstd_unpacker();
std::unique_ptr<Unpacker> make_lz4_unpacker();
std::unique_ptr<Unpacker> make_xz_unpacker();
std::unique_ptr<Unpacker> make_bzip2_unpacker();

}  // namespace wireglass
