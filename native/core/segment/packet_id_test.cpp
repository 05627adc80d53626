#include "segment/packet_id.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace wireglass {
namespace {

TEST(PacketId, ReadsBackWhatItWrites) {
  for (const PacketId id : {PacketId{0, 1, 0}, PacketId{0xdeadbeef, 42, 7},
                            PacketId{0xffffffff, std::numeric_limits<std::uint64_t>::max(),
                                     std::numeric_limits<std::uint32_t>::max()}}) {
    const auto parsed = PacketId::parse(id.to_string());
    ASSERT_TRUE(parsed) << id.to_string();
    EXPECT_EQ(parsed->sensor, id.sensor);
    EXPECT_EQ(parsed->segment, id.segment);
    EXPECT_EQ(parsed->ordinal, id.ordinal);
  }
}

TEST(PacketId, HasTheDocumentedForm) { EXPECT_EQ((PacketId{0x1f, 3, 12}).to_string(), "1-0000001f-3-12"); }

TEST(PacketId, RefusesEverythingElse) {
  for (const char* text : {"",
                           "1",
                           "1-",
                           "1-0000001f",
                           "1-0000001f-",
                           "1-0000001f-3",
                           "1-0000001f-3-",
                           "1-0000001f-3-12-",
                           "1-0000001f-3-12 ",
                           " 1-0000001f-3-12",
                           "2-0000001f-3-12",
                           "1-1f-3-12",
                           "1-0000001F-3-12",
                           "1-0000001g-3-12",
                           "1-0000001f-0-12",
                           "1-0000001f-03-12",
                           "1-0000001f-3-012",
                           "1-0000001f--3-12",
                           "1-0000001f-+3-12",
                           "1-0000001f-3--1",
                           "1-0000001f-3-4294967296",
                           "1-0000001f-18446744073709551616-1",
                           "1-0000001f-3-12/..",
                           "1-0000001f-3-0x1"}) {
    EXPECT_FALSE(PacketId::parse(text)) << text;
  }
}

}  // namespace
}  // namespace wireglass
