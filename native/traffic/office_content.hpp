#pragma once

#include <cstdint>
#include <span>

#include "traffic/conversation.hpp"
#include "traffic/text.hpp"

namespace wireglass {

/// What the hosts of the office talk.
enum class OfficeService : std::uint8_t { kDns, kHttps, kSsh, kPostgres, kMetrics, kNtp, kPing };

/// Number of messages that conversations of this service have; odd ones come from the server.
std::uint8_t office_message_count(OfficeService service, std::uint64_t seed);

/// Writes a message in the service's format: DNS (RFC 1035), TLS 1.3 (RFC 8446), SSH (RFC 4253), PostgreSQL's
/// protocol 3, HTTP/1.1 with Prometheus text, NTP (RFC 5905), echo data. Returns its length.
std::uint32_t write_office_message(OfficeService service, const Conversation& conversation,
                                   std::uint32_t message, const TextPools& pools, std::span<std::byte> into);

}  // namespace wireglass
