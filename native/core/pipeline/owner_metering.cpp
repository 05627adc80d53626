#include "pipeline/owner_metering.hpp"

namespace wireglass {

void OwnerMetering::meter_in_order(const DigestParcel& parcel) {
  name_interfaces(parcel);
  const BatchTimes& times = parcel.times;
  if (!times.any()) return;
  if (times.in_order() && times.first() >= time_ns_) {
    meter(parcel);
    time_ns_ = meter_.observe_time(times.last());
  } else {
    meter_one_by_one(parcel);
  }
}

/// Captures of several queues are a little out of order; rarely, so that this need not be fast.
void OwnerMetering::meter_one_by_one(const DigestParcel& parcel) {
  const std::span<const PacketView> packets = parcel.batch.packets();
  const std::span<const std::uint16_t> own = parcel.lists[owner_].places();
  std::size_t next = 0;
  for (std::size_t position = 0; position < packets.size(); ++position) {
    if (!parcel.times.is_metered(position)) continue;
    std::size_t last = next;
    while (last < own.size() && DigestParcel::packet_of(own[last]) == position) ++last;
    if (last > next) meter_.meter(parcel.digests, own.subspan(next, last - next), {});
    next = last;
    time_ns_ = meter_.observe_time(packets[position].timestamp_ns);
  }
}

}  // namespace wireglass
