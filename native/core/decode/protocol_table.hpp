#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "decode/decode_context.hpp"
#include "decode/decoded_packet.hpp"
#include "decode/header_writer.hpp"
#include "packet/link_type.hpp"

namespace wireglass {

/// Parses the header at the cursor and says what follows it; see DecodeContext.
using ParseFunction = ProtocolId (*)(DecodeContext& context);

/// Writes the header at `offset` out for people; see HeaderWriter.
using DescribeFunction = void (*)(Dissector& dissector, std::uint32_t offset);

struct ProtocolRow {
  ProtocolId id = ProtocolId::kEnd;
  std::string_view name;
  ParseFunction parse = nullptr;
  DescribeFunction describe = nullptr;
};

/// One row per protocol, in the order of ProtocolId.
extern const std::array<ProtocolRow, static_cast<std::size_t>(ProtocolId::kCount)> kProtocolTable;

inline const ProtocolRow& protocol_row(ProtocolId id) { return kProtocolTable[static_cast<std::size_t>(id)]; }

/// Runs the table's parse functions from `first` until one says kEnd.
void decode_headers(DecodeContext& context, ProtocolId first);

/// The first header of a packet of that link type; kEnd where the link type has no decoder.
ProtocolId protocol_of_link_type(LinkType link_type);

/// The same for a link type that a header names, which ends at the cursor.
ProtocolId enter_link_type(DecodeContext& context, std::uint32_t value);

/// What the decoder knows of an upper-layer protocol by its IP protocol number.
struct IpProtocolRow {
  ProtocolId protocol = ProtocolId::kEnd;  ///< its decoder, kEnd where it has none
  bool has_ports = false;                  ///< begins with source and destination port
};

inline constexpr std::array<IpProtocolRow, 256> kIpProtocols = [] {
  std::array<IpProtocolRow, 256> rows{};
  rows[1] = {ProtocolId::kIcmp, false};
  rows[4] = {ProtocolId::kIpInIp, false};
  rows[6] = {ProtocolId::kTcp, true};
  rows[17] = {ProtocolId::kUdp, true};
  rows[33] = {ProtocolId::kEnd, true};  // DCCP, RFC 4340 section 5.1
  rows[41] = {ProtocolId::kIpInIp, false};
  rows[47] = {ProtocolId::kGre, false};
  rows[50] = {ProtocolId::kEsp, false};
  rows[58] = {ProtocolId::kIcmpv6, false};
  rows[97] = {ProtocolId::kEtherIp, false};
  rows[103] = {ProtocolId::kPim, false};
  rows[108] = {ProtocolId::kIpComp, false};
  rows[115] = {ProtocolId::kL2tpIp, false};
  rows[132] = {ProtocolId::kEnd, true};  // SCTP, RFC 9260 section 3.1
  rows[136] = {ProtocolId::kEnd, true};  // UDP-Lite, RFC 3828 section 3.1
  rows[137] = {ProtocolId::kMpls, false};
  rows[143] = {ProtocolId::kEthernetInIp, false};
  return rows;
}();

}  // namespace wireglass
