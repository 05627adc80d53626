#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "meter/flow_hash.hpp"

namespace wireglass {

enum class SamplingMode : std::uint8_t {
  kNone,
  kSystematic,  ///< count-based, every N-th packet (RFC 5475 section 5.1)
  kRandom,      ///< uniform probabilistic, each packet with probability 1/N (RFC 5475 section 5.2.2.1)
  kFlow,        ///< hash-based, one of N flows with all of its packets (RFC 5475 section 6.2)
};
inline constexpr std::array<std::string_view, 4> kSamplingModeNames = {"none", "systematic", "random",
                                                                       "flow"};

struct SamplingConfig {
  SamplingMode mode = SamplingMode::kNone;
  std::uint32_t rate = 1;  ///< N; 0 counts as 1
};

/// Decides which packets are metered: by a packet's number in its input or its flow's hash alone, so that it
/// is no matter which worker asks.
class Sampler {
 public:
  Sampler(const SamplingConfig& config, const FlowHash& hash)
      : mode_(config.rate > 1 ? config.mode : SamplingMode::kNone),
        rate_(config.rate),
        threshold_(std::numeric_limits<std::uint64_t>::max() / (config.rate > 1 ? config.rate : 1)),
        hash_(hash) {}

  /// All of them, whatever their numbers.
  bool takes_packets() const { return mode_ == SamplingMode::kNone || mode_ == SamplingMode::kFlow; }
  bool takes_packet(std::uint64_t number) const {
    if (mode_ == SamplingMode::kSystematic) return number % rate_ == 0;
    if (mode_ != SamplingMode::kRandom) return true;
    FlowKey key;
    key.addr_a.lo = number;
    return hash_(key) <= threshold_;
  }

  /// `hash` of the flow's key. Owners and places in the meter's table follow from it, too: mixed once more,
  /// what is taken spreads evenly over both.
  bool takes_flow(std::uint64_t hash) const {
    if (mode_ != SamplingMode::kFlow) return true;
    FlowKey key;
    key.addr_b.lo = hash;
    return hash_(key) <= threshold_;
  }

 private:
  SamplingMode mode_;
  std::uint32_t rate_;
  std::uint64_t threshold_;
  const FlowHash& hash_;
};

}  // namespace wireglass
