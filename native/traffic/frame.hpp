#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "traffic/conversation.hpp"
#include "traffic/headers.hpp"

namespace wireglass {

/// Room for one message and the headers in front of a part of it.
struct FrameScratch {
  static constexpr std::size_t kMaxMessageBytes = 56 * 1024;
  static constexpr std::size_t kMaxFrameBytes = 2048;

  std::array<std::byte, kMaxMessageBytes> message;
  std::array<std::byte, kMaxFrameBytes> frame;
};

/// Lengths of a frame that was made.
struct FrameLengths {
  std::uint32_t frame_bytes = 0;
  std::uint32_t ip_bytes = 0;  ///< of the innermost IP packet
};

/// The conversation's IP header fields for this packet, without the payload's length.
IpFields ip_fields(const Conversation& conversation, const Segment& segment);

/// Puts the IP packet of a segment at `at`: IP, TCP with its options, UDP or ICMP, payload. Returns its
/// length. `payload` holds segment.bytes.
std::uint32_t put_ip_packet(std::byte* at, const Conversation& conversation, const Segment& segment,
                            const std::byte* payload);

}  // namespace wireglass
