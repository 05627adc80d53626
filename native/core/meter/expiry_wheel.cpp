#include "meter/expiry_wheel.hpp"

#include <algorithm>
#include <bit>

namespace wireglass {

ExpiryWheel::ExpiryWheel(std::uint32_t max_entries, unsigned tick_shift)
    : links_(node_count(max_entries)), max_entries_(max_entries), tick_shift_(tick_shift) {
  for (std::uint32_t sentinel = max_entries_; sentinel <= due_sentinel(); ++sentinel) {
    links_[sentinel] = {sentinel, sentinel};
  }
}

void ExpiryWheel::insert(EntryNumber entry, WheelTime deadline) {
  const std::uint64_t tick = std::clamp(deadline >> tick_shift_, position_, position_ + kBuckets - 1);
  const std::uint32_t sentinel = bucket_sentinel(tick);
  append(sentinel, entry);
  mark_used(sentinel - max_entries_);
}

void ExpiryWheel::remove(EntryNumber entry) {
  const Link link = links_[entry];
  links_[link.previous].next = link.next;
  links_[link.next].previous = link.previous;
  if (link.next == link.previous && link.next >= max_entries_ && link.next != due_sentinel()) {
    mark_empty(link.next - max_entries_);
  }
}

void ExpiryWheel::advance_to(WheelTime now) {
  const std::uint64_t tick = now >> tick_shift_;
  if (tick <= position_) return;
  for (std::uint64_t earliest = earliest_tick(); earliest < tick; earliest = earliest_tick()) {
    splice_to_due(bucket_sentinel(earliest));
  }
  position_ = tick;
}

EntryNumber ExpiryWheel::first_due() const {
  const std::uint32_t first = links_[due_sentinel()].next;
  return first == due_sentinel() ? kNoEntry : first;
}

std::size_t ExpiryWheel::peek_due(std::span<EntryNumber> entries) const {
  std::size_t count = 0;
  for (std::uint32_t node = links_[due_sentinel()].next; node != due_sentinel() && count < entries.size();
       node = links_[node].next) {
    entries[count++] = node;
  }
  return count;
}

EntryNumber ExpiryWheel::first_waiting() const {
  const std::uint64_t tick = earliest_tick();
  return tick == kNoTick ? kNoEntry : links_[bucket_sentinel(tick)].next;
}

std::uint64_t ExpiryWheel::earliest_tick() const {
  if (used_words_ == 0) return kNoTick;
  const std::uint32_t start = static_cast<std::uint32_t>(position_ % kBuckets);
  const std::uint32_t start_word = start / kWordBits;
  const std::uint64_t rest_of_word = used_buckets_[start_word] >> (start % kWordBits);
  if (rest_of_word != 0) return position_ + static_cast<std::uint32_t>(std::countr_zero(rest_of_word));
  // The words behind the first one in the wheel's order, the first one's lower part last.
  const std::uint32_t next_word = (start_word + 1) % kWords;
  const auto words_on =
      static_cast<std::uint32_t>(std::countr_zero(std::rotr(used_words_, static_cast<int>(next_word))));
  const std::uint32_t word = (next_word + words_on) % kWords;
  const std::uint32_t bucket =
      word * kWordBits + static_cast<std::uint32_t>(std::countr_zero(used_buckets_[word]));
  return position_ + (bucket - start) % kBuckets;
}

void ExpiryWheel::append(std::uint32_t sentinel, EntryNumber entry) {
  const std::uint32_t last = links_[sentinel].previous;
  links_[entry] = {sentinel, last};
  links_[last].next = entry;
  links_[sentinel].previous = entry;
}

void ExpiryWheel::splice_to_due(std::uint32_t sentinel) {
  const Link ring = links_[sentinel];
  const std::uint32_t last_due = links_[due_sentinel()].previous;
  links_[last_due].next = ring.next;
  links_[ring.next].previous = last_due;
  links_[ring.previous].next = due_sentinel();
  links_[due_sentinel()].previous = ring.previous;
  links_[sentinel] = {sentinel, sentinel};
  mark_empty(sentinel - max_entries_);
}

void ExpiryWheel::mark_used(std::uint32_t bucket) {
  used_buckets_[bucket / kWordBits] |= std::uint64_t{1} << (bucket % kWordBits);
  used_words_ |= std::uint64_t{1} << (bucket / kWordBits);
}

void ExpiryWheel::mark_empty(std::uint32_t bucket) {
  used_buckets_[bucket / kWordBits] &= ~(std::uint64_t{1} << (bucket % kWordBits));
  if (used_buckets_[bucket / kWordBits] == 0) used_words_ &= ~(std::uint64_t{1} << (bucket / kWordBits));
}

}  // namespace wireglass
