#include "traffic/tunnels.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "traffic/headers.hpp"
#include "traffic/random.hpp"
#include "traffic/tunnel_headers.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kTenants = 60;
constexpr std::uint16_t kServiceVlan = 0x88a8;

std::uint64_t read_bytes(const std::byte* at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(at[i]);
  return value;
}

/// An endpoint of the inner packet, for hashing and order.
std::uint64_t endpoint(const std::byte* address, std::size_t address_bytes, const std::byte* port) {
  std::uint64_t hash = port == nullptr ? 0 : read_bytes(port, 2);
  for (std::size_t at = 0; at < address_bytes; at += 4) hash = mix_bits(hash ^ read_bytes(address + at, 4));
  return hash;
}

/// What the ordinary generator made, as the tunnels need it.
struct InnerPacket {
  const std::byte* ip = nullptr;
  std::uint32_t bytes = 0;
  std::uint64_t src = 0;
  std::uint64_t dst = 0;
  bool ipv6 = false;
};

InnerPacket inner_of(const PacketView& frame) {
  InnerPacket inner;
  inner.ip = frame.data + kEthernetHeaderBytes;
  inner.ipv6 = std::to_integer<unsigned>(inner.ip[0]) >> 4 == 6;
  const std::size_t header_bytes = inner.ipv6 ? kIpv6HeaderBytes : kIpv4HeaderBytes;
  const auto told = static_cast<std::uint32_t>(read_bytes(inner.ip + (inner.ipv6 ? 4 : 2), 2));
  inner.bytes = inner.ipv6 ? kIpv6HeaderBytes + told : told;
  const auto protocol = std::to_integer<std::uint8_t>(inner.ip[inner.ipv6 ? 6 : 9]);
  const bool has_ports = protocol == kProtocolTcp || protocol == kProtocolUdp;
  const std::size_t address_bytes = inner.ipv6 ? 16 : 4;
  const std::byte* addresses = inner.ip + (inner.ipv6 ? 8 : 12);
  const std::byte* ports = has_ports ? inner.ip + header_bytes : nullptr;
  inner.src = endpoint(addresses, address_bytes, ports);
  inner.dst = endpoint(addresses + address_bytes, address_bytes, ports == nullptr ? nullptr : ports + 2);
  return inner;
}

TunnelFields fields_of(const InnerPacket& inner, std::uint64_t seed) {
  TunnelFields fields;
  fields.hash = mix_bits(mix_bits(inner.src + inner.dst) ^ mix_bits(seed));
  fields.tenant = 1 + static_cast<std::uint32_t>((fields.hash >> 8) % kTenants);
  fields.forward = inner.src <= inner.dst;
  fields.inner_ipv6 = inner.ipv6;
  fields.outer_ipv6 = (fields.hash & 0x30) == 0;
  return fields;
}

const TunnelKind& kind_of(const TunnelFields& fields) {
  const auto kinds = tunnel_kinds();
  std::size_t at = (fields.hash >> 48) % kinds.size();
  while (kinds[at].only_ipv6 && !fields.inner_ipv6) at = (at + 1) % kinds.size();
  return kinds[at];
}

}  // namespace

TunnelGenerator::TunnelGenerator(const TrafficProfile& profile, std::unique_ptr<TrafficGenerator> ordinary)
    : seed_(profile.seed), snaplen_(profile.snaplen), ordinary_(std::move(ordinary)) {}

bool TunnelGenerator::next(PacketView& packet) {
  const TrafficLedger before = ordinary_->ledger();
  PacketView plain;
  if (!ordinary_->next(plain)) return false;
  const InnerPacket inner = inner_of(plain);
  TunnelFields fields = fields_of(inner, seed_);
  const TunnelKind& kind = kind_of(fields);
  fields.outer_ipv6 |= kind.only_over_ipv6;
  std::uint8_t protocol = kWholeFrame;
  packet = plain;
  if (kind.wrap != nullptr) {
    std::memcpy(frame_.data() + kHeadroom, inner.ip, inner.bytes);
    TunnelledPacket tunnelled(frame_.data() + kHeadroom, inner.bytes);
    protocol = kind.wrap(tunnelled, fields);
    if (protocol == kProtocolUdp) {
      const IpAddress low = std::min(tunnel_source(fields), tunnel_destination(fields));
      const IpAddress high = std::max(tunnel_source(fields), tunnel_destination(fields));
      const std::uint64_t src_port = read_bytes(tunnelled.data(), 2);
      const std::uint64_t dst_port = read_bytes(tunnelled.data() + 2, 2);
      const bool from_low = low == tunnel_source(fields);
      outer_udp_.insert(
          {low.hi, low.lo, high.hi, high.lo, from_low ? src_port : dst_port, from_low ? dst_port : src_port});
    }
    if (protocol != kWholeFrame) {
      tunnelled.outer_ip(fields, protocol);
      tunnelled.outer_ethernet(fields);
    }
    packet.data = tunnelled.data();
    packet.original_length = tunnelled.size();
  }
  packet.captured_length = std::min(packet.original_length, snaplen_);
  count(before, kind.overlay, packet, protocol == kWholeFrame);
  return true;
}

void TunnelGenerator::count(const TrafficLedger& before, Overlay overlay, const PacketView& packet,
                            bool is_outermost) {
  const TrafficLedger& after = ordinary_->ledger();
  const std::uint64_t tcp = after.outer_tcp - before.outer_tcp;
  const std::uint64_t udp = after.outer_udp - before.outer_udp;
  const TrafficLedger last = ledger_;
  ledger_ = after;
  ledger_.bytes = last.bytes + packet.original_length;
  ledger_.outer_tcp = last.outer_tcp + (is_outermost ? tcp : 0);
  plain_udp_ += is_outermost ? udp : 0;
  ledger_.outer_udp = plain_udp_ + outer_udp_.size();
  ledger_.inner_tcp = last.inner_tcp + (is_outermost ? 0 : tcp);
  ledger_.inner_udp = last.inner_udp + (is_outermost ? 0 : udp);
  ledger_.lisp_packets = last.lisp_packets + (overlay == Overlay::kLisp ? 1 : 0);
  const bool is_tagged = read_bytes(packet.data + kEthernetHeaderBytes - 2, 2) == kServiceVlan;
  ledger_.vlan_packets = last.vlan_packets + (is_tagged ? 1 : 0);
  ledger_.tunnels = last.tunnels;
  TunnelLedger& tunnel = ledger_.tunnels[static_cast<std::size_t>(overlay)];
  ++tunnel.packets;
  tunnel.ip_bytes += after.ip_bytes - before.ip_bytes;
  tunnel.biflows += after.biflows - before.biflows;
}

}  // namespace wireglass
