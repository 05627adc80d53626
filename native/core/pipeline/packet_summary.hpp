#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "decode/decoder.hpp"
#include "packet/ip_address.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "segment/packet_store.hpp"

namespace wireglass {

/// What a list of recorded packets shows of one: its flow's addresses as in a FlowRecord, but in the packet's
/// own direction. What a packet does not have is absent.
struct PacketSummary {
  std::string_view protocol;  ///< "tcp", "udp", "icmp", "icmpv6", "sctp", "lisp_control", "arp", else "other"
  std::optional<std::uint8_t> ip_protocol;  ///< number of the innermost IP layer's upper layer
  std::optional<IpAddress> src_addr;
  std::optional<IpAddress> dst_addr;
  std::optional<std::uint16_t> src_port;
  std::optional<std::uint16_t> dst_port;
  std::optional<std::uint16_t> vlan_id;
  std::optional<std::string_view> overlay;
  std::optional<std::uint32_t> tenant_id;
  std::optional<IpAddress> outer_src_addr;
  std::optional<IpAddress> outer_dst_addr;
  std::string_view decode_status;  ///< kDecodeStatusNames
};

PacketSummary summarize_packet(const Decoder& decoder, const PacketView& packet);
/// The same for a packet that is decoded already.
PacketSummary summarize_packet(const PacketView& packet, const DecodedPacket& decoded);

/// The stored packet as a view; valid as long as `packet` is.
PacketView view_of(const StoredPacket& packet);

/// Why packets of these two do not fit one pcap.
Error several_link_types(LinkType first, LinkType other);

/// The packets, oldest place first, as a classic pcap with microsecond time stamps. Without packets: an empty
/// Ethernet file. Errors: "several_link_types" (the format has room for one; PCAPNG holds several).
Result<PcapngWriter::Buffer> make_pcap(std::span<const StoredPacket> packets);

}  // namespace wireglass
