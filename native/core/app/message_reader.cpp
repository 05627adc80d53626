#include "app/message_reader.hpp"

#include <algorithm>

#include "app/client_hello.hpp"
#include "app/dns_message.hpp"
#include "app/dtls_hello.hpp"
#include "app/http_message.hpp"
#include "app/ja4.hpp"
#include "app/tls_stream.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kMdnsPort = 5353;
constexpr std::uint16_t kLlmnrPort = 5355;
constexpr std::uint16_t kSsdpPort = 1900;

/// A message that ends early is settled when no more comes.
ParseStatus settle(ParseStatus status, bool is_all, bool has_fields) {
  if (status == ParseStatus::kFound || (status == ParseStatus::kNeedMore && !is_all)) return status;
  return is_all && has_fields ? ParseStatus::kFound : ParseStatus::kNotThis;
}

}  // namespace

void MessageReader::clear() {
  for (FieldText& text : texts_) text.clear();
  http_status_ = 0;
}

MessageReader::Outcome MessageReader::read(const FlowTransport& transport, std::span<const std::byte> bytes,
                                           bool is_all) {
  clear();
  if (bytes.empty()) return {is_all ? ParseStatus::kNotThis : ParseStatus::kNeedMore, MessageKind::kNone};
  if (transport.ip_protocol == kTcp) return read_tcp(transport, bytes, is_all);
  if (transport.ip_protocol == kUdp) return read_udp(transport, bytes);
  return {};
}

MessageReader::Outcome MessageReader::read_tcp(const FlowTransport& transport,
                                               std::span<const std::byte> bytes, bool is_all) {
  Outcome outcome;
  const auto attempt = [&](MessageKind kind, ParseStatus status) {
    if (status != ParseStatus::kNotThis) outcome = {status, kind};
    return status != ParseStatus::kNotThis;
  };
  // The first byte tells most of them apart, and what begins otherwise is not asked further.
  const auto first = std::to_integer<unsigned char>(bytes.front());
  if (first == 0x16 && attempt(MessageKind::kClientHello, read_tls_stream(bytes, is_all))) return outcome;
  if (transport.has_port(kDnsPort) && attempt(MessageKind::kDns, read_dns_stream(bytes, is_all)))
    return outcome;
  if (first == 'H' && attempt(MessageKind::kHttpResponse, read_response(bytes, is_all))) return outcome;
  if ((first >= 'A' && first <= 'Z') || first == '\r') {
    attempt(MessageKind::kHttpRequest, read_request(bytes, is_all));
  }
  return outcome;
}

MessageReader::Outcome MessageReader::read_udp(const FlowTransport& transport,
                                               std::span<const std::byte> bytes) {
  constexpr bool kIsAll = true;
  const auto found = [](MessageKind kind) { return Outcome{ParseStatus::kFound, kind}; };
  if (transport.has_port(kDnsPort) || transport.has_port(kMdnsPort) || transport.has_port(kLlmnrPort)) {
    if (read_dns_question(bytes, text(ApplicationString::kDnsQuery)) == ParseStatus::kFound)
      return found(MessageKind::kDns);
    return {};
  }
  if (transport.has_port(kSsdpPort)) {  // UPnP Device Architecture 2.0 section 1: HTTP in datagrams
    if (read_response(bytes, kIsAll) == ParseStatus::kFound) return found(MessageKind::kHttpResponse);
    if (read_request(bytes, kIsAll) == ParseStatus::kFound) return found(MessageKind::kHttpRequest);
  }
  return {};
}

ParseStatus MessageReader::read_dns_stream(std::span<const std::byte> bytes, bool is_all) {
  return settle(read_dns_question_over_tcp(bytes, text(ApplicationString::kDnsQuery)), is_all, false);
}

ParseStatus MessageReader::read_tls_stream(std::span<const std::byte> bytes, bool is_all) {
  ClientHello hello;
  const ParseStatus status = read_client_hello_record(bytes, *handshake_, hello);
  return keep_hello(hello, TlsTransport::kTcp, status, is_all);
}

ParseStatus MessageReader::keep_hello(const ClientHello& hello, TlsTransport transport, ParseStatus status,
                                      bool is_all) {
  if (status == ParseStatus::kNeedMore && !is_all) return status;
  // A ClientHello that is broken behind its server name does tell the name.
  const bool has_fields = !hello.server_name.empty() || !hello.alpn.empty();
  if (status != ParseStatus::kFound && !has_fields) return ParseStatus::kNotThis;
  text(ApplicationString::kTlsSni).append_escaped(hello.server_name);
  text(ApplicationString::kTlsAlpn).append_escaped(hello.alpn);
  if (status == ParseStatus::kFound) text(ApplicationString::kTlsJa4).append(Ja4(hello, transport).view());
  return ParseStatus::kFound;
}

bool MessageReader::may_be_hello(const FlowTransport& transport, std::span<const std::byte> datagram) {
  return transport.ip_protocol == kUdp && (may_be_quic_initial(datagram) || may_be_dtls_hello(datagram));
}

MessageReader::Outcome MessageReader::read_hello(std::span<const std::byte> datagram, DatagramHello& hello,
                                                 std::span<std::byte> buffer) {
  clear();
  if (read_quic_initials(datagram, hello.quic, hello.assembly, buffer) == ParseStatus::kFound) {
    hello.transport = TlsTransport::kQuic;
  } else if (read_dtls_hello(datagram, hello.assembly, buffer) == ParseStatus::kFound) {
    hello.transport = TlsTransport::kDtls;
  } else {
    return {};
  }
  ClientHello parts;
  const ParseStatus status = read_client_hello_message(buffer.first(hello.assembly.contiguous()),
                                                       hello.transport, kMaxHandshakeBytes, parts);
  return {keep_hello(parts, hello.transport, status, false), MessageKind::kClientHello};
}

MessageReader::Outcome MessageReader::read_unfinished_hello(const DatagramHello& hello,
                                                            std::span<const std::byte> buffer) {
  clear();
  ClientHello parts;
  const ParseStatus status = read_client_hello_message(buffer.first(hello.assembly.contiguous()),
                                                       hello.transport, kMaxHandshakeBytes, parts);
  return {keep_hello(parts, hello.transport, status, true), MessageKind::kClientHello};
}

ParseStatus MessageReader::read_request(std::span<const std::byte> bytes, bool is_all) {
  HttpRequest request;
  const ParseStatus read = read_http_request(bytes, request);
  const ParseStatus status = settle(read, is_all, !request.method.empty());
  if (status != ParseStatus::kFound) return status;
  text(ApplicationString::kHttpMethod).append(request.method);
  text(ApplicationString::kHttpHost).append_escaped(request.host);
  return status;
}

ParseStatus MessageReader::read_response(std::span<const std::byte> bytes, bool is_all) {
  return settle(read_http_status(bytes, http_status_), is_all, false);
}

ApplicationFields MessageReader::fields() const {
  ApplicationFields fields;
  for (std::size_t i = 0; i < kApplicationStringCount; ++i) fields.strings[i] = texts_[i].view();
  fields.http_status = http_status_;
  return fields;
}

std::size_t MessageReader::cut_strings() const {
  return static_cast<std::size_t>(
      std::count_if(texts_.begin(), texts_.end(), [](const FieldText& text) { return text.cut(); }));
}

}  // namespace wireglass
