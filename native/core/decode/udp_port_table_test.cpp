#include "decode/udp_port_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "decode/decoder_config.hpp"

namespace wireglass {
namespace {

TEST(UdpPortTable, AnswersAsAPlainMapDoes) {
  std::vector<UdpPort> rows;
  std::map<std::uint16_t, ProtocolId> plain;
  std::uint32_t state = 7;
  for (int i = 0; i < 300; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    const UdpPort row = {static_cast<std::uint16_t>(state >> 16),
                         (state & 1) != 0 ? ProtocolId::kVxlan : ProtocolId::kLisp};
    rows.push_back(row);
    plain.emplace(row.port, row.protocol);
    if (i % 50 != 0) continue;
    const UdpPortTable table(rows);
    for (std::uint32_t port = 0; port <= 65'535; ++port) {
      const auto found = plain.find(static_cast<std::uint16_t>(port));
      const ProtocolId expected = found == plain.end() ? ProtocolId::kEnd : found->second;
      ASSERT_EQ(table.find(static_cast<std::uint16_t>(port), 0), expected) << port;
      ASSERT_EQ(table.find(0, static_cast<std::uint16_t>(port)), expected) << port;
    }
  }
}

TEST(UdpPortTable, DestinationComesBeforeSource) {
  const std::vector<UdpPort> rows = {{4789, ProtocolId::kVxlan}, {4341, ProtocolId::kLisp}};
  const UdpPortTable table(rows);
  EXPECT_EQ(table.find(4789, 4341), ProtocolId::kLisp);
  EXPECT_EQ(table.find(4341, 4789), ProtocolId::kVxlan);
  EXPECT_EQ(table.find(4341, 53), ProtocolId::kLisp);
  EXPECT_EQ(table.find(4341 + 512, 4789 - 512), ProtocolId::kEnd) << "their bits are those of the two";
}

TEST(UdpPortTable, MayBeEmpty) { EXPECT_EQ(UdpPortTable({}).find(0, 4789), ProtocolId::kEnd); }

TEST(DecoderConfig, PortsOfAProtocolAreReplacedTogether) {
  DecoderConfig config;
  config.set_ports(ProtocolId::kVxlan, std::array<std::uint16_t, 2>{4789, 14789});
  UdpPortTable table(config.udp_ports);
  EXPECT_EQ(table.find(1, 14789), ProtocolId::kVxlan);
  EXPECT_EQ(table.find(1, 4789), ProtocolId::kVxlan);
  EXPECT_EQ(table.find(1, 8472), ProtocolId::kEnd);
  EXPECT_EQ(table.find(1, 6081), ProtocolId::kGeneve) << "others keep theirs";

  config.set_ports(ProtocolId::kVxlan, {});
  EXPECT_EQ(UdpPortTable(config.udp_ports).find(4789, 14789), ProtocolId::kEnd);
  config.set_ports(ProtocolId::kVxlan, std::array<std::uint16_t, 1>{6081});
  EXPECT_EQ(UdpPortTable(config.udp_ports).find(1, 6081), ProtocolId::kVxlan) << "the last one has it";
}

TEST(DecoderConfig, EveryProtocolHasPortsAndEveryPortAProtocol) {
  for (const UdpProtocol& protocol : kUdpProtocols) {
    if (protocol.protocol == ProtocolId::kFou) continue;  // its ports are nobody's but the site's
    EXPECT_TRUE(std::any_of(kDefaultUdpPorts.begin(), kDefaultUdpPorts.end(), [&](const UdpPort& row) {
      return row.protocol == protocol.protocol;
    })) << protocol.name;
  }
  for (const UdpPort& row : kDefaultUdpPorts) {
    EXPECT_TRUE(std::any_of(kUdpProtocols.begin(), kUdpProtocols.end(), [&](const UdpProtocol& protocol) {
      return row.protocol == protocol.protocol;
    })) << row.port;
  }
}

}  // namespace
}  // namespace wireglass
