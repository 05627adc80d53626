#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "meter/flow_hash.hpp"
#include "meter/flow_meter.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass::testing {

inline constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;

namespace flags {
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kAck = 0x10;
inline constexpr std::uint8_t kSynAck = kSyn | kAck;
inline constexpr std::uint8_t kFinAck = kFin | kAck;
inline constexpr std::uint8_t kRstAck = kRst | kAck;
}  // namespace flags

inline IpAddress ipv4(std::uint32_t address) { return {0, IpAddress::kMappedPrefix | address}; }

/// Key of the nth flow: TCP from a client on side a to port 443 on side b.
inline FlowKey nth_key(std::uint32_t serial, std::uint8_t protocol = ip_protocol::kTcp) {
  FlowKey key;
  key.addr_a = ipv4(0x0a00'0001 + (serial >> 12));
  key.addr_b = ipv4(0xc0a8'0001);
  key.port_a = static_cast<std::uint16_t>(1'024 + (serial & 0xfff));
  key.port_b = 443;
  key.protocol = protocol;
  return key;
}

/// One packet as tests write it; times count from kStart.
struct TestPacket {
  TimeNs at_ns = 0;
  std::uint32_t flow = 0;
  bool from_b = false;
  std::uint8_t tcp_flags = flags::kAck;
  std::uint32_t ip_bytes = 100;
  std::uint32_t segment = 0;
};

inline PacketDigest digest_of(const TestPacket& packet) {
  static const FlowHash hash(42);
  PacketDigest digest;
  digest.key = nth_key(packet.flow);
  digest.hash = hash(digest.key);
  digest.timestamp_ns = kStart + packet.at_ns;
  digest.segment = packet.segment;
  digest.ip_bytes = packet.ip_bytes;
  digest.tcp_flags = packet.tcp_flags;
  digest.from_b = packet.from_b;
  return digest;
}

/// What a packet shows of its way.
struct TestPath {
  std::uint64_t src_mac = 0;
  std::uint64_t dst_mac = 0;
  std::uint32_t outer_src = 0;
  std::uint32_t outer_dst = 0;
};

/// Gives the digest a frame of Ethernet and IPv4 headers, which stays as long as the process.
inline void set_path(PacketDigest& digest, const TestPath& path) {
  static std::deque<std::array<std::byte, 34>> frames;
  std::array<std::byte, 34>& frame = frames.emplace_back();
  const auto write = [&](std::size_t offset, std::uint64_t value, std::size_t octets) {
    for (std::size_t at = 0; at < octets; ++at)
      frame[offset + at] = static_cast<std::byte>(value >> (8 * (octets - 1 - at)));
  };
  write(0, path.dst_mac, 6);
  write(6, path.src_mac, 6);
  write(14, 0x45, 1);
  write(26, path.outer_src, 4);
  write(30, path.outer_dst, 4);
  digest.frame = frame.data();
  digest.ethernet_offset = 0;
  digest.outer_ip_offset = 14;
}

/// A meter with the records that it closed.
class MeterUnderTest {
 public:
  explicit MeterUnderTest(const MeterConfig& config = {})
      : meter_(config, [this](const FlowRecord& record) { records_.push_back(record); }) {}

  std::uint64_t meter_digest(const PacketDigest& digest) {
    std::uint64_t flow_id = 0;
    meter_.meter({&digest, 1}, {&flow_id, 1});
    return flow_id;
  }
  std::uint64_t meter(const TestPacket& packet) { return meter_digest(digest_of(packet)); }
  std::vector<std::uint64_t> meter_all(std::span<const PacketDigest> digests) {
    std::vector<std::uint64_t> flow_ids(digests.size());
    meter_.meter(digests, flow_ids);
    return flow_ids;
  }

  /// To kStart + at_ns, with as many steps as it takes to close all that is due.
  void advance_to(TimeNs at_ns) {
    for (int step = 0; step < 16; ++step) meter_.advance(kStart + at_ns);
  }
  void flush(EndReason reason = EndReason::kForcedEnd) { meter_.flush(reason); }

  std::vector<FlowRecord> take_records() { return std::exchange(records_, {}); }
  const std::vector<FlowRecord>& records() const { return records_; }
  const MeterCounters& counters() const { return meter_.counters(); }
  FlowMeter& flow_meter() { return meter_; }

 private:
  std::vector<FlowRecord> records_;
  FlowMeter meter_;
};

}  // namespace wireglass::testing
