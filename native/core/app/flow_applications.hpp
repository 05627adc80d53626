#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "app/application_fields.hpp"
#include "app/classifier.hpp"
#include "app/field_store.hpp"
#include "app/message_reader.hpp"
#include "app/reading_pool.hpp"
#include "base/counter.hpp"

namespace wireglass {

/// All the memory that application fields take, reserved at once and touched as it is needed.
struct ApplicationLimits {
  std::uint64_t string_bytes = 0;  ///< fields of live flows
  std::uint32_t readings = 0;      ///< flows at a time whose first message comes in several segments
  std::uint32_t buffers = 0;       ///< of them, how many hold such a message's bytes: 16 KiB each
  std::uint32_t classified =
      0;  ///< flows at a time that nDPI looks at; 0: none, and no names of applications

  static constexpr std::uint32_t kStringBytesPerFlow = 64;
  /// So many bytes of strings for each flow of the table and a reading for every 64th.
  static ApplicationLimits for_flows(std::uint32_t max_flows,
                                     std::uint32_t string_bytes_per_flow = kStringBytesPerFlow);
};

/// Why the rest of a message that had begun was not waited for. What it had shown by then is kept.
enum class GiveUp : std::uint8_t {
  kMalformed,    ///< it went on as no such message does
  kTruncated,    ///< its bytes were not captured (snaplen)
  kTooLong,      ///< longer than a buffer, or in too many segments
  kGaps,         ///< more gaps between its segments than are kept
  kFlowEnded,    ///< the flow ended before the message
  kNoReading,    ///< all readings were in use
  kBufferTaken,  ///< a newer message needed the buffer
  kCount,
};
inline constexpr auto kGiveUpCount = static_cast<std::size_t>(GiveUp::kCount);
inline constexpr std::array<std::string_view, kGiveUpCount> kGiveUpNames = {
    "malformed", "truncated", "too_long", "gaps", "flow_ended", "no_reading", "buffer_taken"};

struct ApplicationCounters {
  std::array<Counter, kMessageKindCount> messages;  ///< found, by MessageKind
  std::array<Counter, kGiveUpCount> gave_up;
  Counter strings_refused;          ///< for want of room in the pool
  Counter classifications;          ///< flows that nDPI named
  Counter classifications_refused;  ///< flows that it did not see for want of room
  Counter strings_cut;              ///< longer than 255 bytes
};

/// What the first packets of flows tell about their applications: the first DNS question, the first TLS
/// ClientHello, the first HTTP/1 request and response. A message is recognised where it begins in a segment
/// or datagram, in the first kMaxExamined of a direction that carry data; TCP segments of a message are put
/// together by their sequence numbers. A flow keeps a Reference; only flows that have fields, or whose
/// message is incomplete, take more memory.
class FlowApplications {
 public:
  /// 0: a flow that nothing was seen of.
  using Reference = std::uint32_t;
  static constexpr std::uint8_t kMaxExamined = 8;
  static constexpr std::uint8_t kMaxPieces = 64;  ///< segments of one message

  explicit FlowApplications(const ApplicationLimits& limits);

  /// Whether a packet with data in that direction shall be shown to observe().
  static bool wants(Reference reference, bool forward) {
    return (reference & (forward ? kForwardDone : kReverseDone)) == 0;
  }
  /// Returns the flow's new reference.
  [[nodiscard]] Reference observe(Reference reference, const FlowTransport& transport,
                                  const ApplicationPacket& packet);

  /// Before the flow's last record: reads what an incomplete message shows. Returns the flow's new reference.
  [[nodiscard]] Reference conclude(Reference reference, const FlowTransport& transport);

  /// Valid until the next call for this flow.
  ApplicationFields fields(Reference reference) const;

  /// The flow has ended.
  void release(Reference reference);

  const ApplicationCounters& counters() const { return counters_; }
  std::uint64_t used_string_bytes() const { return store_.used_bytes(); }
  static std::uint64_t memory_bytes(const ApplicationLimits& limits);

 private:
  // A reference: two bits for the directions of which nothing more is wanted, two that say what the other 28
  // are.
  static constexpr Reference kForwardDone = 0x8000'0000;
  static constexpr Reference kReverseDone = 0x4000'0000;
  static constexpr Reference kDone = kForwardDone | kReverseDone;
  static constexpr Reference kKindMask = 0x3000'0000;
  static constexpr Reference kExamined = 0x0000'0000;     ///< packets examined, four bits per direction
  static constexpr Reference kReading = 0x1000'0000;      ///< number in the ReadingPool
  static constexpr Reference kFields = 0x2000'0000;       ///< number in the FieldStore
  static constexpr Reference kClassifying = 0x3000'0000;  ///< number in the Classifier and in inner_
  static constexpr Reference kNumberMask = 0x0fff'ffff;

  /// A reference taken apart. Direction 1 is forward.
  struct State {
    Reference done = 0;
    std::uint32_t block = FieldStore::kNone;
    std::array<std::uint8_t, 2> examined{};
  };
  static Reference done_bit(bool forward) { return forward ? kForwardDone : kReverseDone; }
  State state_of(Reference reference) const;
  Reference reference_of(const State& state);

  Reference read(Reference reference, const FlowTransport& transport, const ApplicationPacket& packet);
  Reference classify(std::uint32_t number, const FlowTransport& transport, const ApplicationPacket& packet);
  Reference end_classification(std::uint32_t number);

  /// Recognises a message at the packet's beginning.
  Reference examine(State& state, const FlowTransport& transport, const ApplicationPacket& packet);
  Reference begin_reading(State& state, const FlowTransport& transport, const ApplicationPacket& packet);
  Reference examine_hello(State& state, const ApplicationPacket& packet);
  Reference open_reading(std::uint32_t number, const State& state, bool forward);
  Reference go_on_reading(Reference reference, const FlowTransport& transport,
                          const ApplicationPacket& packet);
  Reference add_segment(std::uint32_t number, State& state, const FlowTransport& transport,
                        const ApplicationPacket& packet);
  Reference add_datagram(std::uint32_t number, State& state, const ApplicationPacket& packet);
  Reference end_reading(std::uint32_t number, State& state);
  void examine_other_direction(std::uint32_t number, State& state, const FlowTransport& transport,
                               const ApplicationPacket& packet);
  void count_examined(State& state, bool forward);
  void keep_found(State& state, MessageKind kind, bool forward);
  /// `left` is what the message's rest is not waited for with.
  void give_up(State& state, GiveUp reason, const MessageReader::Outcome& left, bool forward);
  MessageReader::Outcome read_unfinished(std::uint32_t number, const FlowTransport& transport);

  MessageReader reader_;
  FieldStore store_;
  ReadingPool readings_;
  std::unique_ptr<Classifier> classifier_;
  std::vector<Reference> inner_;  ///< of flows that are being classified: what they have beside that
  ApplicationCounters counters_;
};

}  // namespace wireglass
