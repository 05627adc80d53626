#include "pcapng/pcap_parser.hpp"

#include <array>

namespace wireglass {
namespace {

struct Variant {
  std::uint32_t magic;
  TimeNs fraction_ns;
  std::size_t record_header_bytes;
};

constexpr std::size_t kRecordHeaderBytes = 16;
// Time stamp, lengths, then interface index, protocol and packet type, as Alexey Kuznetzov's patched libpcap
// wrote it.
constexpr std::size_t kModifiedRecordHeaderBytes = 24;

constexpr std::array<Variant, 3> kVariants = {{
    {0xa1b2c3d4, kMicrosecondNs, kRecordHeaderBytes},
    {0xa1b23c4d, 1, kRecordHeaderBytes},
    {0xa1b2cd34, kMicrosecondNs, kModifiedRecordHeaderBytes},
}};

constexpr std::uint16_t kVersionMajor = 2;
// Up to 2.2 the original length came first; in 2.3 it depends on the program that wrote the file.
constexpr std::uint16_t kFirstUnsureMinor = 3;

struct Recognised {
  const Variant* variant = nullptr;
  bool swapped = false;
};

Recognised recognise(const std::byte* magic_bytes) {
  const std::uint32_t magic = FileByteOrder(false).u32(magic_bytes);
  for (const Variant& variant : kVariants) {
    if (magic == variant.magic) return {&variant, false};
    if (magic == __builtin_bswap32(variant.magic)) return {&variant, true};
  }
  return {};
}

}  // namespace

bool PcapParser::knows(const std::byte* magic) { return recognise(magic).variant != nullptr; }

Result<PcapParser> PcapParser::from_file_header(const std::byte* header) {
  const Recognised recognised = recognise(header);
  const FileByteOrder order(recognised.swapped);
  const std::uint16_t major = order.u16(header + 4);
  const std::uint16_t minor = order.u16(header + 6);
  if (recognised.variant == nullptr || major != kVersionMajor) {
    return Error{"capture_file_damaged", "byte 4: expected pcap version 2.x, found " + std::to_string(major) +
                                             "." + std::to_string(minor)};
  }
  PcapParser parser;
  parser.order_ = order;
  parser.fraction_ns_ = recognised.variant->fraction_ns;
  parser.record_header_bytes_ = recognised.variant->record_header_bytes;
  const bool original_first = minor < kFirstUnsureMinor;
  parser.captured_at_ = original_first ? 12 : 8;
  parser.original_at_ = original_first ? 8 : 12;
  parser.lengths_may_be_swapped_ = minor == kFirstUnsureMinor;
  parser.snaplen_ = order.u32(header + 16);
  // The upper half holds the length of the frame check sequence and reserved bits.
  parser.link_type_ = link_type_from_file(static_cast<std::uint16_t>(order.u32(header + 20) & 0xffff));
  return parser;
}

RecordStep PcapParser::too_long(std::uint32_t captured) {
  damage_ = "expected a captured length of at most " + std::to_string(kMaxRecordBytes) + " bytes, found " +
            std::to_string(captured);
  return {RecordStep::Outcome::kDamaged, captured_at_};
}

}  // namespace wireglass
