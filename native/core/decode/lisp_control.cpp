#include "decode/lisp_control.hpp"

#include <array>
#include <string>
#include <string_view>

#include "decode/lisp_records.hpp"

namespace wireglass {
namespace {

enum MessageType : std::uint8_t {
  kMapRequest = 1,
  kMapReply = 2,
  kMapRegister = 3,
  kMapNotify = 4,
  kMapNotifyAck = 5,
  kMapReferral = 6,  // RFC 8111
  kInfo = 7,         // the NAT traversal of LISP
  kEncapsulated = 8,
};

constexpr std::array<std::string_view, 9> kTypeNames = {
    "reserved",     "map_request", "map_reply",
    "map_register", "map_notify",  "map_notify_ack",
    "map_referral", "info",        "encapsulated_control_message"};

constexpr std::uint32_t kFixedBytes = 4;  // type, flags, record count
constexpr std::uint32_t kNonceEnd = 12;
constexpr std::uint32_t kAuthenticationEnd = 16;  // key id, algorithm id, length of the data that follow

// RFC 9301 section 5.2
void describe_map_request(HeaderWriter& header) {
  header.bits("flag_authoritative", 0, 1, 3);
  header.bits("flag_map_data_present", 0, 1, 2);
  header.bits("flag_probe", 0, 1, 1);
  header.bits("flag_smr", 0, 1, 0);
  header.bits("flag_pitr", 1, 1, 7);
  header.bits("flag_smr_invoked", 1, 1, 6);
  header.bits("flag_local_xtr", 2, 1, 6);
  header.bits("flag_dont_map_reply", 2, 1, 5);
  header.bits("itr_rloc_count", 2, 1, 0, 5);
  header.number("record_count", 3, 1);
  header.hex("nonce", 4, 8);

  std::uint64_t flags = 0;
  std::uint64_t itr_rloc_count = 0;
  std::uint64_t record_count = 0;
  if (!header.read(0, 1, flags) || !header.read(2, 1, itr_rloc_count) || !header.read(3, 1, record_count))
    return;
  LispRecordWriter records(header, kNonceEnd);
  if (!records.address("source_eid")) return;
  for (std::uint64_t i = 0; i <= (itr_rloc_count & 0x1f); ++i) {
    if (!records.address("itr_rloc_" + std::to_string(i + 1))) return;
  }
  for (std::uint64_t i = 1; i <= record_count; ++i) {
    if (!records.requested_prefix("record_" + std::to_string(i) + "_")) return;
  }
  if ((flags & 0x04) != 0) records.mapping("map_reply_record_");
}

void describe_records(HeaderWriter& header, std::uint32_t at) {
  std::uint64_t record_count = 0;
  if (!header.read(3, 1, record_count)) return;
  LispRecordWriter records(header, at);
  for (std::uint64_t i = 1; i <= record_count; ++i) {
    if (!records.mapping("record_" + std::to_string(i) + "_")) return;
  }
}

// RFC 9301 section 5.4
void describe_map_reply(HeaderWriter& header) {
  header.bits("flag_probe", 0, 1, 3);
  header.bits("flag_echo_nonce_capable", 0, 1, 2);
  header.bits("flag_security", 0, 1, 1);
  header.number("record_count", 3, 1);
  header.hex("nonce", 4, 8);
  describe_records(header, kNonceEnd);
}

// The part that Map-Register, Map-Notify and its acknowledgement share: RFC 9301 sections 5.6 and 5.7.
void describe_authenticated(HeaderWriter& header) {
  header.number("record_count", 3, 1);
  header.hex("nonce", 4, 8);
  header.number("key_id", 12, 1);
  header.number("algorithm_id", 13, 1);
  header.number("authentication_data_length", 14, 2);
  std::uint64_t length = 0;
  if (!header.read(14, 2, length)) return;
  if (length > header.available() - kAuthenticationEnd) return;
  const auto data_bytes = static_cast<std::uint32_t>(length);
  if (data_bytes != 0) header.blob("authentication_data", kAuthenticationEnd, data_bytes);
  describe_records(header, kAuthenticationEnd + data_bytes);
}

void describe_map_register(HeaderWriter& header) {
  header.bits("flag_proxy_map_reply", 0, 1, 3);
  header.bits("flag_security", 0, 1, 2);
  header.bits("flag_xtr_id", 0, 1, 1);
  header.bits("flag_use_ttl_for_timeout", 2, 1, 3);
  header.bits("flag_merge", 2, 1, 2);
  header.bits("flag_mobile_node", 2, 1, 1);
  header.bits("flag_want_map_notify", 2, 1, 0);
  describe_authenticated(header);
}

void describe_info(HeaderWriter& header) {
  header.bits("flag_reply", 0, 1, 3);
  header.hex("nonce", 4, 8);
  header.number("key_id", 12, 2);
  header.number("authentication_data_length", 14, 2);
}

void describe_encapsulated(HeaderWriter& header) {
  header.bits("flag_security", 0, 1, 3);
  header.bits("flag_ddt_originated", 0, 1, 2);
  header.extend(kFixedBytes);
}

}  // namespace

ProtocolId parse_lisp_control(DecodeContext& context) {
  if (context.cursor.peek<1>()) context.add_header(ProtocolId::kLispControl);
  return ProtocolId::kEnd;
}

void describe_lisp_control(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "lisp_control", offset);
  std::uint64_t type = 0;
  if (!header.read(0, 1, type)) return;
  type >>= 4;
  header.bits("type", 0, 1, 4, 4);
  header.text("type_name", 0, 1, std::string(type < kTypeNames.size() ? kTypeNames[type] : "unassigned"));
  switch (type) {
    case kMapRequest:
      describe_map_request(header);
      break;
    case kMapReply:
      describe_map_reply(header);
      break;
    case kMapRegister:
      describe_map_register(header);
      break;
    case kMapNotify:
    case kMapNotifyAck:
      describe_authenticated(header);
      break;
    case kMapReferral:
      header.number("record_count", 3, 1);
      header.hex("nonce", 4, 8);
      break;
    case kInfo:
      describe_info(header);
      break;
    case kEncapsulated:
      describe_encapsulated(header);
      dissector.describe_quoted(offset + kFixedBytes, ProtocolId::kRawIp);
      break;
    default:
      break;
  }
}

}  // namespace wireglass
