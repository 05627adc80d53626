#pragma once

#include <cstdint>

#include "meter/flow_entry.hpp"
#include "meter/flow_index.hpp"
#include "meter/mapped_array.hpp"

namespace wireglass {

/// The flows by key, at most as many as it was made for. Entries keep their number and place as long as they
/// live. What belongs to an entry lies in several arrays, by how often it is needed.
class FlowTable {
 public:
  explicit FlowTable(std::uint32_t max_flows)
      : entries_(max_flows),
        tracks_(max_flows),
        extras_(max_flows),
        identities_(max_flows),
        segments_(max_flows),
        endpoints_(max_flows),
        index_(max_flows),
        max_flows_(max_flows) {}

  FlowEntry& entry(EntryNumber number) { return entries_[number]; }
  const FlowEntry& entry(EntryNumber number) const { return entries_[number]; }
  FlowTrack& track(EntryNumber number) { return tracks_[number]; }
  const FlowTrack& track(EntryNumber number) const { return tracks_[number]; }
  FlowExtra& extra(EntryNumber number) { return extras_[number]; }
  const FlowExtra& extra(EntryNumber number) const { return extras_[number]; }
  FlowIdentity& identity(EntryNumber number) { return identities_[number]; }
  const FlowIdentity& identity(EntryNumber number) const { return identities_[number]; }
  SegmentRange& segments(EntryNumber number) { return segments_[number]; }
  const SegmentRange& segments(EntryNumber number) const { return segments_[number]; }
  TunnelEndpoints& endpoints(EntryNumber number) { return endpoints_[number]; }
  const TunnelEndpoints& endpoints(EntryNumber number) const { return endpoints_[number]; }

  void prefetch_slot(std::uint64_t hash) const { index_.prefetch(FlowIndex::tag_of(hash)); }

  void prefetch_slot_of(EntryNumber number) const { index_.prefetch(entries_[number].tag); }

  /// Where the key with this hash most likely is, without touching an entry: start fetching there.
  EntryNumber guess(std::uint64_t hash) const {
    return index_.find(FlowIndex::tag_of(hash), [](EntryNumber) { return true; });
  }
  void prefetch_entry(EntryNumber number) const {
    const char* first_line = reinterpret_cast<const char*>(&entries_[number]);
    __builtin_prefetch(first_line, 1);
    __builtin_prefetch(first_line + 64, 1);
    __builtin_prefetch(&tracks_[number], 1);
    __builtin_prefetch(&extras_[number], 1);
  }

  void prefetch_counters(EntryNumber number) const {
    const char* first_line = reinterpret_cast<const char*>(&entries_[number]);
    __builtin_prefetch(first_line, 1);
    __builtin_prefetch(first_line + 64, 1);
  }

  /// All that closing a flow reads.
  void prefetch_whole(EntryNumber number) const {
    prefetch_entry(number);
    __builtin_prefetch(&identities_[number], 1);
  }

  bool holds(EntryNumber number, const FlowKey& key) const {
    const FlowEntry& found = entries_[number];
    return found.has(flow_state::kLive) && found.key == key;
  }
  EntryNumber find(const FlowKey& key, std::uint64_t hash) const {
    return index_.find(FlowIndex::tag_of(hash),
                       [&](EntryNumber number) { return entries_[number].key == key; });
  }

  bool full() const { return live_ == max_flows_; }
  std::uint32_t live() const { return live_; }
  /// All live entries have numbers below this.
  EntryNumber end() const { return high_water_; }

  /// A live entry for a key that is not in the table, which must not be full; of its fields only key, tag and
  /// state are set.
  EntryNumber insert(const FlowKey& key, std::uint64_t hash);
  void erase(EntryNumber number);

  /// Without the 8 bytes of a flow in a tunnel with an identifier per direction.
  static std::uint64_t footprint_bytes(std::uint32_t max_flows, bool recording) {
    return MappedArray<FlowEntry>::footprint_bytes(max_flows) +
           MappedArray<FlowTrack>::footprint_bytes(max_flows) +
           MappedArray<FlowExtra>::footprint_bytes(max_flows) +
           MappedArray<FlowIdentity>::footprint_bytes(max_flows) + FlowIndex::footprint_bytes(max_flows) +
           (recording ? MappedArray<SegmentRange>::footprint_bytes(max_flows) : 0);
  }

 private:
  MappedArray<FlowEntry> entries_;
  MappedArray<FlowTrack> tracks_;
  MappedArray<FlowExtra> extras_;
  MappedArray<FlowIdentity> identities_;
  MappedArray<SegmentRange> segments_;
  MappedArray<TunnelEndpoints> endpoints_;
  FlowIndex index_;
  std::uint32_t max_flows_;
  std::uint32_t live_ = 0;
  EntryNumber high_water_ = 0;
  EntryNumber first_free_ = kNoEntry;  ///< last freed first: its lines are likely still cached
};

}  // namespace wireglass
