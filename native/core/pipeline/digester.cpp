#include "pipeline/digester.hpp"

#include "meter/outer_digest.hpp"
#include "meter/plain_digest.hpp"

namespace wireglass {

Digester::Digester(const DigesterConfig& config, std::uint32_t worker, const DigestExchange& exchange,
                   const FlowHash& hash, SharedFragments& fragments, ConversationCounter* conversations,
                   WorkerIntervals& intervals)
    : worker_(worker),
      exchange_(exchange),
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
  parcel.times.clear();
  has_turn_ = false;
  const std::span<const PacketView> packets = parcel.batch.packets();
  for (std::size_t position = 0; position < packets.size(); ++position) {
    captured_bytes_ += packets[position].original_length;
    intervals_.count_captured(packets[position]);
    if (sampler_.takes_packet(parcel.first_packet + position)) {
      digest_packet(packets[position], position, segment, parcel);
    } else {
      ++not_sampled_;
    }
  }
  if (shares_input_) fragments_.order.pass(parcel.number);
}

void Digester::digest_packet(const PacketView& packet, std::size_t position, std::uint32_t segment,
                             DigestParcel& parcel) {
  DigestList& own = parcel.lists[worker_];
  PacketDigest& digest = own.next();
  const bool plain = make_plain_digest(packet, decoder_.udp_ports(), hash_, segment, digest);
  if (plain) {
    if (conversations_ != nullptr) conversations_->observe_plain(digest.key);
  } else if (!decode(packet, segment, parcel, digest)) {
    return;
  }
  if (!sampler_.takes_flow(digest.hash)) {
    ++not_sampled_;
  } else {
    const std::uint32_t owner = exchange_.owner_of(digest.hash);
    if (owner == worker_) {
      own.keep(position);
    } else {
      parcel.lists[owner].append(digest, position);
    }
    if (shares_input_) parcel.times.add(position, packet.timestamp_ns);
  }
  if (outer_flows_ && !plain) add_outer(packet, position, segment, parcel);
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
  PacketDigest digest;
  if (!make_outer_digest(packet, decoded_, segment, digest)) return;
  hash_key(hash_, digest);
  if (!sampler_.takes_flow(digest.hash)) return;
  parcel.lists[exchange_.owner_of(digest.hash)].append_outer(digest, position);
  if (shares_input_) parcel.times.add(position, packet.timestamp_ns);
}

}  // namespace wireglass
