#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "traffic/generator.hpp"
#include "traffic/headers.hpp"
#include "traffic/payload_pool.hpp"

namespace wireglass {

/// What `TrafficProfile::sizes` says.
struct FrameSizes {
  enum class Kind : std::uint8_t { kImix, kFixed };
  Kind kind = Kind::kImix;
  std::uint32_t frame_bytes = 0;  ///< of kFixed

  /// Errors: "bad_traffic_profile".
  static Result<FrameSizes> parse(const std::string& text);
};

/// Client/server connections, all packets evenly spaced in time. The plan of the whole trace is made by the
/// constructor: 4 bytes per packet and 16 per connection stay, 16 per packet more are used meanwhile.
class OrdinaryGenerator final : public TrafficGenerator {
 public:
  static constexpr std::uint64_t kMaxPackets = 200'000'000;
  static constexpr std::uint64_t kMaxConnections = 1ULL << 25;

  /// `profile` has passed check_profile().
  OrdinaryGenerator(const TrafficProfile& profile, FrameSizes sizes);

  bool next(PacketView& packet) override;
  const TrafficLedger& ledger() const override { return ledger_; }

 private:
  struct Connection {
    std::uint32_t size = 0;
    std::uint32_t made = 0;
    std::uint32_t client_seq = 0;  ///< next sequence number of the client
    std::uint32_t server_seq = 0;
  };
  /// What stays the same over a connection; worked out anew from its index for every packet.
  struct Traits {
    IpAddress client;
    IpAddress server;
    std::uint64_t hash = 0;
    std::uint16_t client_port = 0;
    std::uint16_t server_port = 0;
    std::uint16_t vlan_id = 0;
    std::uint8_t protocol = 0;
    bool ipv6 = false;
  };
  /// Part of one packet in its connection's life.
  struct Role {
    std::uint8_t tcp_flags = 0;
    bool reverse = false;
    bool control = false;  ///< SYN, FIN, RST: no payload
  };

  Traits traits_of(std::uint32_t index) const;
  IpAddress server_of(std::uint64_t hash, std::uint32_t visit, std::uint8_t protocol) const;
  std::uint16_t echo_of(const Connection& connection) const;
  Role role_of(const Connection& connection, std::uint8_t protocol, std::uint64_t random) const;
  std::uint32_t frame_bytes_of(const Role& role, std::uint64_t random) const;
  std::uint32_t put_transport(std::byte* at, const Traits& traits, const Role& role, const IpFields& ip,
                              Connection& connection, std::uint64_t payload_sum);
  void count(const Traits& traits, const IpFields& ip, std::uint32_t frame_bytes, bool first);

  TrafficProfile profile_;
  FrameSizes sizes_;
  PayloadPool payload_;
  std::uint32_t client_count_ = 0;
  std::uint32_t server_count_ = 0;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> order_;
  std::size_t position_ = 0;
  std::array<std::byte, 65536 + 512> frame_{};
  TrafficLedger ledger_;
};

}  // namespace wireglass
