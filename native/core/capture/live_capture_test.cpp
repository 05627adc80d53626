#include <gtest/gtest.h>
#include <sys/wait.h>

#include "capture/backends.hpp"
#include "capture/test_veth.hpp"

namespace wireglass {
namespace {

using testing::Frame;
using testing::PrivateVeth;

class LiveCapture : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "network namespaces need root";
    if (!veth_.open()) GTEST_SKIP() << "this machine gives no network namespace with a veth pair";
    options_.interface = "wg1";
    options_.buffer_size_mb = 16;
  }

  Result<void> open() {
    Result<std::unique_ptr<CaptureBackend>> made = make_live_backend(GetParam(), options_);
    if (!made.ok()) return made.error();
    backend_ = std::move(made.value());
    if (Result<void> opened = backend_->open(); !opened.ok()) return opened;
    return backend_->begin_intake();
  }

  /// Reads to the end after begin_drain().
  std::vector<Frame> drain() {
    std::vector<Frame> frames;
    backend_->begin_drain();
    while (true) {
      PacketBatch batch;
      const ReadStatus status = backend_->read(batch, 20);
      if (status == ReadStatus::kEnd || status == ReadStatus::kFailed) return frames;
      for (const PacketView& packet : batch.packets()) {
        frames.emplace_back(packet.data, packet.data + packet.captured_length);
        original_lengths_.push_back(packet.original_length);
        times_.push_back(packet.timestamp_ns);
      }
    }
  }

  PrivateVeth veth_;
  LiveOptions options_;
  std::unique_ptr<CaptureBackend> backend_;
  std::vector<std::uint32_t> original_lengths_;
  std::vector<TimeNs> times_;
};

TEST_P(LiveCapture, DeliversEveryFrameInOrderAfterAStop) {
  ASSERT_TRUE(open().ok());
  constexpr std::uint32_t kFrames = 5'000;
  std::vector<Frame> sent;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    sent.push_back(PrivateVeth::udp_frame(i, 53));
    ASSERT_TRUE(veth_.send(sent.back()));
  }
  EXPECT_EQ(drain(), sent);
  const CaptureCounters counters = backend_->counters();
  EXPECT_EQ(counters.delivered, kFrames);
  EXPECT_EQ(counters.offered, kFrames);
  EXPECT_EQ(counters.dropped_kernel, 0u);
  EXPECT_TRUE(std::is_sorted(times_.begin(), times_.end()));
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  EXPECT_NEAR(static_cast<double>(times_.back()) / 1e9, static_cast<double>(now.tv_sec), 10);
}

TEST_P(LiveCapture, PutsStrippedVlanTagsBack) {
  ASSERT_TRUE(open().ok());
  const std::vector<Frame> sent = {PrivateVeth::udp_frame(1, 53, 7), PrivateVeth::udp_frame(2, 53),
                                   PrivateVeth::udp_frame(3, 53, 0x6064)};
  for (const Frame& frame : sent) ASSERT_TRUE(veth_.send(frame));
  EXPECT_EQ(drain(), sent);
}

TEST_P(LiveCapture, FiltersByVlanThoughTheKernelStripsTheTag) {
  options_.capture_filter = "vlan 7 and udp port 53";
  ASSERT_TRUE(open().ok());
  const Frame wanted = PrivateVeth::udp_frame(2, 53, 7);
  for (const Frame& frame : {PrivateVeth::udp_frame(1, 53), wanted, PrivateVeth::udp_frame(3, 53, 8),
                             PrivateVeth::udp_frame(4, 54, 7)}) {
    ASSERT_TRUE(veth_.send(frame));
  }
  EXPECT_EQ(drain(), std::vector<Frame>{wanted});
}

TEST_P(LiveCapture, CutsPacketsToTheSnaplenAndKeepsTheirLength) {
  options_.snaplen = 60;
  ASSERT_TRUE(open().ok());
  const Frame frame = PrivateVeth::udp_frame(1, 53, 0, 900);
  ASSERT_TRUE(veth_.send(frame));
  const std::vector<Frame> received = drain();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0], Frame(frame.begin(), frame.begin() + 60));
  EXPECT_EQ(original_lengths_, std::vector<std::uint32_t>{900});
}

TEST_P(LiveCapture, CountsWhatAFullRingLost) {
  options_.buffer_size_mb = 2;
  ASSERT_TRUE(open().ok());
  const Frame frame = PrivateVeth::udp_frame(1, 53, 0, 1'400);
  constexpr std::uint32_t kFrames = 6'000;  // 8.4 MB into a ring of 2
  for (std::uint32_t i = 0; i < kFrames; ++i) ASSERT_TRUE(veth_.send(frame));
  const std::size_t received = drain().size();
  const CaptureCounters counters = backend_->counters();
  EXPECT_GT(counters.dropped_kernel, 0u);
  EXPECT_EQ(counters.delivered, received);
  EXPECT_EQ(counters.delivered + counters.dropped_kernel, kFrames);
  EXPECT_EQ(counters.offered, kFrames);
}

TEST_P(LiveCapture, ShowsLoopbackPacketsOnce) {
  options_.interface = "lo";
  options_.capture_filter = "udp dst port 9";
  ASSERT_TRUE(open().ok());
  ASSERT_EQ(std::system("bash -c 'for i in 1 2 3; do echo x > /dev/udp/127.0.0.1/9; done'"), 0);
  EXPECT_EQ(drain().size(), 3u);
  EXPECT_EQ(backend_->counters().offered, 3u);
}

TEST_P(LiveCapture, NamesWhatIsWrongBeforeItStarts) {
  struct Case {
    std::string interface, filter, code;
  };
  ASSERT_EQ(std::system("ip link add wgdown type veth peer name wgdown2"), 0);
  for (const Case& bad : {Case{"nosuch0", "", "interface_not_found"}, Case{"wgdown", "", "interface_down"},
                          Case{"wg1", "udp prt 53", "bad_capture_filter"}}) {
    options_.interface = bad.interface;
    options_.capture_filter = bad.filter;
    const Result<void> opened = open();
    ASSERT_FALSE(opened.ok()) << bad.code;
    EXPECT_EQ(opened.error().code, bad.code) << opened.error().message;
  }
}

TEST_P(LiveCapture, TellsWhichPrivilegeIsMissing) {
  const pid_t child = fork();
  if (child == 0) {
    const bool dropped = setgid(65534) == 0 && setuid(65534) == 0;
    const Result<void> opened = open();
    const bool right = !opened.ok() && opened.error().code == "permission_denied" &&
                       opened.error().message.find("CAP_NET_RAW") != std::string::npos;
    _exit(dropped && right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, LiveCapture, ::testing::Values("af_packet", "libpcap"),
                         [](const auto& backend) { return backend.param; });

TEST(Backends, RefusesAnUnknownName) {
  const auto made = make_live_backend("pf_ring", {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "unknown_backend");
}

TEST(Backends, ProbesTellAReasonWhereOneIsUnavailable) {
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    for (const BackendProbe& probe : probe_backends()) {
      const bool live = probe.name != "file";
      if (live == probe.available || (live && (probe.reason.empty() || probe.remedy.empty()))) _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace wireglass
