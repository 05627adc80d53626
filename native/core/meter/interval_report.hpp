#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "meter/interval_sample.hpp"

namespace wireglass {

/// One of the heaviest of a dimension. The true bytes lie in [bytes - error, bytes].
struct TopItem {
  std::string value;  ///< an address, "tcp/443", "vxlan/5001"
  std::string peer;   ///< of conversations: the other address
  std::uint64_t bytes = 0;
  std::uint64_t error = 0;
  std::uint64_t packets = 0;  ///< exact where error is 0, else those since the item was found heavy
};

/// The heaviest of one dimension, the heaviest first.
struct TopList {
  std::string_view dimension;
  std::vector<TopItem> items;
  std::uint64_t others_at_most = 0;  ///< bytes that a value which is not listed can have had
};

/// An interval as it leaves the core: complete, or what came too late for it. Reports of one interval add.
struct IntervalReport {
  TimeNs start_ns = 0;
  TimeNs interval_ns = 0;
  bool is_correction = false;               ///< a report of this interval, or of a later one, came before
  std::vector<InterfaceCounts> interfaces;  ///< by IntervalSample::interface_place
  std::vector<TopList> top;                 ///< src_addr, dst_addr, conversation, service, tenant
};
using IntervalReportPtr = std::shared_ptr<const IntervalReport>;

/// Everything but is_correction follows from the sample.
IntervalReport make_report(const IntervalSample& sample, const IntervalConfig& config);

/// "tcp", or the number where no short name is common.
std::string ip_protocol_name(std::uint8_t protocol);

}  // namespace wireglass
