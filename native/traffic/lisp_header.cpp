#include "traffic/lisp_header.hpp"

#include "traffic/wire.hpp"

namespace wireglass {

LispVariant lisp_variant(std::uint32_t index) {
  const std::uint32_t first_word = index & 3U;
  LispVariant variant;
  variant.nonce = first_word == 1 || first_word == 2;
  variant.echo_nonce = first_word == 2;
  variant.map_version = first_word == 3;
  variant.lsb = (index & 4U) != 0;
  variant.instance = (index & 8U) != 0;
  return variant;
}

void put_lisp(std::byte* at, const LispHeader& header) {
  const LispVariant& variant = header.variant;
  const std::uint32_t flags = (variant.nonce ? 0x80U : 0) | (variant.lsb ? 0x40U : 0) |
                              (variant.echo_nonce ? 0x20U : 0) | (variant.map_version ? 0x10U : 0) |
                              (variant.instance ? 0x08U : 0);
  std::uint32_t first_word = 0;
  if (variant.nonce) first_word = header.nonce;
  if (variant.map_version)
    first_word = static_cast<std::uint32_t>(header.src_version) << 12 | header.dst_version;
  put32(at, flags << 24 | first_word);
  const std::uint32_t lsb = variant.lsb ? header.lsb : 0;
  put32(at + 4, variant.instance ? header.instance_id << 8 | (lsb & 0xffU) : lsb);
}

}  // namespace wireglass
