#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "segment/packet_store.hpp"
#include "segment/segment_files.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass::testing {

inline constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
inline constexpr std::uint32_t kSensor = 0xc0ffee01;

/// A directory of its own that goes with the object; in memory where the system has it, because tests sync a
/// lot.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const std::filesystem::path memory = "/dev/shm";
    const bool in_memory = access(memory.c_str(), W_OK) == 0;
    const std::filesystem::path base = in_memory ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "wireglass-segment-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The packet that tests append as number `number`: lengths of every remainder by 4, bytes that tell packets
/// apart.
struct TestPacket {
  explicit TestPacket(std::uint32_t number, std::uint32_t length = 0) {
    data.resize(length != 0 ? length : 40 + number % 61);
    std::uint32_t state = number * 2654435761u + 1;
    for (std::byte& byte : data) {
      state = state * 1664525u + 1013904223u;
      byte = static_cast<std::byte>(state >> 24);
    }
    view.data = data.data();
    view.captured_length = static_cast<std::uint32_t>(data.size());
    view.original_length = view.captured_length + number % 7;
    view.timestamp_ns = kStart + static_cast<TimeNs>(number) * 1'001'003;
  }
  TestPacket(const TestPacket&) = delete;
  TestPacket& operator=(const TestPacket&) = delete;

  std::vector<std::byte> data;
  PacketView view;
};

inline const std::vector<InterfaceInfo>& test_interfaces() {
  static const std::vector<InterfaceInfo> interfaces = {{"uplink", LinkType::kEthernet, 262144},
                                                        {"tunnel", LinkType::kRaw, 65535}};
  return interfaces;
}

inline void expect_is_packet(const StoredPacket& stored, std::uint32_t number, std::uint32_t length = 0) {
  const TestPacket expected(number, length);
  EXPECT_EQ(stored.data, expected.data) << "packet " << number;
  EXPECT_EQ(stored.timestamp_ns, expected.view.timestamp_ns);
  EXPECT_EQ(stored.original_length, expected.view.original_length);
}

inline std::vector<std::byte> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> bytes;
  std::transform(std::istreambuf_iterator<char>(file), {}, std::back_inserter(bytes),
                 [](char letter) { return static_cast<std::byte>(letter); });
  return bytes;
}

inline void write_bytes(const std::string& path, const std::vector<std::byte>& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

inline std::string run_command(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string output;
  char part[4096];
  while (const std::size_t size = fread(part, 1, sizeof(part), pipe)) output.append(part, size);
  pclose(pipe);
  return output;
}

inline bool installed(const std::string& tool) {
  return !run_command("command -v " + tool + " 2>/dev/null").empty();
}

/// A directory, a configuration for it, and what tests do with both.
class SegmentTest : public ::testing::Test {
 protected:
  SegmentTest() {
    config.directory = directory.path() + "/packets";
    config.sensor = kSensor;
  }

  SegmentFiles files() const { return {config.directory}; }

  /// Appends packets `first` to `first + count - 1` as one batch; returns the batch's segment.
  static std::uint64_t append_batch(SegmentWriter& writer, TimeNs now, std::uint32_t first,
                                    std::uint32_t count) {
    const std::uint64_t sequence = writer.begin_batch(now);
    for (std::uint32_t number = first; number < first + count; ++number) {
      writer.append(TestPacket(number).view, test_interfaces());
    }
    return sequence;
  }

  /// Records packets 0 to count - 1 in batches of `batch` and closes; returns each packet's id.
  std::vector<PacketId> record(std::uint32_t count, std::uint32_t batch = 64) const {
    std::vector<PacketId> ids;
    SegmentWriter writer(config);
    const Result<void> opened = writer.open(kStart);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    std::uint64_t segment = 0;
    std::uint32_t ordinal = 0;
    for (std::uint32_t first = 0; first < count; first += batch) {
      const std::uint32_t size = std::min(batch, count - first);
      const std::uint64_t sequence = append_batch(writer, kStart, first, size);
      if (sequence != segment) ordinal = 0;
      segment = sequence;
      for (std::uint32_t number = 0; number < size; ++number) ids.push_back({kSensor, segment, ordinal++});
    }
    EXPECT_TRUE(writer.close(kStart).ok()) << writer.trouble();
    EXPECT_EQ(writer.counters().packets_recorded.value(), count);
    return ids;
  }

  TemporaryDirectory directory;
  SegmentConfig config;
};

}  // namespace wireglass::testing
