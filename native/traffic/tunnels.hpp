#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>

#include "traffic/generator.hpp"

namespace wireglass {

/// Ordinary traffic of which most connections run inside a tunnel, or behind tags and labels: the kinds that
/// the decoder follows, over IPv4, IPv6 and bare links, with tenants, options, extension headers, and
/// identifiers per direction where the protocol has them. A connection stays in its tunnel.
class TunnelGenerator final : public TrafficGenerator {
 public:
  /// `ordinary` makes untagged frames, captured whole.
  TunnelGenerator(const TrafficProfile& profile, std::unique_ptr<TrafficGenerator> ordinary);

  bool next(PacketView& packet) override;
  const TrafficLedger& ledger() const override { return ledger_; }

 private:
  static constexpr std::size_t kHeadroom = 256;
  /// Both addresses of the outermost IP header, then both ports, the lower address first.
  using OuterTuple = std::array<std::uint64_t, 6>;

  /// `is_outermost`: the connection's own IP header is the only one.
  void count(const TrafficLedger& before, Overlay overlay, const PacketView& packet, bool is_outermost);

  std::uint64_t seed_;
  std::uint32_t snaplen_;
  std::unique_ptr<TrafficGenerator> ordinary_;
  std::array<std::byte, kHeadroom + 65'536> frame_{};
  std::set<OuterTuple> outer_udp_;  ///< distinct ones of tunnels
  std::uint64_t plain_udp_ = 0;     ///< those of connections without an IP header outside
  TrafficLedger ledger_;
};

}  // namespace wireglass
