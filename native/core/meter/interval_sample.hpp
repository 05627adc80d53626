#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.hpp"
#include "meter/interval_counts.hpp"
#include "meter/keyed_hash.hpp"
#include "meter/space_saving.hpp"

namespace wireglass {

struct IntervalConfig {
  static constexpr TimeNs kMinIntervalNs = 100 * kMillisecondNs;
  static constexpr TimeNs kMaxIntervalNs = 3'600 * kSecondNs;

  TimeNs interval_ns = kSecondNs;             ///< kMinIntervalNs to kMaxIntervalNs
  TimeNs lateness_ns = 500 * kMillisecondNs;  ///< how long an interval waits for late packets
  std::uint32_t top_capacity = 1'024;         ///< SpaceSaving's capacity, per dimension
  std::uint32_t top_count = 20;               ///< items told per dimension
  std::uint32_t max_active_flows = 65'536;    ///< flows whose interval's counts wait to be taken over
};

/// One interval of one worker, or of several that were merged: exact counts by interface and the heaviest
/// addresses, conversations, services and tenants. Samples of the same interval add.
class IntervalSample {
 public:
  /// Interfaces told apart; all further ones count together in the last place.
  static constexpr std::size_t kMaxInterfaces = 64;
  static constexpr std::size_t kOtherInterfaces = kMaxInterfaces;

  using Addresses = SpaceSaving<2>;      ///< [0] sent, [1] received
  using Conversations = SpaceSaving<4>;  ///< lower and upper address; [0] from the lower, [1] from the upper
  using Services = SpaceSaving<1>;       ///< service_key; [0] towards the service, [1] from it
  using Tenants = SpaceSaving<1>;        ///< tenant_key; [0] forward, [1] reverse

  IntervalSample(const IntervalConfig& config, const KeyedHash& hash);

  static std::size_t interface_place(std::uint32_t interface_id) {
    return interface_id < kMaxInterfaces ? interface_id : kOtherInterfaces;
  }
  InterfaceCounts& at_interface(std::size_t place) {
    if (place >= interfaces_.size()) interfaces_.resize(place + 1);
    return interfaces_[place];
  }

  /// Adds what a flow exchanged ([0] forward) to the heaviest.
  void add_flow(const FlowKey& key, std::uint32_t tenant_id, bool forward_from_b, const Exchange& exchange);
  /// Adds another worker's sample of the same interval.
  void merge(const IntervalSample& other);
  /// Empties it for another interval, keeping its memory.
  void reset(TimeNs start_ns);

  TimeNs start_ns() const { return start_ns_; }
  /// By interface_place; only as long as needed.
  const std::vector<InterfaceCounts>& interfaces() const { return interfaces_; }
  const Addresses& addresses() const { return addresses_; }
  const Conversations& conversations() const { return conversations_; }
  const Services& services() const { return services_; }
  const Tenants& tenants() const { return tenants_; }

  /// The protocol and the port that the initiator addressed; of protocols without ports the port is 0.
  static std::uint64_t service_key(std::uint8_t protocol, std::uint16_t port) {
    return std::uint64_t{protocol} << 16 | port;
  }
  static std::uint64_t tenant_key(Overlay overlay, std::uint32_t tenant_id) {
    return static_cast<std::uint64_t>(overlay) << 32 | tenant_id;
  }

  /// Memory with one interface and everything else in use.
  static std::uint64_t memory_bytes(const IntervalConfig& config);

 private:
  TimeNs start_ns_ = 0;
  std::vector<InterfaceCounts> interfaces_;
  Addresses addresses_;
  Conversations conversations_;
  Services services_;
  Tenants tenants_;
};

/// Receives finished samples in the thread of the meter, which it must not call; the sample is reused when it
/// returns.
using SampleReceiver = std::function<void(const IntervalSample&)>;

}  // namespace wireglass
