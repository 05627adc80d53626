#include "traffic/tls_content.hpp"

#include <algorithm>
#include <array>

#include "traffic/random.hpp"

namespace wireglass {
namespace {

constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint16_t kTls13 = 0x0304;
constexpr std::uint16_t kAes128GcmSha256 = 0x1301;
constexpr std::uint16_t kX25519 = 0x001d;
constexpr std::uint32_t kKeyBytes = 32;
constexpr std::uint32_t kMaxRecordBytes = 16'384;

enum ContentType : std::uint8_t { kChangeCipherSpec = 20, kHandshake = 22, kApplicationData = 23 };
enum HandshakeType : std::uint8_t { kClientHello = 1, kServerHello = 2 };
enum ExtensionType : std::uint16_t {
  kServerName = 0,
  kSupportedGroups = 10,
  kSignatureAlgorithms = 13,
  kSupportedVersions = 43,
  kKeyShare = 51,
};

void put_record_header(TextWriter& writer, ContentType type, std::uint32_t bytes) {
  writer.u8(type).u16(kTls12).u16(static_cast<std::uint16_t>(bytes));
}

void put_application_data(TextWriter& writer, std::uint64_t draw, std::uint32_t bytes,
                          const TextPools& pools) {
  for (std::uint32_t left = bytes; left > 0;) {
    const std::uint32_t record = std::min(left, kMaxRecordBytes);
    put_record_header(writer, kApplicationData, record);
    writer.text(pools.random(draw + left, record));
    left -= record;
  }
}

/// Server name (RFC 6066 section 3): list, type host_name, name.
void put_server_name(TextWriter& out, std::string_view label) {
  constexpr std::string_view kDomain = ".example.com";
  const auto bytes = static_cast<std::uint16_t>(label.size() + kDomain.size());
  out.u16(kServerName).u16(bytes + 5).u16(bytes + 3).u8(0).u16(bytes).text(label).text(kDomain);
}

void put_client_extensions(TextWriter& out, std::uint64_t seed, std::string_view label,
                           const TextPools& pools) {
  put_server_name(out, label);
  out.u16(kSupportedGroups).u16(4).u16(2).u16(kX25519);
  out.u16(kSignatureAlgorithms).u16(6).u16(4).u16(0x0403).u16(0x0804);
  out.u16(kSupportedVersions).u16(3).u8(2).u16(kTls13);
  out.u16(kKeyShare).u16(kKeyBytes + 6).u16(kKeyBytes + 4).u16(kX25519).u16(kKeyBytes);
  out.text(pools.random(mix_bits(seed ^ 3), kKeyBytes));
}

void put_server_extensions(TextWriter& out, std::uint64_t seed, const TextPools& pools) {
  out.u16(kSupportedVersions).u16(2).u16(kTls13);
  out.u16(kKeyShare).u16(kKeyBytes + 4).u16(kX25519).u16(kKeyBytes);
  out.text(pools.random(mix_bits(seed ^ 4), kKeyBytes));
}

void put_hello(TextWriter& writer, HandshakeType type, std::uint64_t seed, std::string_view label,
               const TextPools& pools) {
  constexpr std::uint32_t kHandshakeHeaderBytes = 4;
  const bool client = type == kClientHello;
  std::array<std::byte, 256> extension_buffer;
  TextWriter extensions(extension_buffer);
  if (client) {
    put_client_extensions(extensions, seed, label, pools);
  } else {
    put_server_extensions(extensions, seed, pools);
  }
  std::array<std::byte, 512> hello_buffer;
  TextWriter hello(hello_buffer);
  hello.u16(kTls12).text(pools.random(mix_bits(seed ^ type), 32));
  hello.u8(32).text(pools.random(mix_bits(seed ^ 5), 32));  // the server returns the client's session id
  if (client) {
    hello.u16(2).u16(kAes128GcmSha256).u8(1).u8(0);
  } else {
    hello.u16(kAes128GcmSha256).u8(0);
  }
  hello.u16(static_cast<std::uint16_t>(extensions.size())).bytes({extensions.at(0), extensions.size()});
  put_record_header(writer, kHandshake, hello.size() + kHandshakeHeaderBytes);
  writer.u32(static_cast<std::uint32_t>(type) << 24 | hello.size()).bytes({hello.at(0), hello.size()});
}

}  // namespace

void write_tls_message(TextWriter& writer, std::uint64_t seed, std::uint32_t message,
                       std::string_view host_label, const TextPools& pools) {
  Random random(seed + message);
  const std::uint64_t draw = random.next();
  if (message == 0) {
    put_hello(writer, kClientHello, seed, host_label, pools);
  } else if (message == 1) {
    put_hello(writer, kServerHello, seed, host_label, pools);
    put_record_header(writer, kChangeCipherSpec, 1);
    writer.u8(1);
    put_application_data(writer, draw, random.between(1800, 4200), pools);
  } else if (message % 2 == 0) {
    put_application_data(writer, draw, random.between(120, 900), pools);
  } else {
    put_application_data(writer, draw,
                         random.below(6) == 0 ? random.between(8'000, 40'000) : random.between(300, 6'000),
                         pools);
  }
}

}  // namespace wireglass
