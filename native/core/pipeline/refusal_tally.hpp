#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/counter.hpp"
#include "decode/decoded_packet.hpp"
#include "packet/link_type.hpp"

namespace wireglass {

/// Counts the packets that made no flow, by reason; those of an undecodable link type by that type, too.
/// Beside them the packets that made a flow, of a tunnel whose inside was not followed. One writer (the
/// worker), any number of readers.
class RefusalTally {
 public:
  /// Link types told apart; packets of further ones count for kLinkTypeUnsupported only.
  static constexpr std::size_t kMaxLinkTypes = 32;

  void count(DecodeStatus status, LinkType link_type);

  void count_unfollowed(DecodeStatus reason) { unfollowed_[static_cast<std::size_t>(reason)].add(); }

  std::array<std::uint64_t, kDecodeStatusNames.size()> by_status() const;
  std::array<std::uint64_t, kDecodeStatusNames.size()> unfollowed() const;
  /// Link type names with their packets, in order of appearance.
  std::vector<std::pair<std::string, std::uint64_t>> by_link_type() const;

 private:
  struct Entry {
    LinkType type{};
    Counter packets;
  };

  void count_link_type(LinkType link_type);

  std::array<Counter, kDecodeStatusNames.size()> by_status_;
  std::array<Counter, kDecodeStatusNames.size()> unfollowed_;
  std::array<Entry, kMaxLinkTypes> link_types_;
  std::atomic<std::size_t> link_types_used_{0};
};

}  // namespace wireglass
