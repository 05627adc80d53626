#include "packet/link_type.hpp"

#include <gtest/gtest.h>

namespace wireglass {
namespace {

TEST(LinkTypeName, NamesWhatTheRegistryKnows) {
  EXPECT_EQ(link_type_name(LinkType::kEthernet), "Ethernet (1)");
  EXPECT_EQ(link_type_name(LinkType::kNull), "BSD loopback (0)");
  EXPECT_EQ(link_type_name(LinkType::kRaw), "raw IP (101)");
  EXPECT_EQ(link_type_name(link_type_of(105)), "IEEE 802.11 (105)");
  EXPECT_EQ(link_type_name(link_type_of(129)), "ARCNET, Linux (129)");
  EXPECT_EQ(link_type_name(link_type_of(160)), "user-defined 13 (160)");
  EXPECT_EQ(link_type_name(LinkType::kLinuxSll2), "Linux cooked capture v2 (276)");
  EXPECT_EQ(link_type_name(link_type_of(299)), "FIRA UCI (299)");
}

TEST(LinkTypeName, GivesTheNumberOfAnUnknownType) {
  EXPECT_EQ(link_type_name(link_type_of(33)), "link type 33");
  EXPECT_EQ(link_type_name(link_type_of(4711)), "link type 4711");
  EXPECT_EQ(link_type_name(link_type_of(65535)), "link type 65535");
}

}  // namespace
}  // namespace wireglass
