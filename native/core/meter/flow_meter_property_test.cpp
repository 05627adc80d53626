// The cache against its plain twin on seeded random streams: whatever the cadence of advance() and the size
// of batches, the records are the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "meter/testing/digests.hpp"
#include "meter/testing/plain_meter.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::MeterUnderTest;
using testing::PlainMeter;
using testing::TestPacket;

using RecordText =
    std::tuple<std::uint64_t, std::uint32_t, TimeNs, TimeNs, std::uint16_t, std::uint16_t, std::uint64_t,
               std::uint64_t, std::uint64_t, std::uint64_t, int, int, int, int, std::uint64_t, std::uint64_t>;

RecordText comparable(const FlowRecord& record) {
  return {record.flow_id,
          record.record_index,
          record.start_ns,
          record.end_ns,
          record.src_port,
          record.dst_port,
          record.packets,
          record.bytes,
          record.rev_packets,
          record.rev_bytes,
          record.tcp_flags,
          record.rev_tcp_flags,
          static_cast<int>(record.end_reason),
          static_cast<int>(record.biflow_direction),
          record.first_segment,
          record.last_segment};
}

std::vector<RecordText> sorted(const std::vector<FlowRecord>& records) {
  std::vector<RecordText> texts;
  texts.reserve(records.size());
  for (const FlowRecord& record : records) texts.push_back(comparable(record));
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// What a stream is made of; each parameter makes another rule matter.
struct StreamShape {
  const char* name;
  std::uint32_t flows;
  TimeNs gap_ns;          ///< mean between packets
  double pause_chance;    ///< of a gap that lasts beyond the idle timeout
  double late_chance;     ///< of a packet that is out of order
  double step_chance;     ///< of time going back for good
  double tcp_end_chance;  ///< of FIN, RST or SYN in a packet
};

std::vector<PacketDigest> random_stream(const StreamShape& shape, std::uint32_t seed, std::size_t packets) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> chance(0, 1);
  const auto up_to = [&](TimeNs limit) { return std::uniform_int_distribution<TimeNs>(0, limit)(random); };
  const std::vector<std::uint8_t> ending = {0x01, 0x11, 0x04, 0x14, 0x02, 0x12, 0x03, 0x06, 0x07, 0x00};
  std::vector<PacketDigest> digests;
  digests.reserve(packets);
  TimeNs now = 1'000'000 * kSecondNs;
  for (std::size_t serial = 0; serial < packets; ++serial) {
    now += up_to(2 * shape.gap_ns);
    if (chance(random) < shape.pause_chance) now += up_to(40 * kSecondNs);
    if (chance(random) < shape.step_chance) now -= 20 * kSecondNs + up_to(1'000 * kSecondNs);
    TestPacket packet;
    packet.at_ns = now - (chance(random) < shape.late_chance ? up_to(14 * kSecondNs) : 0);
    packet.flow = static_cast<std::uint32_t>(up_to(shape.flows - 1));
    packet.from_b = chance(random) < 0.4;
    if (chance(random) < shape.tcp_end_chance) packet.tcp_flags = ending[static_cast<std::size_t>(up_to(9))];
    packet.ip_bytes = static_cast<std::uint32_t>(20 + up_to(1'480));
    packet.segment = chance(random) < 0.5 ? 1 + serial / 500 : 0;
    digests.push_back(digest_of(packet));
  }
  return digests;
}

/// When advance() runs while a stream is metered.
struct Cadence {
  const char* name;
  std::size_t batch_packets;
  std::size_t advance_every_batches;  ///< 0: never
};

class FlowMeterProperty : public ::testing::TestWithParam<StreamShape> {};

TEST_P(FlowMeterProperty, RecordsEqualThePlainTwinsAtAnyCadenceOfAdvance) {
  const std::vector<Cadence> cadences = {{"one packet, advance each", 1, 1},
                                         {"batches of 7", 7, 1},
                                         {"batches of 256", 256, 3},
                                         {"never", 300, 0}};
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const std::vector<PacketDigest> digests = random_stream(GetParam(), seed, 20'000);
    PlainMeter plain({});
    std::vector<std::uint64_t> plain_ids;
    plain_ids.reserve(digests.size());
    for (const PacketDigest& digest : digests) plain_ids.push_back(plain.meter(digest));
    plain.flush(EndReason::kForcedEnd);

    for (const Cadence& cadence : cadences) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << cadence.name);
      MeterUnderTest meter;
      std::vector<std::uint64_t> ids;
      std::size_t batches = 0;
      for (std::size_t first = 0; first < digests.size(); first += cadence.batch_packets) {
        const std::size_t count = std::min(cadence.batch_packets, digests.size() - first);
        const std::span<const PacketDigest> batch(digests.data() + first, count);
        const std::vector<std::uint64_t> batch_ids = meter.meter_all(batch);
        ids.insert(ids.end(), batch_ids.begin(), batch_ids.end());
        ++batches;
        if (cadence.advance_every_batches != 0 && batches % cadence.advance_every_batches == 0) {
          meter.flow_meter().advance(batch.back().timestamp_ns);
        }
      }
      meter.flush();
      ASSERT_EQ(ids, plain_ids);
      ASSERT_EQ(sorted(meter.records()), sorted(plain.records()));
      EXPECT_EQ(meter.counters().flows_evicted.value(), 0U);
    }
  }
}

TEST_P(FlowMeterProperty, RecordsSumUpToWhatWasMetered) {
  const std::vector<PacketDigest> digests = random_stream(GetParam(), 99, 50'000);
  std::uint64_t bytes = 0;
  for (const PacketDigest& digest : digests) bytes += digest.ip_bytes;
  MeterUnderTest meter;
  const std::vector<std::uint64_t> ids = meter.meter_all(digests);
  meter.flow_meter().advance(digests.back().timestamp_ns + 7 * kSecondNs);
  meter.flush();

  std::uint64_t record_packets = 0;
  std::uint64_t record_bytes = 0;
  std::set<std::pair<std::uint64_t, std::uint32_t>> names;
  std::set<std::uint64_t> flow_ids;
  for (const FlowRecord& record : meter.records()) {
    record_packets += record.packets + record.rev_packets;
    record_bytes += record.bytes + record.rev_bytes;
    EXPECT_LE(record.start_ns, record.end_ns);
    EXPECT_GT(record.packets + record.rev_packets, 0U);
    EXPECT_TRUE(names.insert({record.flow_id, record.record_index}).second) << "two records of one name";
    flow_ids.insert(record.flow_id);
  }
  EXPECT_EQ(record_packets, digests.size());
  EXPECT_EQ(record_bytes, bytes);
  EXPECT_EQ(std::set<std::uint64_t>(ids.begin(), ids.end()), flow_ids);
  EXPECT_EQ(meter.counters().packets.value(), digests.size());
  EXPECT_EQ(meter.counters().bytes.value(), bytes);
  EXPECT_EQ(meter.counters().records.value(), meter.records().size());
  EXPECT_EQ(meter.counters().flows_created.value(), flow_ids.size());
  EXPECT_EQ(meter.counters().flows_live.value(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Streams, FlowMeterProperty,
    ::testing::Values(StreamShape{"steady", 200, 10 * kMillisecondNs, 0, 0, 0, 0},
                      StreamShape{"idle_and_active", 40, 300 * kMillisecondNs, 0.01, 0, 0, 0},
                      StreamShape{"long_pauses", 500, 200 * kMillisecondNs, 0.05, 0, 0, 0.05},
                      StreamShape{"out_of_order", 60, 200 * kMillisecondNs, 0.01, 0.3, 0, 0.02},
                      StreamShape{"time_steps_back", 60, 100 * kMillisecondNs, 0.01, 0.1, 0.002, 0.02},
                      StreamShape{"tcp_ends", 100, 20 * kMillisecondNs, 0.002, 0.05, 0, 0.6},
                      StreamShape{"many_flows", 4'000, 5 * kMillisecondNs, 0.002, 0.02, 0.0002, 0.2}),
    [](const ::testing::TestParamInfo<StreamShape>& shape) { return shape.param.name; });

}  // namespace
}  // namespace wireglass
