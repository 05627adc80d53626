#pragma once

#include <cstdint>

#include "decode/decoder.hpp"
#include "meter/conversation_counter.hpp"
#include "meter/flow_hash.hpp"
#include "pipeline/digest_exchange.hpp"
#include "pipeline/refusal_tally.hpp"
#include "pipeline/sampler.hpp"
#include "pipeline/shared_fragments.hpp"
#include "pipeline/worker_intervals.hpp"

namespace wireglass {

struct DigesterConfig {
  DecoderConfig decoder;
  SamplingConfig sampling;
  bool outer_flows = false;
};

/// A worker's way from a batch of packets to the digests that its owners get.
class Digester {
 public:
  /// All that is given outlives the digester; `fragments` are those of the worker's input, `conversations`
  /// may be null.
  Digester(const DigesterConfig& config, const DigestExchange& exchange, const FlowHash& hash,
           SharedFragments& fragments, ConversationCounter* conversations, WorkerIntervals& intervals);

  /// Fills the parcel's lists from its batch, whose packets are recorded in `segment` (0: in none).
  void digest(DigestParcel& parcel, std::uint32_t segment);

  const RefusalTally& refusals() const { return refusals_; }
  std::uint64_t captured_bytes() const { return captured_bytes_; }
  std::uint64_t not_sampled() const { return not_sampled_; }

 private:
  /// Packets that all pass the sampler, from `first` on.
  void digest_run(DigestParcel& parcel, std::size_t first, std::size_t count, std::uint32_t segment);
  void digest_sampled(DigestParcel& parcel, std::uint32_t segment);
  /// The digest at this place to the owner of its flow.
  void hand_over(DigestParcel& parcel, std::size_t place, TimeNs timestamp_ns);
  /// The long way to a digest; false, with the reason counted, where the packet makes no flow.
  bool decode(const PacketView& packet, std::uint32_t segment, DigestParcel& parcel, PacketDigest& digest);
  void follow_fragments(const PacketView& packet, const DigestParcel& parcel);
  void add_outer(const PacketView& packet, std::size_t position, std::uint32_t segment, DigestParcel& parcel);

  const DigestExchange& exchange_;
  const bool shares_input_;  ///< with other workers: then the packets' times matter to them, too
  const bool outer_flows_;
  const FlowHash& hash_;
  SharedFragments& fragments_;
  ConversationCounter* conversations_;
  WorkerIntervals& intervals_;
  Decoder decoder_;
  Sampler sampler_;
  RefusalTally refusals_;
  DecodedPacket decoded_;
  bool has_turn_ = false;  ///< at the fragments, for the batch in hand
  std::uint64_t captured_bytes_ = 0;
  std::uint64_t not_sampled_ = 0;
};

}  // namespace wireglass
