#include "pipeline/owner_metering.hpp"

namespace wireglass {

void OwnerMetering::meter_in_order(const DigestParcel& parcel) {
  const BatchTimes& times = parcel.times;
  if (times.size() == 0) return;
  if (times.in_order() && times.time(0) >= time_ns_) {
    meter(parcel);
    time_ns_ = meter_.observe_time(times.time(times.size() - 1));
  } else {
    meter_one_by_one(parcel);
  }
}

/// Captures of several queues are a little out of order; rarely, so that this need not be fast.
void OwnerMetering::meter_one_by_one(const DigestParcel& parcel) {
  const std::span<const std::uint16_t> own = parcel.lists[owner_].places();
  std::size_t next = 0;
  for (std::size_t index = 0; index < parcel.times.size(); ++index) {
    std::size_t last = next;
    while (last < own.size() && DigestParcel::packet_of(own[last]) == parcel.times.position(index)) ++last;
    if (last > next) meter_.meter(parcel.digests, own.subspan(next, last - next), {});
    next = last;
    time_ns_ = meter_.observe_time(parcel.times.time(index));
  }
}

}  // namespace wireglass
