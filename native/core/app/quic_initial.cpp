#include "app/quic_initial.hpp"

#include <algorithm>
#include <optional>

#include "app/byte_reader.hpp"
#include "app/quic_keys.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kLongHeader = 0xc0;  // header form and fixed bit
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSampleBytes = 16;
/// Plain text of a packet that is looked at: an Initial packet is one datagram of the path's size.
constexpr std::size_t kMaxPlainBytes = 4096;

/// A variable-length integer (RFC 9000 section 16).
std::uint64_t varint(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  std::uint64_t value = first & 0x3f;
  for (int more = (1 << (first >> 6)) - 1; more > 0; --more) value = value << 8 | reader.u8();
  return value;
}

/// A packet as it stands in the datagram (RFC 9000 section 17.2.2).
struct InitialPacket {
  std::uint8_t first_byte = 0;
  QuicConnection connection;
  std::span<const std::byte> protected_part;  ///< packet number, payload and tag, as far as captured
  std::uint64_t length = 0;                   ///< of that part on the wire
};

bool read_long_header(ByteReader& reader, InitialPacket& packet) {
  packet.first_byte = reader.u8();
  packet.connection.version = reader.u32();
  const std::uint8_t id_bytes = reader.u8();
  if (reader.passed_end() || (packet.first_byte & kLongHeader) != kLongHeader) return false;
  if (id_bytes > QuicConnection::kMaxIdBytes || !is_known_quic_version(packet.connection.version))
    return false;
  const auto id = reader.bytes(id_bytes);
  packet.connection.id_bytes = id_bytes;
  std::copy(id.begin(), id.end(), packet.connection.id.begin());
  const std::uint8_t source_id_bytes = reader.u8();
  if (source_id_bytes > QuicConnection::kMaxIdBytes) return false;
  reader.bytes(source_id_bytes);
  return !reader.passed_end() && (packet.first_byte >> 4 & 3) == quic_initial_type(packet.connection.version);
}

bool read_packet(ByteReader& reader, InitialPacket& packet) {
  if (!read_long_header(reader, packet)) return false;
  const std::uint64_t token_bytes = varint(reader);
  if (token_bytes > reader.remaining()) return false;
  reader.bytes(token_bytes);
  packet.length = varint(reader);
  if (reader.passed_end() || packet.length < 4 + kTagBytes) return false;
  packet.protected_part = reader.bytes(std::min<std::uint64_t>(packet.length, reader.remaining()));
  return true;
}

/// Removes header and packet protection (RFC 9001 section 5.4 and 5.3) into `plain`; false when the header
/// then is not an Initial packet's.
bool open_packet(const InitialPacket& packet, const QuicKeys& keys,
                 std::array<std::byte, kMaxPlainBytes>& plain, std::size_t& plain_bytes) {
  constexpr std::size_t kSampleAt = 4;
  constexpr std::uint8_t kReservedBits = 0x0c;
  const auto bytes = packet.protected_part;
  if (bytes.size() < kSampleAt + kSampleBytes) return false;
  Aes128::Block sample;
  std::copy_n(bytes.begin() + kSampleAt, kSampleBytes, sample.begin());
  const Aes128::Block mask = keys.header.encrypt(sample);
  const auto first =
      static_cast<std::uint8_t>(packet.first_byte ^ (std::to_integer<std::uint8_t>(mask[0]) & 0x0f));
  if ((first & kReservedBits) != 0) return false;

  const std::size_t number_bytes = (first & 3U) + 1;
  std::array<std::byte, 12> nonce = keys.iv;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    nonce[nonce.size() - number_bytes + i] ^= bytes[i] ^ mask[1 + i];
  }
  const std::size_t wire_payload = packet.length - number_bytes - kTagBytes;
  plain_bytes = std::min({bytes.size() - number_bytes, wire_payload, plain.size()});
  keys.payload.apply_gcm_keystream(nonce, bytes.subspan(number_bytes, plain_bytes),
                                   std::span(plain).first(plain_bytes));
  return true;
}

enum FrameType : std::uint8_t { kPadding = 0, kPing = 1, kAck = 2, kAckEcn = 3, kCrypto = 6, kClose = 0x1c };

void skip_ack(ByteReader& frames, bool has_ecn) {
  varint(frames);  // largest acknowledged
  varint(frames);  // delay
  const std::uint64_t ranges = varint(frames);
  varint(frames);
  for (std::uint64_t i = 0; i < 2 * ranges && !frames.passed_end(); ++i) varint(frames);
  for (int i = 0; has_ecn && i < 3; ++i) varint(frames);
}

/// A CRYPTO frame of which the end may be missing when the packet was cut.
void read_crypto(ByteReader& frames, bool is_whole, Assembly& assembly, std::span<std::byte> buffer) {
  const std::uint64_t offset = varint(frames);
  std::uint64_t size = varint(frames);
  if (!is_whole && !frames.passed_end()) size = std::min<std::uint64_t>(size, frames.remaining());
  const auto data = frames.bytes(std::min<std::uint64_t>(size, UINT32_MAX));
  if (!frames.passed_end() && offset < buffer.size()) {
    assembly.add(buffer, static_cast<std::int64_t>(offset), data);
  }
}

/// Whether the plain text is frames of an Initial packet throughout (RFC 9000 section 17.2.2). Padding is
/// passed in both runs; data is kept in the second.
bool read_frames(std::span<const std::byte> plain, bool is_whole, Assembly& assembly,
                 std::span<std::byte> buffer) {
  ByteReader frames(plain);
  while (frames.remaining() > 0) {
    switch (frames.u8()) {
      case kPadding:
        frames.skip_zeros();
        break;
      case kPing:
        break;
      case kAck:
        skip_ack(frames, false);
        break;
      case kAckEcn:
        skip_ack(frames, true);
        break;
      case kCrypto:
        read_crypto(frames, is_whole, assembly, buffer);
        break;
      case kClose:
        varint(frames);
        varint(frames);
        frames.bytes(varint(frames));
        break;
      default:
        return false;
    }
    if (frames.passed_end()) return !is_whole;
  }
  return true;
}

bool open_with(const InitialPacket& packet, const QuicConnection& connection, Assembly& assembly,
               std::span<std::byte> buffer) {
  const std::optional<QuicKeys> keys = QuicKeys::derive(connection);
  std::array<std::byte, kMaxPlainBytes> plain;
  std::size_t plain_bytes = 0;
  if (!keys || !open_packet(packet, *keys, plain, plain_bytes)) return false;
  const bool is_whole = packet.protected_part.size() == packet.length && plain_bytes < plain.size();
  // First into nowhere: what does not turn out to be frames must leave no trace.
  Assembly nowhere;
  const auto text = std::span(plain).first(plain_bytes);
  return read_frames(text, is_whole, nowhere, {}) && read_frames(text, is_whole, assembly, buffer);
}

}  // namespace

bool may_be_quic_initial(std::span<const std::byte> datagram) {
  ByteReader reader(datagram);
  InitialPacket packet;
  return read_long_header(reader, packet);
}

ParseStatus read_quic_initials(std::span<const std::byte> datagram, QuicConnection& connection,
                               Assembly& assembly, std::span<std::byte> buffer) {
  ParseStatus status = ParseStatus::kNotThis;
  ByteReader reader(datagram);
  InitialPacket packet;
  while (reader.remaining() > 0 && read_packet(reader, packet)) {
    // The client goes over to the server's connection id when it knows it; the keys stay (RFC 9001
    // section 5.2).
    const bool known = connection.version != 0;
    if (known && open_with(packet, connection, assembly, buffer)) {
      status = ParseStatus::kFound;
    } else if (open_with(packet, packet.connection, assembly, buffer)) {
      if (!known) connection = packet.connection;
      status = ParseStatus::kFound;
    }
    packet = InitialPacket();
  }
  return status;
}

}  // namespace wireglass
