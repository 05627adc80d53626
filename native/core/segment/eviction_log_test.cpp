#include "segment/eviction_log.hpp"

#include <gmock/gmock.h>

#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kStart;

class EvictionLogTest : public ::testing::Test {
 protected:
  std::string path() const { return directory.path() + "/evicted.jsonl"; }

  static Eviction eviction(std::uint64_t sequence, std::uint32_t sensor = 7) {
    Eviction made;
    made.first_sequence = made.last_sequence = sequence;
    made.sensor = sensor;
    made.first_evicted_at_ns = made.last_evicted_at_ns = kStart + static_cast<TimeNs>(sequence);
    made.reason = "max_total_bytes";
    made.packets = 10;
    return made;
  }

  void write_lines(std::uint64_t count, bool sensor_per_line) const {
    std::ofstream file(path());
    for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
      file << "{\"sequence\":" << sequence << ",\"evicted_at_ns\":\""
           << kStart + static_cast<TimeNs>(sequence)
           << "\",\"reason\":\"max_total_bytes\",\"packets\":10,\"sensor\":"
           << (sensor_per_line ? sequence : 7) << "}\n";
    }
  }

  std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  testing::TemporaryDirectory directory;
};

TEST_F(EvictionLogTest, WritesOneLineOfTheDocumentedFormPerEviction) {
  EvictionLog log(path());
  ASSERT_TRUE(log.open().ok());
  ASSERT_TRUE(log.add(eviction(5)).ok());
  EXPECT_EQ(text(),
            "{\"sequence\":5,\"evicted_at_ns\":\"1700000000000000005\",\"reason\":\"max_total_bytes\","
            "\"packets\":10,"
            "\"sensor\":7}\n");
}

TEST_F(EvictionLogTest, ALineThatACrashCutIsDropped) {
  {
    EvictionLog log(path());
    ASSERT_TRUE(log.open().ok());
    for (const std::uint64_t sequence : {1, 2, 3}) ASSERT_TRUE(log.add(eviction(sequence)).ok());
  }
  const std::string whole = text();
  const std::size_t last_line = whole.rfind('{');
  for (std::size_t cut = last_line; cut < whole.size(); ++cut) {
    std::ofstream(path(), std::ios::trunc) << whole.substr(0, cut);
    EvictionLog log(path());
    ASSERT_TRUE(log.open().ok());
    EXPECT_EQ(log.entries().size(), 2u);
    ASSERT_TRUE(log.add(eviction(3)).ok());
    EXPECT_EQ(text(), whole);
  }
}

TEST_F(EvictionLogTest, StaysBoundedAndStillAnswersForEverySegment) {
  for (const std::uint64_t written :
       {std::uint64_t{EvictionLog::kMaxLines}, std::uint64_t{3 * EvictionLog::kMaxLines}}) {
    write_lines(written, false);
    EvictionLog log(path());
    ASSERT_TRUE(log.open().ok());
    for (std::uint64_t sequence = written + 1; sequence <= written + 10; ++sequence) {
      ASSERT_TRUE(log.add(eviction(sequence)).ok());
    }
    EXPECT_LE(log.entries().size(), EvictionLog::kMaxLines);
    const auto read = read_evictions(path());
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read.value().size(), log.entries().size());
    std::uint64_t next = 1;
    std::uint64_t packets = 0;
    for (const Eviction& entry : read.value()) {
      EXPECT_EQ(entry.first_sequence, next);
      EXPECT_EQ(entry.first_evicted_at_ns, kStart + static_cast<TimeNs>(entry.first_sequence));
      EXPECT_EQ(entry.last_evicted_at_ns, kStart + static_cast<TimeNs>(entry.last_sequence));
      next = entry.last_sequence + 1;
      packets += entry.packets;
    }
    EXPECT_EQ(next, written + 11);
    EXPECT_EQ(packets, 10 * (written + 10));
  }
}

TEST_F(EvictionLogTest, StaysBoundedWithASensorPerLine) {
  write_lines(3 * EvictionLog::kMaxLines, true);
  EvictionLog log(path());
  ASSERT_TRUE(log.open().ok());
  EXPECT_LE(log.entries().size(), EvictionLog::kMaxLines);
  EXPECT_EQ(read_evictions(path()).value().back().first_sequence, 3 * EvictionLog::kMaxLines);
}

TEST_F(EvictionLogTest, PassesOverLinesThatAreNoEvictions) {
  std::ofstream(path())
      << "\n{}\nnull\n{\"sequence\":1}\n"
      << R"({"sequence":-1,"evicted_at_ns":"1","reason":"x","packets":1,"sensor":1})" << '\n'
      << R"({"sequence":9,"evicted_at_ns":"1","reason":"x","packets":1,"sensor":1})" << '\n'
      << R"({"sequence":8,"evicted_at_ns":"1","reason":"x","packets":1,"sensor":99999999999})" << '\n';
  const auto read = read_evictions(path());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read.value().size(), 1u);
  EXPECT_EQ(read.value()[0].first_sequence, 9u);
}

TEST_F(EvictionLogTest, AFileOfAbsurdSizeIsRefused) {
  std::ofstream(path()) << "{}\n";
  std::filesystem::resize_file(path(), std::uintmax_t{1} << 40);
  EXPECT_EQ(read_evictions(path()).error().code, "segment_damaged");
}

}  // namespace
}  // namespace wireglass
