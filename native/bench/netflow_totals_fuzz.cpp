#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "bench/netflow_totals.hpp"

// Messages, each with its length in front (two octets, big-endian): templates and the data that needs them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wireglass::bench::NetflowTotals totals;
  std::span<const std::byte> rest = std::as_bytes(std::span(data, size));
  std::uint64_t messages = 0;
  while (rest.size() >= 2) {
    const std::size_t length =
        std::to_integer<std::size_t>(rest[0]) << 8 | std::to_integer<std::size_t>(rest[1]);
    rest = rest.subspan(2);
    const auto message = rest.first(length < rest.size() ? length : rest.size());
    totals.add(message);
    ++messages;
    rest = rest.subspan(message.size());
  }
  if (totals.messages() != messages || totals.records() > size) std::abort();
  return 0;
}
