#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "app/application_packet.hpp"
#include "app/field_text.hpp"

namespace wireglass {

/// Names the applications of flows by nDPI, where the build has it. nDPI wants whole IP packets: it is given
/// the flow's data behind headers that are made for it, which show the ports, sequence numbers and directions
/// but nobody's addresses, so that it goes by content, never by whose address it is.
class Classifier {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  static constexpr std::uint8_t kMaxPackets = 16;  ///< of a flow, with data

  /// Whether this build has nDPI.
  static bool available();

  /// For so many flows at a time; their state is allocated here and some of what protocols need by nDPI
  /// itself.
  explicit Classifier(std::uint32_t max_flows);
  ~Classifier();
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;

  /// A new flow's state; kNone when all are in use.
  std::uint32_t open();
  void close(std::uint32_t flow);

  /// True when the application is known or was given up; name() then tells it.
  bool observe(std::uint32_t flow, const FlowTransport& transport, const ApplicationPacket& packet);
  /// As nDPI writes it ("TLS.Google"); empty when it knows none.
  void name(std::uint32_t flow, FieldText& text);

  static std::uint64_t memory_bytes(std::uint32_t max_flows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
