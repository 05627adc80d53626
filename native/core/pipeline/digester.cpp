#include "pipeline/digester.hpp"

#include <array>

#include "meter/outer_digest.hpp"
#include "meter/plain_digest.hpp"

namespace wireglass {

Digester::Digester(const DigesterConfig& config, const DigestExchange& exchange, const FlowHash& hash,
                   SharedFragments& fragments, ConversationCounter* conversations, WorkerIntervals& intervals)
    : exchange_(exchange),
      shares_input_(exchange.is_ordered() && exchange.workers() > 1),
      outer_flows_(config.outer_flows),
      hash_(hash),
      fragments_(fragments),
      conversations_(conversations),
      intervals_(intervals),
      decoder_(config.decoder),
      sampler_(config.sampling, hash) {}

void Digester::digest(DigestParcel& parcel, std::uint32_t segment) {
  for (DigestList& list : parcel.lists) list.clear();
  if (shares_input_) parcel.times.clear();
  has_turn_ = false;
  intervals_.count_captured(parcel.batch.packets());
  if (sampler_.takes_packets()) {
    digest_run(parcel, 0, parcel.batch.packets().size(), segment);
  } else {
    digest_sampled(parcel, segment);
  }
  if (shares_input_) fragments_.order.pass(parcel.number);
}

void Digester::digest_sampled(DigestParcel& parcel, std::uint32_t segment) {
  for (std::size_t position = 0; position < parcel.batch.packets().size(); ++position) {
    if (sampler_.takes_packet(parcel.first_packet + position)) {
      digest_run(parcel, position, 1, segment);
    } else {
      captured_bytes_ += parcel.batch.packets()[position].original_length;
      ++not_sampled_;
    }
  }
}

void Digester::digest_run(DigestParcel& parcel, std::size_t first, std::size_t count, std::uint32_t segment) {
  const std::span<const PacketView> packets = parcel.batch.packets().subspan(first, count);
  const std::span<PacketDigest> digests = std::span(parcel.digests).subspan(first, count);
  std::array<bool, PacketBatch::kCapacity> is_plain;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  make_plain_digests(packets, decoder_.udp_ports(), hash_, segment, digests,
                     std::span(is_plain).first(count));
  for (std::size_t number = 0; number < count; ++number) {
    const PacketView& packet = packets[number];
    PacketDigest& digest = digests[number];
    captured_bytes_ += packet.original_length;
    if (is_plain[number]) [[likely]] {
      if (conversations_ != nullptr) conversations_->observe_plain(digest.key);
      hand_over(parcel, first + number, packet.timestamp_ns);
    } else if (decode(packet, segment, parcel, digest)) {
      hand_over(parcel, first + number, packet.timestamp_ns);
      if (outer_flows_) add_outer(packet, first + number, segment, parcel);
    }
  }
}

inline void Digester::hand_over(DigestParcel& parcel, std::size_t place, TimeNs timestamp_ns) {
  const std::uint64_t hash = parcel.digests[place].hash;
  if (!sampler_.takes_flow(hash)) {
    ++not_sampled_;
    return;
  }
  parcel.lists[exchange_.owner_of(hash)].add(place);
  if (shares_input_) parcel.times.add(place, timestamp_ns);
}

bool Digester::decode(const PacketView& packet, std::uint32_t segment, DigestParcel& parcel,
                      PacketDigest& digest) {
  decoder_.decode(packet, decoded_);
  if (decoded_.status != DecodeStatus::kOk) {
    refusals_.count(decoded_.status, packet.link_type);
    intervals_.count_refused(packet, decoded_.status);
    return false;
  }
  if (decoded_.inner_status != DecodeStatus::kOk) refusals_.count_unfollowed(decoded_.inner_status);
  if (decoded_.has_fragments) [[unlikely]]
    follow_fragments(packet, parcel);
  if (conversations_ != nullptr) conversations_->observe(packet, decoded_);
  make_digest(packet, decoded_, segment, digest);
  hash_key(hash_, digest);
  return true;
}

void Digester::follow_fragments(const PacketView& packet, const DigestParcel& parcel) {
  if (shares_input_ && !has_turn_) {
    fragments_.order.wait_for(parcel.number);
    has_turn_ = true;
  }
  fragments_.table.follow(packet, decoded_);
}

void Digester::add_outer(const PacketView& packet, std::size_t position, std::uint32_t segment,
                         DigestParcel& parcel) {
  const std::size_t place = PacketBatch::kCapacity + position;
  PacketDigest& digest = parcel.digests[place];
  if (!make_outer_digest(packet, decoded_, segment, digest)) return;
  hash_key(hash_, digest);
  if (!sampler_.takes_flow(digest.hash)) return;
  parcel.lists[exchange_.owner_of(digest.hash)].add_outer(place, digest.ip_bytes);
  if (shares_input_) parcel.times.add(position, packet.timestamp_ns);
}

}  // namespace wireglass
