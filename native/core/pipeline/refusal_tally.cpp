#include "pipeline/refusal_tally.hpp"

namespace wireglass {

namespace {

std::array<std::uint64_t, kDecodeStatusNames.size()> read_all(
    const std::array<Counter, kDecodeStatusNames.size()>& counters) {
  std::array<std::uint64_t, kDecodeStatusNames.size()> packets{};
  for (std::size_t index = 0; index < packets.size(); ++index) packets[index] = counters[index].value();
  return packets;
}

}  // namespace

void RefusalTally::count(DecodeStatus status, LinkType link_type) {
  by_status_[static_cast<std::size_t>(status)].add();
  if (status == DecodeStatus::kLinkTypeUnsupported) count_link_type(link_type);
}

void RefusalTally::count_link_type(LinkType link_type) {
  const std::size_t used = link_types_used_.load(std::memory_order_relaxed);
  for (std::size_t index = 0; index < used; ++index) {
    if (link_types_[index].type == link_type) {
      link_types_[index].packets.add();
      return;
    }
  }
  if (used == kMaxLinkTypes) return;
  link_types_[used].type = link_type;
  link_types_[used].packets.add();
  // A reader that sees the new length sees the entry as well.
  link_types_used_.store(used + 1, std::memory_order_release);
}

std::array<std::uint64_t, kDecodeStatusNames.size()> RefusalTally::by_status() const {
  return read_all(by_status_);
}

std::array<std::uint64_t, kDecodeStatusNames.size()> RefusalTally::unfollowed() const {
  return read_all(unfollowed_);
}

std::vector<std::pair<std::string, std::uint64_t>> RefusalTally::by_link_type() const {
  std::vector<std::pair<std::string, std::uint64_t>> named;
  const std::size_t used = link_types_used_.load(std::memory_order_acquire);
  named.reserve(used);
  for (std::size_t index = 0; index < used; ++index) {
    named.emplace_back(link_type_name(link_types_[index].type), link_types_[index].packets.value());
  }
  return named;
}

}  // namespace wireglass
