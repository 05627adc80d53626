#include "traffic/link_tunnels.hpp"

#include "traffic/wire.hpp"

namespace wireglass {
namespace {

constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kServiceVlan = 0x88a8;
constexpr std::uint16_t kPppoeSession = 0x8864;
constexpr std::uint16_t kMpls = 0x8847;
constexpr std::uint16_t kNsh = 0x894f;
constexpr std::uint16_t kPbb = 0x88e7;

constexpr std::uint32_t kFirstLabel = 16;  // lower ones have meanings of their own
constexpr std::uint32_t kMaxLabel = 0xfffff;

void put_label(std::byte* at, std::uint32_t label, bool is_bottom) {
  put32(at, label << 12 | (is_bottom ? 0x100 : 0) | 64);
}

/// Labels above the bottom, as a path through a network has them.
void put_path_labels(TunnelledPacket& packet, const TunnelFields& fields) {
  const std::uint32_t count = fields.hash >> 9 & 3;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t scrambled = (fields.hash + i) * 0x9e3779b97f4a7c15U >> (fields.forward ? 40 : 36);
    put_label(packet.front(4),
              kFirstLabel + static_cast<std::uint32_t>(scrambled) % (kMaxLabel - kFirstLabel), false);
  }
}

}  // namespace

std::uint8_t wrap_qinq(TunnelledPacket& packet, const TunnelFields& fields) {
  std::byte* at = packet.front(8);
  put16(at, static_cast<std::uint16_t>(1000 + fields.tenant));
  put16(at + 2, kVlan);
  put16(at + 4, static_cast<std::uint16_t>(0x6000 | (2000 + (fields.hash >> 16 & 0x7f))));
  put16(at + 6, ethertype_of(fields.inner_ipv6));
  packet.link_ethernet(fields, kServiceVlan);
  return kWholeFrame;
}

std::uint8_t wrap_pppoe(TunnelledPacket& packet, const TunnelFields& fields) {
  put16(packet.front(2), fields.inner_ipv6 ? 0x57 : 0x21);
  const std::uint32_t ppp_bytes = packet.size();
  std::byte* at = packet.front(6);
  put16(at, 0x1100);
  put16(at + 2, static_cast<std::uint16_t>(fields.tenant));
  put16(at + 4, static_cast<std::uint16_t>(ppp_bytes));
  packet.link_ethernet(fields, kPppoeSession);
  return kWholeFrame;
}

std::uint8_t wrap_mpls_ip(TunnelledPacket& packet, const TunnelFields& fields) {
  put_label(packet.front(4), kFirstLabel + 2 * fields.tenant + (fields.forward ? 1 : 0), true);
  put_path_labels(packet, fields);
  packet.link_ethernet(fields, kMpls);
  return kWholeFrame;
}

std::uint8_t wrap_mpls_ethernet(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  put32(packet.front(4),
        static_cast<std::uint32_t>(fields.hash & 0xffff));  // control word: a sequence number
  put_label(packet.front(4), kFirstLabel + 2 * fields.tenant + (fields.forward ? 1 : 0), true);
  put_path_labels(packet, fields);
  packet.link_ethernet(fields, kMpls);
  return kWholeFrame;
}

std::uint8_t wrap_nsh(TunnelledPacket& packet, const TunnelFields& fields) {
  const bool is_ethernet = (fields.hash & 0x100) != 0;
  if (is_ethernet) {
    packet.inner_ethernet(fields);
    std::byte* context = packet.front(16);
    for (std::uint32_t at = 0; at < 16; at += 4)
      put32(context + at, static_cast<std::uint32_t>(fields.hash) + at);
  }
  std::byte* at = packet.front(8);
  const std::uint32_t next_protocol = is_ethernet ? 3 : fields.inner_ipv6 ? 2 : 1;
  put32(at, (is_ethernet ? 0x0fc60100U : 0x0fc20200U) | next_protocol);
  put32(at + 4, fields.tenant << 8 | 0xff);
  packet.link_ethernet(fields, kNsh);
  return kWholeFrame;
}

std::uint8_t wrap_pbb(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  std::byte* at = packet.front(8);
  put16(at, static_cast<std::uint16_t>(3000 + (fields.hash >> 16 & 0x7f)));
  put16(at + 2, kPbb);
  put32(at + 4, fields.tenant);
  packet.link_ethernet(fields, kServiceVlan);
  return kWholeFrame;
}

}  // namespace wireglass
