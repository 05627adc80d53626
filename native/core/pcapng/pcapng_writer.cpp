#include "pcapng/pcapng_writer.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

using Buffer = PcapngWriter::Buffer;
using Format = PcapngFormat;

constexpr std::array<std::byte, 4> kPadding{};

void put_bytes(Buffer& out, const std::byte* bytes, std::size_t size) {
  if (size != 0) out.insert(out.end(), bytes, bytes + size);
}

template <class Number>
void put(Buffer& out, Number value) {
  std::array<std::byte, sizeof(Number)> bytes;
  store_little_endian(bytes.data(), value);
  put_bytes(out, bytes.data(), bytes.size());
}

void put_padding(Buffer& out, std::uint32_t length) {
  put_bytes(out, kPadding.data(), Format::padded(length) - length);
}

void put_option(Buffer& out, std::uint16_t code, const void* value, std::uint16_t length) {
  put<std::uint16_t>(out, code);
  put<std::uint16_t>(out, length);
  put_bytes(out, static_cast<const std::byte*>(value), length);
  put_padding(out, length);
}

void put_text_option(Buffer& out, std::uint16_t code, std::string_view text) {
  const std::size_t length = std::min(text.size(), PcapngWriter::kMaxTextBytes);
  if (length != 0) put_option(out, code, text.data(), static_cast<std::uint16_t>(length));
}

void put_option_end(Buffer& out) { put<std::uint32_t>(out, Format::kOptionEnd); }

/// Time stamps stand as two halves, the upper one first, whatever the byte order (section 4.3).
void put_time(Buffer& out, TimeNs time_ns) {
  const auto ticks = static_cast<std::uint64_t>(time_ns);
  put(out, static_cast<std::uint32_t>(ticks >> 32));
  put(out, static_cast<std::uint32_t>(ticks));
}

std::size_t begin_block(Buffer& out, std::uint32_t type) {
  const std::size_t start = out.size();
  put(out, type);
  put<std::uint32_t>(out, 0);
  return start;
}

void end_block(Buffer& out, std::size_t start) {
  const auto length = static_cast<std::uint32_t>(out.size() - start + sizeof(std::uint32_t));
  store_little_endian(out.data() + start + 4, length);
  put(out, length);
}

}  // namespace

void PcapngWriter::section_header(Buffer& out, std::string_view application) {
  const std::size_t start = begin_block(out, Format::kSectionHeader);
  put(out, Format::kByteOrderMagic);
  put<std::uint16_t>(out, 1);
  put<std::uint16_t>(out, 0);
  put(out, std::numeric_limits<std::uint64_t>::max());  // section length: not specified
  put_text_option(out, Format::kSectionUserApplication, application);
  put_option_end(out);
  end_block(out, start);
}

void PcapngWriter::interface_description(Buffer& out, const InterfaceInfo& interface) {
  const std::size_t start = begin_block(out, Format::kInterfaceDescription);
  put(out, static_cast<std::uint16_t>(interface.link_type));
  put<std::uint16_t>(out, 0);
  put(out, interface.snaplen);
  put_text_option(out, Format::kInterfaceName, interface.name);
  put_option(out, Format::kInterfaceTimeResolution, &Format::kNanoseconds, 1);
  put_option_end(out);
  end_block(out, start);
}

void PcapngWriter::enhanced_packet(Buffer& out, std::uint32_t interface_index, const PacketView& packet,
                                   std::span<const std::byte> options) {
  const std::uint32_t length =
      enhanced_packet_bytes(packet.captured_length) + static_cast<std::uint32_t>(options.size());
  const auto ticks = static_cast<std::uint64_t>(packet.timestamp_ns);
  std::array<std::byte, Format::kEnhancedPacketHead> head;
  store_little_endian(head.data(), Format::kEnhancedPacket);
  store_little_endian(head.data() + 4, length);
  store_little_endian(head.data() + 8, interface_index);
  store_little_endian(head.data() + 12, static_cast<std::uint32_t>(ticks >> 32));
  store_little_endian(head.data() + 16, static_cast<std::uint32_t>(ticks));
  store_little_endian(head.data() + 20, packet.captured_length);
  store_little_endian(head.data() + 24, packet.original_length);
  put_bytes(out, head.data(), head.size());
  put_bytes(out, packet.data, packet.captured_length);
  put_padding(out, packet.captured_length);
  put_bytes(out, options.data(), options.size());
  put(out, length);
}

void PcapngWriter::interface_statistics(Buffer& out, std::uint32_t interface_index, TimeNs now,
                                        std::optional<std::uint64_t> received,
                                        std::optional<std::uint64_t> dropped) {
  const std::size_t start = begin_block(out, Format::kInterfaceStatistics);
  put(out, interface_index);
  put_time(out, now);
  if (received) put_option(out, Format::kStatisticsReceived, &*received, sizeof(*received));
  if (dropped) put_option(out, Format::kStatisticsDropped, &*dropped, sizeof(*dropped));
  put_option_end(out);
  end_block(out, start);
}

void PcapngWriter::filter_statistics(Buffer& out, std::uint32_t interface_index, TimeNs now,
                                     std::uint64_t accepted) {
  const std::size_t start = begin_block(out, Format::kInterfaceStatistics);
  put(out, interface_index);
  put_time(out, now);
  put_option(out, Format::kStatisticsFilterAccepted, &accepted, sizeof(accepted));
  put_option_end(out);
  end_block(out, start);
}

void PcapWriter::file_header(Buffer& out, LinkType link_type, std::uint32_t snaplen, Resolution resolution) {
  put<std::uint32_t>(out, resolution == Resolution::kNanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
  put<std::uint16_t>(out, 2);
  put<std::uint16_t>(out, 4);
  put<std::uint64_t>(out, 0);  // time zone and accuracy: always 0
  put(out, snaplen);
  put(out, static_cast<std::uint32_t>(link_type));
}

void PcapWriter::packet(Buffer& out, const PacketView& packet, Resolution resolution) {
  constexpr TimeNs kLastSecond = std::numeric_limits<std::uint32_t>::max();
  const TimeNs time_ns = std::clamp<TimeNs>(packet.timestamp_ns, 0, kLastSecond * kSecondNs);
  const std::uint32_t captured_length = std::min(packet.captured_length, kMaxPacketBytes);
  put(out, static_cast<std::uint32_t>(time_ns / kSecondNs));
  put(out, static_cast<std::uint32_t>(time_ns % kSecondNs /
                                      (resolution == Resolution::kNanoseconds ? 1 : kMicrosecondNs)));
  put(out, captured_length);
  put(out, packet.original_length);
  put_bytes(out, packet.data, captured_length);
}

}  // namespace wireglass
