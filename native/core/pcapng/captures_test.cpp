// Reads the captures that other projects published and compares what comes out with the manifest that foreign
// tools (tshark, capinfos, tcpdump) made of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/captures.hpp"
#include "pcapng/capture_file_reader.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;
using Status = CaptureFileReader::Status;

/// What the manifest says of a file, or what was read from it.
struct Totals {
  std::uint64_t packets = 0;
  std::uint64_t bytes_wire = 0;
  std::uint64_t bytes_captured = 0;
  std::optional<TimeNs> min_ts_ns;
  std::optional<TimeNs> max_ts_ns;

  friend bool operator==(const Totals&, const Totals&) = default;
};

std::ostream& operator<<(std::ostream& out, const Totals& totals) {
  out << totals.packets << " packets, " << totals.bytes_wire << " bytes on the wire, "
      << totals.bytes_captured << " captured";
  if (totals.min_ts_ns && totals.max_ts_ns)
    out << ", " << *totals.min_ts_ns << " to " << *totals.max_ts_ns << " ns";
  return out;
}

/// The text behind the first `"key": ` of a manifest line, whose top-level keys come before nested ones of
/// that name.
std::string_view value_of(std::string_view line, std::string_view key) {
  const std::string quoted = "\"" + std::string(key) + "\": ";
  const std::size_t at = line.find(quoted);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + quoted.size());
  return rest.front() == '"' ? rest.substr(1, rest.find('"', 1) - 1)
                             : rest.substr(0, rest.find_first_of(",}"));
}

std::optional<TimeNs> time_of(std::string_view line, std::string_view key) {
  const std::string_view value = value_of(line, key);
  if (value == "null") return std::nullopt;
  // Out of TimeNs's range, both this and the reader give the nearest that it holds.
  return std::strtoll(std::string(value).c_str(), nullptr, 10);
}

std::uint64_t count_of(std::string_view line, std::string_view key) {
  return std::stoull(std::string(value_of(line, key)));
}

struct Reading {
  Totals totals;
  std::string error_code;
};

void add(Totals& totals, const PacketView& packet, bool has_time) {
  ++totals.packets;
  totals.bytes_wire += packet.original_length;
  totals.bytes_captured += packet.captured_length;
  if (!has_time) return;
  totals.min_ts_ns = std::min(totals.min_ts_ns.value_or(packet.timestamp_ns), packet.timestamp_ns);
  totals.max_ts_ns = std::max(totals.max_ts_ns.value_or(packet.timestamp_ns), packet.timestamp_ns);
}

/// `zero_has_time`: whether time stamp 0 is one, not the mark of a packet without any.
Reading read_file(const fs::path& path, bool zero_has_time) {
  Reading reading;
  auto source = open_byte_source(path.string());
  if (!source.ok()) return {{}, std::string(source.error().code)};
  CaptureFileReader reader(std::move(source.value()), path.string());
  if (const auto opened = reader.open(); !opened.ok()) return {{}, std::string(opened.error().code)};
  for (;;) {
    PacketView packet;
    const Status status = reader.next(packet);
    if (status == Status::kPacket) {
      add(reading.totals, packet, zero_has_time || packet.timestamp_ns != 0);
    } else if (status == Status::kNeedsRefill) {
      (void)reader.refill().ok();
    } else {
      if (status == Status::kDamaged) reading.error_code = reader.failure().code;
      return reading;
    }
  }
}

struct Difference {
  std::string path;
  Totals read;
  std::string_view error_code;
  std::string_view reason;
};

constexpr std::string_view kCustomBlocks =
    "tshark lists custom blocks (draft-ietf-opsawg-pcapng section 4.7) as frames; they hold no packet, "
    "tcpdump skips them";
constexpr std::string_view kSecondSection =
    "the second section has version 2.0; tshark stops there with an error, too";
constexpr std::string_view kFraction =
    "tshark prints a fraction of a second or more as it stands; here it is the last nanosecond of its second";
constexpr std::string_view kSwitchTags =
    "tshark 4.0 does not know the link type; the packets are as many as tcpdump counts";

constexpr TimeNs kGopacketStart = 1340954905298858000;
constexpr TimeNs kGopacketEnd = kGopacketStart + 2 * kMillisecondNs;
constexpr TimeNs kGopacketLongEnd = kGopacketStart + 3 * kMillisecondNs;

const std::vector<Difference>& known_differences() {
  static const std::vector<Difference> differences = [] {
    std::vector<Difference> all = {
        {"formats/tcpdump-timestamp_invalid_micro.pcap",
         {3, 220, 220, 1418145369999999000, 1418145370999999999},
         "",
         kFraction},
        {"formats/tcpdump-timestamp_invalid_nano.pcap",
         {3, 220, 220, 1418145369999999999, 1418145370999999999},
         "",
         kFraction},
        {"tunnels/other/tcpdump-brcm-tag.pcap",
         {23, 4082, 4082, 7820634030000, 7838321602000},
         "",
         kSwitchTags},
        {"tunnels/other/tcpdump-dsa.pcap", {8, 722, 722, 80499544060000, 80504560415000}, "", kSwitchTags},
        {"tunnels/other/tcpdump-edsa.pcap", {10, 872, 872, 80504604675000, 80509809342000}, "", kSwitchTags},
    };
    for (const std::string_view order : {"be", "le"}) {
      const std::string stem = "formats/gopacket-" + std::string(order) + "-test";
      all.push_back({stem + "017.pcapng", {}, "", kCustomBlocks});
      all.push_back({stem + "018.pcapng", {4, 1312, 1312, kGopacketStart, kGopacketEnd}, "", kCustomBlocks});
      all.push_back(
          {stem + "102.pcapng", {5, 1480, 798, kGopacketStart, kGopacketLongEnd}, "", kCustomBlocks});
      all.push_back(
          {stem + "202.pcapng", {8, 2304, 1040, kGopacketStart, kGopacketLongEnd}, "", kCustomBlocks});
      all.push_back({stem + "901.pcapng",
                     {1, 314, 314, kGopacketStart, kGopacketStart},
                     "capture_file_damaged",
                     kSecondSection});
    }
    return all;
  }();
  return differences;
}

TEST(PublicCaptures, AgreeWithTheManifestOfForeignTools) {
  std::ifstream manifest(testing::captures_directory() / "manifest.jsonl");
  if (!manifest) GTEST_SKIP() << "no captures at " << testing::captures_directory();
  std::size_t files = 0;
  std::string line;
  while (std::getline(manifest, line)) {
    const std::string path(value_of(line, "path"));
    if (path.starts_with("malformed/") || path.ends_with(".dat")) continue;
    ++files;
    const Totals expected = {count_of(line, "packets"), count_of(line, "bytes_wire"),
                             count_of(line, "bytes_captured"), time_of(line, "min_ts_ns"),
                             time_of(line, "max_ts_ns")};
    const Reading reading = read_file(testing::captures_directory() / path, expected.min_ts_ns == 0);
    const auto& differences = known_differences();
    const auto known = std::ranges::find(differences, path, &Difference::path);
    if (known == differences.end()) {
      EXPECT_EQ(reading.totals, expected) << path;
      EXPECT_EQ(reading.error_code, "") << path;
    } else {
      EXPECT_FALSE(reading.totals == expected && reading.error_code.empty()) << path << " no longer differs";
      EXPECT_EQ(reading.totals, known->read) << path << ": " << known->reason;
      EXPECT_EQ(reading.error_code, known->error_code) << path << ": " << known->reason;
    }
  }
  EXPECT_GT(files, 500U);
}

TEST(MalformedCaptures, EndWithoutCrashOrHang) {
  const fs::path directory = testing::captures_directory() / "malformed";
  if (!fs::exists(directory)) GTEST_SKIP() << "no captures at " << directory;
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const Reading reading = read_file(entry.path(), true);
    EXPECT_LE(reading.totals.bytes_captured, std::uint64_t{64} << 20) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 100U);
}

}  // namespace
}  // namespace wireglass
