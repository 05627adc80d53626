#include "decode/linux_sll.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kSllBytes = 16;
constexpr std::uint32_t kSll2Bytes = 20;
constexpr std::uint16_t kProtocol8022 = 0x0004;  // ETH_P_802_2 of Linux: an LLC header follows

// Devices whose protocol field holds something of their own instead of an EtherType (ARPHRD_ values of
// Linux).
constexpr std::uint16_t kArphrdNetlink = 824;
constexpr std::uint16_t kArphrdFrad = 770;
constexpr std::uint16_t kArphrdRadiotap = 803;
constexpr std::uint16_t kProtocolEthernet = 0x0003;  // what a device without a protocol of its own hands over

ProtocolId protocol_of_cooked(std::uint16_t arphrd_type, std::uint16_t protocol) {
  if (arphrd_type == kArphrdNetlink || arphrd_type == kArphrdFrad) return ProtocolId::kEnd;
  if (arphrd_type == kArphrdRadiotap) return ProtocolId::kRadiotap;
  if (protocol == kProtocolEthernet) return ProtocolId::kEthernet;
  return protocol == kProtocol8022 ? ProtocolId::kLlc : protocol_of_ethertype(protocol);
}

}  // namespace

ProtocolId parse_linux_sll(DecodeContext& context) {
  const auto header = context.cursor.peek<kSllBytes>();
  if (!context.add_header(ProtocolId::kLinuxSll)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kSllBytes);
  context.cursor.skip(kSllBytes);
  return protocol_of_cooked(header.u16<2>(), header.u16<14>());
}

void describe_linux_sll(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "linux_sll", offset);
  header.number("packet_type", 0, 2);
  header.number("arphrd_type", 2, 2);
  header.number("address_length", 4, 2);
  std::uint64_t address_length = 0;
  if (header.read(4, 2, address_length) && address_length == 6) {
    header.mac("src_mac", 6);
  } else {
    header.blob("address", 6, 8);
  }
  header.hex("protocol", 14, 2);
}

ProtocolId parse_linux_sll2(DecodeContext& context) {
  const auto header = context.cursor.peek<kSll2Bytes>();
  if (!context.add_header(ProtocolId::kLinuxSll2)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kSll2Bytes);
  context.cursor.skip(kSll2Bytes);
  return protocol_of_cooked(header.u16<8>(), header.u16<0>());
}

void describe_linux_sll2(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "linux_sll2", offset);
  header.hex("protocol", 0, 2);
  header.number("interface_index", 4, 4);
  header.number("arphrd_type", 8, 2);
  header.number("packet_type", 10, 1);
  header.number("address_length", 11, 1);
  std::uint64_t address_length = 0;
  if (header.read(11, 1, address_length) && address_length == 6) {
    header.mac("src_mac", 12);
  } else {
    header.blob("address", 12, 8);
  }
  header.extend(kSll2Bytes);
}

}  // namespace wireglass
