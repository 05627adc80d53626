#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "traffic/conversation.hpp"
#include "traffic/frame.hpp"
#include "traffic/generator.hpp"

namespace wireglass {

/// Conversations of one kind: what they say and how their packets look.
class ConversationFamily {
 public:
  virtual ~ConversationFamily() = default;

  /// Plans the next conversation: everything but `family`. The n-th one is the same in every run with the
  /// same seed.
  virtual void plan(Conversation& conversation, FrameScratch& scratch) = 0;

  /// Puts the packet into `scratch.frame`, and what only this family knows into the ledger.
  virtual FrameLengths encode(const Conversation& conversation, const Segment& segment, FrameScratch& scratch,
                              TrafficLedger& ledger) = 0;
};

/// A family and how often it comes up: in `weight` of the sum of all weights.
struct FamilyShare {
  std::unique_ptr<ConversationFamily> family;
  std::uint32_t weight = 1;
};

/// Plays conversations side by side, for ever: an ended one's slot is taken by a new one. A conversation of n
/// packets keeps the next one from beginning for n / packets_per_second, so the rate holds on average. Above
/// kNaturalPacketsPerSecond all pauses shrink in proportion, so that some hundred run at once at any rate.
class ScriptedGenerator final : public TrafficGenerator {
 public:
  static constexpr std::uint32_t kMaxConversations = 4096;  ///< when all run, the next one waits for an end
  static constexpr std::uint64_t kNaturalPacketsPerSecond = 500;

  /// `profile` has passed check_profile(); `swells` lets the rate rise and fall by a third within five
  /// minutes.
  ScriptedGenerator(const TrafficProfile& profile, std::vector<FamilyShare> families, bool swells);

  bool next(PacketView& packet) override;
  const TrafficLedger& ledger() const override { return ledger_; }
  std::size_t running() const { return events_.size(); }

 private:
  /// A conversation's next packet is due.
  struct Event {
    TimeNs time_ns = 0;
    std::uint64_t order = 0;  ///< decides between equal times
    std::uint32_t slot = 0;
  };
  static bool later(const Event& left, const Event& right);

  void begin_conversation();
  void schedule(TimeNs time_ns, std::uint32_t slot);
  std::uint8_t pick_family() const;
  TimeNs arrival_gap_ns(std::uint32_t packets) const;
  TimeNs scaled_ns(std::uint32_t wait_us) const;
  void count(const Conversation& conversation, const FrameLengths& lengths);

  TrafficProfile profile_;
  std::vector<FamilyShare> families_;
  std::uint32_t total_weight_ = 0;
  bool swells_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t scheduled_ = 0;
  TimeNs next_arrival_ns_ = 0;
  TimeNs last_ns_ = 0;
  std::vector<Conversation> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<Event> events_;  ///< a heap, soonest on top
  FrameScratch scratch_;
  TrafficLedger ledger_;
};

/// The generator of kLispAi or kDemo. `profile` has passed check_profile().
std::unique_ptr<ScriptedGenerator> make_scripted_generator(const TrafficProfile& profile);

}  // namespace wireglass
