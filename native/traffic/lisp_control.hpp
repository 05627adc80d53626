#pragma once

#include <cstdint>
#include <span>

#include "traffic/scripted_generator.hpp"

namespace wireglass {

/// Message types of the LISP control plane (RFC 9301 section 5.1).
enum class LispControlType : std::uint8_t {
  kMapRequest = 1,
  kMapReply = 2,
  kMapRegister = 3,
  kMapNotify = 4,
};

/// Tunnel routers that probe each other's locators (Map-Request, Map-Reply) and register their prefixes with
/// the map-server (Map-Register, Map-Notify, authenticated with HMAC-SHA-256-128 under kLispSharedKey).
class LispControlFamily final : public ConversationFamily {
 public:
  explicit LispControlFamily(std::uint64_t seed) : seed_(seed) {}

  void plan(Conversation& conversation, FrameScratch& scratch) override;
  FrameLengths encode(const Conversation& conversation, const Segment& segment, FrameScratch& scratch,
                      TrafficLedger& ledger) override;

  /// Type of the packet that was made last.
  LispControlType last_type() const { return last_type_; }

 private:
  std::uint64_t seed_;
  std::uint64_t planned_ = 0;
  LispControlType last_type_ = LispControlType::kMapRequest;
};

inline constexpr char kLispSharedKey[] = "map-server demo key";

/// Type of a control conversation's message: even ones ask, odd ones answer.
LispControlType lisp_control_type(const Conversation& conversation, std::uint32_t message);

/// Writes that message; returns its length.
std::uint32_t write_lisp_control(const Conversation& conversation, std::uint32_t message,
                                 std::span<std::byte> into);

}  // namespace wireglass
