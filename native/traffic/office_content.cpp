#include "traffic/office_content.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "traffic/random.hpp"
#include "traffic/tls_content.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

constexpr std::array<std::string_view, 8> kHostLabels = {"www",  "mail", "wiki", "git",
                                                         "chat", "api",  "cdn",  "inference"};

std::string_view host_label(std::uint64_t seed) {
  return kHostLabels[mix_bits(seed ^ 0xd5) % kHostLabels.size()];
}

void put_dns_question(TextWriter& writer, std::uint64_t seed, bool ipv6) {
  constexpr std::uint16_t kTypeA = 1;
  constexpr std::uint16_t kTypeAaaa = 28;
  constexpr std::uint16_t kClassInternet = 1;
  const std::string_view label = host_label(seed);
  writer.u8(static_cast<std::uint8_t>(label.size())).text(label);
  writer.u8(7).text("example").u8(3).text("com").u8(0);
  writer.u16(ipv6 ? kTypeAaaa : kTypeA).u16(kClassInternet);
}

void write_dns(TextWriter& writer, std::uint64_t seed, bool answer) {
  constexpr std::uint16_t kQuery = 0x0100;     // recursion desired
  constexpr std::uint16_t kResponse = 0x8180;  // and available
  constexpr std::uint16_t kNameOfQuestion = 0xc00c;
  const bool ipv6 = (seed >> 17 & 3) == 0;
  const auto answers = static_cast<std::uint16_t>(answer ? 1 + (seed >> 24) % 4 : 0);
  writer.u16(static_cast<std::uint16_t>(seed)).u16(answer ? kResponse : kQuery);
  writer.u16(1).u16(answers).u16(0).u16(0);
  put_dns_question(writer, seed, ipv6);
  for (std::uint16_t number = 0; number < answers; ++number) {
    writer.u16(kNameOfQuestion).u16(ipv6 ? 28 : 1).u16(1).u32(300).u16(ipv6 ? 16 : 4);
    if (ipv6) {
      writer.u64(0x2001'0db8'0000'0080U).u64(number + 1);
    } else {
      writer.u32(198U << 24 | 51U << 16 | 100U << 8 | (10U + number));
    }
  }
}

void write_ssh(TextWriter& writer, std::uint64_t seed, std::uint32_t message, const TextPools& pools) {
  if (message < 2) {
    writer.text(message == 0 ? "SSH-2.0-OpenSSH_9.2p1\r\n" : "SSH-2.0-OpenSSH_9.6\r\n");
    return;
  }
  // Behind the versions all is encrypted: keystrokes, their echoes, now and then a screen.
  const std::uint64_t draw = mix_bits(seed + message);
  const auto screen_bytes =
      static_cast<std::uint32_t>(draw % 8 == 0 && message % 2 == 1 ? 400 + draw % 2400 : 36);
  writer.text(pools.random(draw, screen_bytes / 4 * 4));
}

/// Type byte, length with itself, then the body.
void put_postgres(TextWriter& writer, char type, std::span<const std::byte> body) {
  writer.u8(static_cast<std::uint8_t>(type)).u32(static_cast<std::uint32_t>(body.size() + 4)).bytes(body);
}

void put_postgres_rows(TextWriter& writer, std::uint64_t seed, const TextPools& pools) {
  std::array<std::byte, 512> buffer;
  TextWriter description(buffer);
  description.u16(1).text("name").u8(0).u32(0).u16(0).u32(25).u16(0xffff).u32(0xffff'ffff).u16(0);
  put_postgres(writer, 'T', {description.at(0), description.size()});
  const auto rows = static_cast<std::uint32_t>(1 + seed % 30);
  for (std::uint32_t number = 0; number < rows; ++number) {
    const auto bytes = static_cast<std::uint32_t>(10 + mix_bits(seed + number) % 150);
    TextWriter row(buffer);
    row.u16(1).u32(bytes).text(pools.words(mix_bits(seed ^ number), bytes));
    put_postgres(writer, 'D', {row.at(0), row.size()});
  }
  TextWriter complete(buffer);
  complete.text("SELECT ").number(rows).u8(0);
  put_postgres(writer, 'C', {complete.at(0), complete.size()});
}

void write_postgres(TextWriter& writer, std::uint64_t seed, std::uint32_t message, const TextPools& pools) {
  constexpr std::array<std::byte, 1> kIdle = {std::byte{'I'}};
  constexpr std::array<std::byte, 4> kAuthenticated = {};
  constexpr std::string_view kParameters("user\0app\0database\0shop\0\0", 24);
  constexpr std::uint32_t kProtocolVersion3 = 3U << 16;
  std::array<std::byte, 256> buffer;
  TextWriter body(buffer);
  if (message == 0) {
    writer.u32(static_cast<std::uint32_t>(8 + kParameters.size())).u32(kProtocolVersion3).text(kParameters);
  } else if (message == 1) {
    put_postgres(writer, 'R', kAuthenticated);
    put_postgres(writer, 'Z', kIdle);
  } else if (message % 2 == 0) {
    body.text("SELECT name FROM orders WHERE id > ").number(mix_bits(seed + message) % 100'000).u8(0);
    put_postgres(writer, 'Q', {body.at(0), body.size()});
  } else {
    put_postgres_rows(writer, mix_bits(seed + message), pools);
    put_postgres(writer, 'Z', kIdle);
  }
}

void write_metrics(TextWriter& writer, std::uint64_t seed, bool answer) {
  if (!answer) {
    writer.text("GET /metrics HTTP/1.1\r\nHost: ").text(host_label(seed));
    writer.text(".example.com:9100\r\nUser-Agent: Prometheus/2.53.0\r\nAccept: text/plain\r\n\r\n");
    return;
  }
  std::array<std::byte, 4096> buffer;
  TextWriter body(buffer);
  for (std::uint32_t cpu = 0; cpu < 16; ++cpu) {
    body.text("node_cpu_seconds_total{cpu=\"").number(cpu).text("\",mode=\"user\"} ");
    body.number(mix_bits(seed + cpu) % 10'000'000).text("\nnode_cpu_seconds_total{cpu=\"").number(cpu);
    body.text("\",mode=\"idle\"} ").number(mix_bits(seed ^ cpu) % 90'000'000).text("\n");
  }
  writer.text("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: ");
  writer.number(body.size()).text("\r\n\r\n").bytes({body.at(0), body.size()});
}

void write_ntp(TextWriter& writer, std::uint64_t seed, bool answer) {
  constexpr std::uint32_t kClientHeader = 0x2300'0a20;  // version 4, client, poll 2^10 s
  constexpr std::uint32_t kServerHeader = 0x2401'0aec;  // stratum 1
  constexpr std::uint64_t kNtpTime = 0xe8ff'0000'0000'0000;
  writer.u32(answer ? kServerHeader : kClientHeader).u32(0).u32(answer ? 0x20 : 0);
  writer.text(answer ? std::string_view("GPS\0", 4) : std::string_view("\0\0\0\0", 4));
  const std::uint64_t now = kNtpTime + (mix_bits(seed) >> 24);
  writer.u64(answer ? now - (16ULL << 32) : 0).u64(answer ? now : 0).u64(answer ? now + 4096 : 0);
  writer.u64(answer ? now + 8192 : now);
}

}  // namespace

std::uint8_t office_message_count(OfficeService service, std::uint64_t seed) {
  const auto draw = static_cast<std::uint32_t>(mix_bits(seed ^ 0xc0) >> 32);
  switch (service) {
    case OfficeService::kHttps:
      return static_cast<std::uint8_t>(4 + draw % 5 * 2);
    case OfficeService::kSsh:
      return static_cast<std::uint8_t>(8 + draw % 20 * 2);
    case OfficeService::kPostgres:
      return static_cast<std::uint8_t>(4 + draw % 16 * 2);
    case OfficeService::kPing:
      return static_cast<std::uint8_t>(2 + draw % 8 * 2);
    default:
      return 2;
  }
}

std::uint32_t write_office_message(OfficeService service, const Conversation& conversation,
                                   std::uint32_t message, const TextPools& pools, std::span<std::byte> into) {
  constexpr std::uint32_t kEchoBytes = 56;
  TextWriter writer(into);
  const std::uint64_t seed = conversation.seed;
  const bool answer = message % 2 == 1;
  switch (service) {
    case OfficeService::kDns:
      write_dns(writer, seed, answer);
      break;
    case OfficeService::kHttps:
      write_tls_message(writer, seed, message, host_label(seed), pools);
      break;
    case OfficeService::kSsh:
      write_ssh(writer, seed, message, pools);
      break;
    case OfficeService::kPostgres:
      write_postgres(writer, seed, message, pools);
      break;
    case OfficeService::kMetrics:
      write_metrics(writer, seed, answer);
      break;
    case OfficeService::kNtp:
      write_ntp(writer, seed, answer);
      break;
    case OfficeService::kPing:
      // A reply returns its request's bytes (RFC 792).
      writer.text(pools.random(seed + message / 2, kEchoBytes));
      break;
  }
  return writer.size();
}

}  // namespace wireglass
