#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "packet/ip_address.hpp"
#include "traffic/generator.hpp"

// A second, plain reading of what the generator wrote: nothing of the code under test is used here.

namespace wireglass::testing {

struct CheckedLayer {
  bool ipv6 = false;
  IpAddress src;
  IpAddress dst;
  std::uint8_t protocol = 0;
  std::uint8_t tcp_flags = 0;
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint32_t ip_bytes = 0;
  std::span<const std::byte> payload;
};

struct CheckedFrame {
  std::uint16_t vlan_id = 0;
  std::uint32_t tenant_id = 0;
  bool lisp = false;
  bool lisp_control = false;
  std::vector<CheckedLayer> layers;
  std::string problem;  ///< empty where lengths and checksums are right

  const CheckedLayer& innermost() const { return layers.back(); }
};

class FrameChecker {
 public:
  /// Reads a whole frame (not cut by a snaplen).
  static CheckedFrame check(std::span<const std::byte> frame) {
    CheckedFrame result;
    FrameChecker checker(frame, result);
    if (frame.size() < 14) {
      result.problem = "shorter than an Ethernet header";
      return result;
    }
    std::size_t at = 12;
    if (checker.u16(at) == 0x8100) {
      result.vlan_id = checker.u16(at + 2) & 0xfff;
      at += 4;
    }
    const unsigned type = checker.u16(at);
    if (type != 0x0800 && type != 0x86dd) result.problem = "not IP";
    if (result.problem.empty()) checker.ip(at + 2, type == 0x86dd);
    return result;
  }

 private:
  FrameChecker(std::span<const std::byte> frame, CheckedFrame& result) : frame_(frame), result_(result) {}

  unsigned u8(std::size_t at) const { return at < frame_.size() ? std::to_integer<unsigned>(frame_[at]) : 0; }
  unsigned u16(std::size_t at) const { return u8(at) << 8 | u8(at + 1); }
  std::uint32_t u32(std::size_t at) const { return u16(at) << 16 | u16(at + 2); }

  /// Ones' complement sum, two bytes at a time (RFC 1071); 0xffff over data with its own right checksum.
  std::uint32_t sum(std::size_t at, std::size_t size, std::uint32_t start = 0) const {
    std::uint32_t total = start;
    for (std::size_t i = 0; i < size; i += 2) {
      total += u8(at + i) << 8 | (i + 1 < size ? u8(at + i + 1) : 0);
      total = (total & 0xffff) + (total >> 16);
    }
    return total;
  }
  bool fail(const std::string& what) {
    if (result_.problem.empty()) result_.problem = what;
    return false;
  }

  void ip(std::size_t at, bool ipv6) {
    CheckedLayer layer;
    layer.ipv6 = ipv6;
    const std::size_t header = ipv6 ? 40 : 20;
    if (at + header > frame_.size() || u8(at) >> 4 != (ipv6 ? 6U : 4U)) {
      fail("IP version or length");
      return;
    }
    layer.ip_bytes = ipv6 ? 40 + u16(at + 4) : u16(at + 2);
    layer.protocol = static_cast<std::uint8_t>(u8(at + (ipv6 ? 6 : 9)));
    layer.src = ipv6 ? IpAddress::from_ipv6(&frame_[at + 8]) : IpAddress::from_ipv4(&frame_[at + 12]);
    layer.dst = ipv6 ? IpAddress::from_ipv6(&frame_[at + 24]) : IpAddress::from_ipv4(&frame_[at + 16]);
    if (at + layer.ip_bytes > frame_.size()) {
      fail("IP length behind the frame's end");
      return;
    }
    if (!ipv6 && sum(at, 20) != 0xffff) fail("IPv4 checksum");
    const auto rest = static_cast<std::uint32_t>(layer.ip_bytes - header);
    const std::uint32_t pseudo = sum(at + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, layer.protocol + rest);
    transport(at + header, rest, pseudo, layer);
  }

  void transport(std::size_t at, std::uint32_t size, std::uint32_t pseudo, CheckedLayer& layer) {
    const bool udp = layer.protocol == 17;
    const bool lisp_without_checksum = udp && u16(at + 2) == 4341 && u16(at + 6) == 0;
    if (!lisp_without_checksum && sum(at, size, layer.protocol == 1 ? 0 : pseudo) != 0xffff) {
      fail("transport checksum");
    }
    std::size_t header = 8;
    if (layer.protocol == 6) {
      header = (u8(at + 12) >> 4) * 4;
      layer.seq = u32(at + 4);
      layer.ack = u32(at + 8);
      layer.tcp_flags = static_cast<std::uint8_t>(u8(at + 13));
    }
    if (header > size || (udp && u16(at + 4) != size)) {
      fail("transport length");
      return;
    }
    if (udp || layer.protocol == 6) {
      layer.src_port = static_cast<std::uint16_t>(u16(at));
      layer.dst_port = static_cast<std::uint16_t>(u16(at + 2));
    }
    layer.payload = frame_.subspan(at + header, size - header);
    result_.layers.push_back(layer);
    if (udp && layer.dst_port == 4341) {
      result_.lisp = true;
      if ((u8(at + 8) & 0x08) != 0) result_.tenant_id = u32(at + 12) >> 8;
      ip(at + 16, u8(at + 16) >> 4 == 6);
    }
    result_.lisp_control |= udp && (layer.dst_port == 4342 || layer.src_port == 4342);
  }

  std::span<const std::byte> frame_;
  CheckedFrame& result_;
};

/// Counts a ledger anew from the bytes alone.
class Recount {
 public:
  void add(const PacketView& packet, const CheckedFrame& frame) {
    const CheckedLayer& inner = frame.innermost();
    ++counts_.packets;
    counts_.bytes += packet.original_length;
    counts_.ip_bytes += inner.ip_bytes;
    counts_.tcp_packets += inner.protocol == 6;
    counts_.udp_packets += inner.protocol == 17;
    counts_.icmp_packets += inner.protocol == 1 || inner.protocol == 58;
    counts_.ipv6_packets += inner.ipv6;
    counts_.vlan_packets += frame.vlan_id != 0;
    counts_.lisp_packets += frame.lisp;
    counts_.lisp_control_packets += frame.lisp_control;
    const Tuple tuple = tuple_of(inner);
    biflows_.insert({tuple, frame.vlan_id, frame.tenant_id, frame.lisp});
    outer_.insert(tuple_of(frame.layers.front()));
    if (frame.layers.size() > 1) inner_.insert(tuple);
    if (inner.protocol == 6) follow(frame, inner);
  }

  TrafficLedger ledger() const {
    TrafficLedger ledger = counts_;
    ledger.biflows = biflows_.size();
    ledger.outer_tcp = with_protocol(outer_, 6);
    ledger.outer_udp = with_protocol(outer_, 17);
    ledger.inner_tcp = with_protocol(inner_, 6);
    ledger.inner_udp = with_protocol(inner_, 17);
    return ledger;
  }
  /// TCP segments that left a gap, or acknowledged what had not been sent.
  std::uint64_t tcp_faults() const { return tcp_faults_; }

 private:
  using End = std::tuple<IpAddress, std::uint16_t>;
  using Tuple = std::tuple<End, End, std::uint8_t>;
  using Direction = std::tuple<End, End, std::uint16_t, std::uint32_t, bool>;

  static Tuple tuple_of(const CheckedLayer& layer) {
    const End src{layer.src, layer.src_port};
    const End dst{layer.dst, layer.dst_port};
    return src < dst ? Tuple{src, dst, layer.protocol} : Tuple{dst, src, layer.protocol};
  }
  static std::uint64_t with_protocol(const std::set<Tuple>& tuples, std::uint8_t protocol) {
    std::uint64_t count = 0;
    for (const Tuple& tuple : tuples) count += std::get<2>(tuple) == protocol;
    return count;
  }
  void follow(const CheckedFrame& frame, const CheckedLayer& layer) {
    const End src{layer.src, layer.src_port};
    const End dst{layer.dst, layer.dst_port};
    const bool takes_one = (layer.tcp_flags & 3U) != 0;
    const auto end = static_cast<std::uint32_t>(layer.seq + layer.payload.size() + (takes_one ? 1 : 0));
    const auto [known, first] =
        next_seq_.try_emplace({src, dst, frame.vlan_id, frame.tenant_id, frame.lisp}, layer.seq);
    if (!first && layer.seq != known->second)
      ++(end == known->second ? counts_.tcp_retransmissions : tcp_faults_);
    known->second = end;
    const auto peer = next_seq_.find({dst, src, frame.vlan_id, frame.tenant_id, frame.lisp});
    const bool acknowledges = (layer.tcp_flags & 0x10U) != 0;
    if (acknowledges && peer != next_seq_.end() && peer->second != layer.ack) ++tcp_faults_;
  }

  TrafficLedger counts_;
  std::uint64_t tcp_faults_ = 0;
  std::set<std::tuple<Tuple, std::uint16_t, std::uint32_t, bool>> biflows_;
  std::set<Tuple> outer_;
  std::set<Tuple> inner_;
  std::map<Direction, std::uint32_t> next_seq_;
};

}  // namespace wireglass::testing
