#include "pcapng/compression.hpp"

#include <algorithm>

namespace wireglass {
namespace {

constexpr std::array<Compression, 5> kCompressions = {{
    {"gzip", {0x1f, 0x8b}, 2, "zlib", "zlib1g-dev", make_gzip_unpacker},                  // RFC 1952
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, "libzstd", "libzstd-dev", make_zstd_unpacker},  // RFC 8878
    {"lz4", {0x04, 0x22, 0x4d, 0x18}, 4, "liblz4", "liblz4-dev", make_lz4_unpacker},
    {"xz", {0xfd, '7', 'z', 'X'}, 4, "liblzma", "liblzma-dev", make_xz_unpacker},
    {"bzip2", {'B', 'Z', 'h'}, 3, "libbz2", "libbz2-dev", make_bzip2_unpacker},
}};

}  // namespace

bool Compression::may_begin_with(std::span<const std::byte> start) const {
  const std::size_t count = std::min<std::size_t>(start.size(), magic_bytes);
  return std::equal(
      magic.begin(), magic.begin() + count, start.begin(),
      [](std::uint8_t left, std::byte right) { return left == std::to_integer<std::uint8_t>(right); });
}

std::span<const Compression> compressions() { return kCompressions; }

}  // namespace wireglass
