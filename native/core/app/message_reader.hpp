#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "app/application_fields.hpp"
#include "app/application_packet.hpp"
#include "app/client_hello.hpp"
#include "app/field_text.hpp"
#include "app/parse_status.hpp"
#include "app/quic_initial.hpp"

namespace wireglass {

enum class MessageKind : std::uint8_t { kNone, kDns, kClientHello, kHttpRequest, kHttpResponse, kCount };
inline constexpr auto kMessageKindCount = static_cast<std::size_t>(MessageKind::kCount);

/// A ClientHello that comes in datagrams: QUIC's or DTLS's.
struct DatagramHello {
  Assembly assembly;
  QuicConnection quic;
  TlsTransport transport = TlsTransport::kTcp;  ///< kTcp: none
};

/// Recognises the first message in one direction of a flow and reads its fields. Works in buffers of its own,
/// so that nothing is allocated.
class MessageReader {
 public:
  /// Handshake bytes of a ClientHello at most; the longest that are seen have 2 KiB.
  static constexpr std::size_t kMaxHandshakeBytes = 16'384;

  struct Outcome {
    ParseStatus status = ParseStatus::kNotThis;
    MessageKind kind = MessageKind::kNone;
  };

  MessageReader() : handshake_(std::make_unique<std::array<std::byte, kMaxHandshakeBytes>>()) {}

  /// `bytes` are those of a TCP direction from a message's beginning on, or a datagram. With `is_all`, when
  /// no more will come, a message that ends early is found with the fields that it does show, and kNeedMore
  /// not returned.
  Outcome read(const FlowTransport& transport, std::span<const std::byte> bytes, bool is_all);

  /// Whether a datagram begins like a ClientHello: then read_hello() reads it, not read().
  static bool may_be_hello(const FlowTransport& transport, std::span<const std::byte> datagram);

  /// Adds what a datagram has of a ClientHello to `hello`, whose bytes are gathered in `buffer`. kNotThis
  /// when it has nothing of one; kNeedMore as long as the ClientHello is not whole.
  Outcome read_hello(std::span<const std::byte> datagram, DatagramHello& hello, std::span<std::byte> buffer);
  /// What an unfinished one does show.
  Outcome read_unfinished_hello(const DatagramHello& hello, std::span<const std::byte> buffer);
  /// For a ClientHello that is in one datagram.
  std::span<std::byte> scratch() { return *handshake_; }

  /// What the last read found; valid until the next.
  ApplicationFields fields() const;
  /// Strings of it that were longer than a field may be.
  std::size_t cut_strings() const;
  static std::uint64_t memory_bytes() { return sizeof(MessageReader) + kMaxHandshakeBytes; }

 private:
  Outcome read_tcp(const FlowTransport& transport, std::span<const std::byte> bytes, bool is_all);
  Outcome read_udp(const FlowTransport& transport, std::span<const std::byte> bytes);
  ParseStatus read_dns_stream(std::span<const std::byte> bytes, bool is_all);
  ParseStatus keep_hello(const ClientHello& hello, TlsTransport transport, ParseStatus status, bool is_all);
  ParseStatus read_tls_stream(std::span<const std::byte> bytes, bool is_all);
  ParseStatus read_request(std::span<const std::byte> bytes, bool is_all);
  ParseStatus read_response(std::span<const std::byte> bytes, bool is_all);

  void clear();
  FieldText& text(ApplicationString field) { return texts_[static_cast<std::size_t>(field)]; }

  std::array<FieldText, kApplicationStringCount> texts_;
  std::uint16_t http_status_ = 0;
  std::unique_ptr<std::array<std::byte, kMaxHandshakeBytes>> handshake_;
};

}  // namespace wireglass
