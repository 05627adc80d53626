#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "app/flow_applications.hpp"

namespace {

using namespace wireglass;

constexpr std::array kTransports = {FlowTransport{6, 50'000, 443}, FlowTransport{6, 50'000, 53},
                                    FlowTransport{17, 50'000, 53}, FlowTransport{17, 50'000, 443},
                                    FlowTransport{17, 50'000, 1900}};
constexpr std::size_t kFlows = 6;

}  // namespace

// Each step takes a byte for flow and action, one for the sequence number, one for the payload's length, then
// the payload. When every flow has ended, nothing may be left.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static FlowApplications applications({8192, 4, 2});
  std::array<FlowApplications::Reference, kFlows> flows{};
  std::array<std::array<std::uint32_t, 2>, kFlows> sequences{};
  const auto bytes = std::as_bytes(std::span(data, size));
  for (std::size_t at = 0; at + 3 <= size;) {
    const std::size_t flow = (data[at] & 0x0fU) % kFlows;
    const bool forward = (data[at] & 0x10) != 0;
    const bool ends = (data[at] & 0xe0) == 0xe0;
    const std::uint32_t length = data[at + 2] * 4U;
    const FlowTransport& transport = kTransports[flow % kTransports.size()];
    ApplicationPacket packet;
    packet.forward = forward;
    packet.syn = (data[at] & 0x20) != 0;
    packet.tcp_sequence = sequences[flow][forward ? 1 : 0] + data[at + 1] - 128;
    packet.wire_payload_bytes = length;
    at += 3;
    packet.payload = bytes.subspan(at, std::min<std::size_t>(length, size - at));
    at += packet.payload.size();
    if (ends) {
      flows[flow] = applications.conclude(flows[flow], transport);
      applications.release(flows[flow]);
      flows[flow] = 0;
      continue;
    }
    if (FlowApplications::wants(flows[flow], forward)) {
      flows[flow] = applications.observe(flows[flow], transport, packet);
    }
    sequences[flow][forward ? 1 : 0] += length;
    for (const std::string_view string : applications.fields(flows[flow]).strings) {
      if (string.size() > FieldText::kMaxBytes) std::abort();
    }
  }
  for (const FlowApplications::Reference flow : flows) applications.release(flow);
  if (applications.used_string_bytes() != 0) std::abort();
  return 0;
}
