#include "pipeline/digest_exchange.hpp"

namespace wireglass {

DigestExchange::DigestExchange(std::uint32_t workers)
    : workers_(workers),
      rings_(static_cast<std::size_t>(workers) * workers),
      lost_(std::make_unique<Counter[]>(workers)),
      producers_(workers) {
  for (std::uint32_t from = 0; from < workers; ++from) {
    for (std::uint32_t to = 0; to < workers; ++to) {
      if (from != to) rings_[slot(from, to)] = std::make_unique<Ring>(kRingDigests);
    }
  }
}

void DigestExchange::hand_over(std::uint32_t from, std::uint32_t to, const PacketDigest& digest) {
  if (!rings_[slot(from, to)]->push(digest)) lost_[from].add();
}

std::size_t DigestExchange::take(std::uint32_t to, PacketDigest* digests, std::size_t limit) {
  std::size_t taken = 0;
  for (std::uint32_t from = 0; from < workers_; ++from) {
    if (from == to) continue;
    Ring& ring = *rings_[slot(from, to)];
    while (taken < limit && ring.pop(digests[taken])) ++taken;
  }
  return taken;
}

}  // namespace wireglass
