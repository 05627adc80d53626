#include "meter/conversation_counter.hpp"

#include <array>
#include <vector>

#include "meter/endpoints.hpp"
#include "meter/flow_hash.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {

namespace {

/// A set of keys, open addressing with linear probing at a load of at most one half. Keys wait in a short
/// queue while their slots are fetched, as most of them miss every cache.
class ConversationSet {
 public:
  explicit ConversationSet(const FlowHash& hash) : hash_(hash), slots_(kFirstSlots) {}

  void insert(const FlowKey& key) {
    const std::uint64_t position = hash_(key);
    const auto* slot = reinterpret_cast<const char*>(&slots_[position & mask()]);
    __builtin_prefetch(slot);
    __builtin_prefetch(slot + sizeof(FlowKey) - 1);
    waiting_[waiting_count_++] = {key, position};
    if (waiting_count_ == waiting_.size()) drain();
  }

  void drain() {
    for (std::size_t waiting = 0; waiting < waiting_count_; ++waiting) place(waiting_[waiting]);
    waiting_count_ = 0;
  }

  /// The other set has its own secret, so that its keys do not come in this one's order.
  void add(ConversationSet& other) {
    other.drain();
    for (const FlowKey& key : other.slots_) {
      if (!is_free(key)) insert(key);
    }
    overflowed_ += other.overflowed_;
  }

  const ConversationCounts& counts() const { return counts_; }
  std::uint64_t overflowed() const { return overflowed_; }

 private:
  struct Waiting {
    FlowKey key;
    std::uint64_t hash = 0;
  };
  static constexpr std::size_t kFirstSlots = 1'024;

  std::uint64_t mask() const { return slots_.size() - 1; }
  static bool is_free(const FlowKey& slot) { return slot.protocol == 0; }

  void place(const Waiting& waiting) {
    FlowKey* slot = find(waiting.key, waiting.hash);
    if (!is_free(*slot)) return;
    if (size_ == ConversationCounter::kMaxConversations) {
      ++overflowed_;
      return;
    }
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
      slot = find(waiting.key, waiting.hash);
    }
    *slot = waiting.key;
    ++size_;
    count(waiting.key.protocol);
  }

  /// The slot that holds the key, or the free one where it belongs.
  FlowKey* find(const FlowKey& key, std::uint64_t hash) {
    std::uint64_t position = hash & mask();
    while (!is_free(slots_[position]) && !(slots_[position] == key)) position = (position + 1) & mask();
    return &slots_[position];
  }

  void grow() {
    std::vector<FlowKey> old(slots_.size() * 2);
    old.swap(slots_);
    for (const FlowKey& key : old) {
      if (!is_free(key)) *find(key, hash_(key)) = key;
    }
  }

  void count(std::uint8_t protocol) {
    if (protocol == ip_protocol::kTcp) ++counts_.tcp;
    if (protocol == ip_protocol::kUdp) ++counts_.udp;
    if (protocol == ip_protocol::kSctp) ++counts_.sctp;
  }

  const FlowHash& hash_;
  std::vector<FlowKey> slots_;
  std::uint64_t size_ = 0;
  std::uint64_t overflowed_ = 0;
  ConversationCounts counts_;
  std::array<Waiting, 32> waiting_{};
  std::size_t waiting_count_ = 0;
};

bool counts_as_conversation(const IpLayer& layer) {
  return layer.has_ports && (layer.protocol == ip_protocol::kTcp || layer.protocol == ip_protocol::kUdp ||
                             layer.protocol == ip_protocol::kSctp);
}

}  // namespace

struct ConversationCounter::Sets {
  FlowHash hash;
  ConversationSet outer{hash};
  ConversationSet inner{hash};
};

ConversationCounter::ConversationCounter() : sets_(std::make_unique<Sets>()) {}

ConversationCounter::~ConversationCounter() = default;

void ConversationCounter::observe(const PacketView& packet, const DecodedPacket& decoded) {
  for (std::size_t depth = 0; depth < decoded.ip_layer_count; ++depth) {
    const IpLayer& layer = decoded.ip_layers[depth];
    if (!counts_as_conversation(layer)) continue;
    FlowKey key;
    set_endpoints(packet, layer, key);
    (depth == 0 ? sets_->outer : sets_->inner).insert(key);
  }
}

void ConversationCounter::observe_plain(const FlowKey& key) {
  FlowKey conversation = key;
  conversation.vlan_id = 0;
  sets_->outer.insert(conversation);
}

void ConversationCounter::add(const ConversationCounter& other) {
  sets_->outer.add(other.sets_->outer);
  sets_->inner.add(other.sets_->inner);
}

ConversationCounts ConversationCounter::outer() const {
  sets_->outer.drain();
  return sets_->outer.counts();
}

ConversationCounts ConversationCounter::inner() const {
  sets_->inner.drain();
  return sets_->inner.counts();
}

std::uint64_t ConversationCounter::overflowed() const {
  sets_->outer.drain();
  sets_->inner.drain();
  return sets_->outer.overflowed() + sets_->inner.overflowed();
}

}  // namespace wireglass
