#pragma once

#include <cstdint>

#include "traffic/scripted_generator.hpp"
#include "traffic/text.hpp"

namespace wireglass {

/// An office and its servers: name lookups, web, remote shells, a database, monitoring, time, echoes; IPv4
/// and IPv6, one department behind a VLAN tag. Addresses are private or reserved for documentation.
class OfficeFamily final : public ConversationFamily {
 public:
  explicit OfficeFamily(std::uint64_t seed);

  void plan(Conversation& conversation, FrameScratch& scratch) override;
  FrameLengths encode(const Conversation& conversation, const Segment& segment, FrameScratch& scratch,
                      TrafficLedger& ledger) override;

 private:
  void plan_endpoints(Conversation& conversation, std::uint64_t place) const;

  std::uint64_t seed_;
  std::uint64_t planned_ = 0;
  TextPools pools_;
};

}  // namespace wireglass
