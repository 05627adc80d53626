#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "meter/flow_meter.hpp"
#include "pipeline/digest_parcel.hpp"

namespace wireglass {

/// Meters an owner's lists. Where the batches are those of one input in order, the meter's time is the whole
/// input's: it moves by the other owners' packets, too, so that timeouts, and what time that goes back does,
/// are the same however the flows are shared out.
class OwnerMetering {
 public:
  OwnerMetering(std::uint32_t owner, FlowMeter& meter) : owner_(owner), meter_(meter) {}

  /// The batches of one input, in order.
  void meter_in_order(const DigestParcel& parcel);
  /// Batches of several inputs, whose order nobody knows.
  void meter(const DigestParcel& parcel) {
    name_interfaces(parcel);
    meter_.meter(parcel.digests, parcel.lists[owner_].places(), {});
  }

 private:
  void name_interfaces(const DigestParcel& parcel) {
    if (parcel.interfaces == interfaces_) return;
    interfaces_ = parcel.interfaces;
    meter_.name_interfaces(interfaces_);
  }
  void meter_one_by_one(const DigestParcel& parcel);

  std::uint32_t owner_;
  FlowMeter& meter_;
  std::shared_ptr<const std::vector<InterfaceInfo>> interfaces_;  ///< that the meter has
  TimeNs time_ns_ = std::numeric_limits<TimeNs>::min();           ///< the meter's
};

}  // namespace wireglass
