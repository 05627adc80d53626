#pragma once

#include <cstdint>
#include <vector>

namespace wireglass {

/// Sizes that add up to `packets`, largest first: least + A / (rank + 3)^exponent.
/// `packets` is at least `connections * least`.
std::vector<std::uint32_t> connection_sizes(std::uint64_t packets, std::uint32_t connections,
                                            std::uint32_t least, double exponent);

/// The connection of every packet, in time order. A connection starts at a uniform instant, lasts the longer
/// the more packets it has, and spreads them over that time. Packets of one connection stay in their order.
/// Takes 16 bytes per packet while it runs.
std::vector<std::uint32_t> packet_order(const std::vector<std::uint32_t>& sizes, std::uint64_t packets,
                                        std::uint64_t seed);

/// The same for connections that all live from the beginning to the end: the first `sizes.size()` packets
/// open them, in any order, and every later one belongs to any of them.
std::vector<std::uint32_t> all_live_packet_order(const std::vector<std::uint32_t>& sizes, std::uint64_t seed);

}  // namespace wireglass
