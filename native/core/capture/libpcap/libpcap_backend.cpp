#include "capture/libpcap/libpcap_backend.hpp"

#ifdef WIREGLASS_HAVE_PCAP

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "capture/libpcap/pcap_handle.hpp"
#include "capture/live_interface.hpp"
#include "packet/block_pool.hpp"

namespace wireglass {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxBlocksBytes = std::size_t{64} << 20;  // of all batches that are held at once
constexpr int kDltRaw = 12;  // libpcap's DLT_RAW on Linux; files and this program say LINKTYPE_RAW
constexpr std::chrono::milliseconds kQuietBeforeEnd{60};  // three read timeouts of the ring
constexpr std::chrono::milliseconds kQuietForSure{300};  // where libpcap counts packets that it does not show
constexpr std::chrono::milliseconds kDrainLimit{2'000};

LinkType link_type_of(int dlt) {
  return dlt == kDltRaw ? LinkType::kRaw : static_cast<LinkType>(static_cast<std::uint16_t>(dlt));
}

class LibpcapBackend final : public CaptureBackend {
 public:
  explicit LibpcapBackend(const LiveOptions& options) : options_(options) {}

  std::string_view name() const override { return "libpcap"; }
  bool is_live() const override { return true; }
  Result<void> open() override;
  ReadStatus read(PacketBatch& batch, int timeout_ms) override;
  void begin_drain() override;
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override;
  std::span<const Error> failures() const override { return failures_; }

 private:
  using SteadyClock = std::chrono::steady_clock;

  Result<void> set_filter();
  ReadStatus fill(PacketBatch& batch);
  void keep(const pcap_pkthdr& header, const u_char* bytes, PacketBatch& batch);
  ReadStatus fail(const std::string& message);

  LiveOptions options_;
  PcapHandle handle_;
  std::vector<InterfaceInfo> interfaces_;
  std::vector<Error> failures_;
  std::unique_ptr<BlockPool> pool_;
  PacketBlock* block_ = nullptr;  // of the batch that is being filled
  std::size_t block_used_ = 0;
  std::uint64_t delivered_ = 0;
  bool is_loopback_ = false;
  bool draining_ = false;
  std::uint64_t drain_target_ = 0;
  SteadyClock::time_point drain_end_;
  SteadyClock::time_point last_packet_;
};

Result<void> LibpcapBackend::open() {
  Result<PcapHandle> handle = activate_pcap(options_);
  if (!handle.ok()) return handle.error();
  handle_ = std::move(handle.value());
  Result<void> filtered = set_filter();
  if (!filtered.ok()) return filtered;
  interfaces_ = {{options_.interface, link_type_of(pcap_datalink(handle_.get())), options_.snaplen}};
  const Result<LiveInterface> found = find_interface(options_.interface);
  is_loopback_ = found.ok() && found.value().is_loopback;
  pool_ = std::make_unique<BlockPool>(kBlockBytes + options_.snaplen, kMaxBlocksBytes);
  return {};
}

Result<void> LibpcapBackend::set_filter() {
  if (options_.capture_filter.empty()) return {};
  bpf_program program{};
  const std::string& expression = options_.capture_filter;
  if (pcap_compile(handle_.get(), &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return Error{"bad_capture_filter", "capture filter '" + expression + "': " + pcap_geterr(handle_.get())};
  }
  const int status = pcap_setfilter(handle_.get(), &program);
  pcap_freecode(&program);
  if (status != 0)
    return Error{"capture_failed", std::string("setting the filter: ") + pcap_geterr(handle_.get())};
  return {};
}

ReadStatus LibpcapBackend::read(PacketBatch& batch, int timeout_ms) {
  const ReadStatus status = fill(batch);
  if (status != ReadStatus::kTimeout) return status;
  if (draining_) {
    const auto now = SteadyClock::now();
    const auto quiet = now - last_packet_;
    const bool complete = quiet > (delivered_ >= drain_target_ ? kQuietBeforeEnd : kQuietForSure);
    if (complete || now > drain_end_) return ReadStatus::kEnd;
  }
  pollfd ready{pcap_get_selectable_fd(handle_.get()), POLLIN, 0};
  poll(&ready, 1, timeout_ms);
  return fill(batch);
}

ReadStatus LibpcapBackend::fill(PacketBatch& batch) {
  block_ = pool_->take(kBlockBytes);
  if (block_ == nullptr) return ReadStatus::kTimeout;
  block_used_ = 0;
  batch.lease_from(block_);
  while (!batch.full() && block_used_ <= kBlockBytes) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int status = pcap_next_ex(handle_.get(), &header, &bytes);
    if (status == PCAP_ERROR) return fail(pcap_geterr(handle_.get()));
    if (status != 1) break;
    keep(*header, bytes, batch);
  }
  if (batch.packets().empty()) {
    batch.release();
    return ReadStatus::kTimeout;
  }
  delivered_ += batch.packets().size();
  last_packet_ = SteadyClock::now();
  return ReadStatus::kPackets;
}

void LibpcapBackend::keep(const pcap_pkthdr& header, const u_char* bytes, PacketBatch& batch) {
  // libpcap reuses its memory with the next packet; the block holds the batch's.
  const std::uint32_t captured = std::min<std::uint32_t>(header.caplen, options_.snaplen);
  std::memcpy(block_->data() + block_used_, bytes, captured);
  PacketView view;
  view.data = block_->data() + block_used_;
  view.captured_length = captured;
  view.original_length = header.len;
  view.timestamp_ns =
      header.ts.tv_sec * kSecondNs + header.ts.tv_usec;  // nanoseconds by the precision asked for
  view.link_type = interfaces_.front().link_type;
  if (pcap_get_tstamp_precision(handle_.get()) != PCAP_TSTAMP_PRECISION_NANO) {
    view.timestamp_ns = header.ts.tv_sec * kSecondNs + header.ts.tv_usec * kMicrosecondNs;
  }
  batch.add(view);
  block_used_ += captured;
}

ReadStatus LibpcapBackend::fail(const std::string& message) {
  failures_.push_back({"capture_failed", "interface '" + options_.interface + "': " + message});
  return ReadStatus::kFailed;
}

void LibpcapBackend::begin_drain() {
  if (draining_) return;
  // A filter that rejects everything would also be applied to what waits in the ring, so libpcap drains by
  // count: all that the kernel had counted by now is delivered.
  const CaptureCounters now = counters();
  drain_target_ = now.offered - now.dropped_kernel - now.dropped_interface;
  drain_end_ = SteadyClock::now() + kDrainLimit;
  last_packet_ = SteadyClock::now();
  draining_ = true;
}

CaptureCounters LibpcapBackend::counters() {
  CaptureCounters counters;
  counters.delivered = delivered_;
  pcap_stat statistics{};
  if (handle_ && pcap_stats(handle_.get(), &statistics) == 0) {
    counters.dropped_kernel = statistics.ps_drop;
    // On the loopback ps_recv counts each packet twice, going out and coming in; libpcap shows it once.
    const std::uint64_t received = is_loopback_ ? 0 : statistics.ps_recv;
    counters.offered = std::max(received, delivered_ + statistics.ps_drop);
  }
  return counters;
}

}  // namespace

BackendProbe probe_libpcap() {
  BackendProbe probe{
      "libpcap", false, "", "", {"live", "capture_filter", "any_interface", pcap_lib_version()}};
  LiveOptions options;
  options.interface = "lo";
  options.buffer_size_mb = 2;
  options.promiscuous = false;
  const Result<PcapHandle> handle = activate_pcap(options);
  probe.available = handle.ok();
  if (!handle.ok()) {
    probe.reason = handle.error().message;
    probe.remedy = "Run with CAP_NET_RAW (as root, or by AmbientCapabilities of a systemd unit).";
  }
  return probe;
}

std::unique_ptr<CaptureBackend> make_libpcap_backend(const LiveOptions& options) {
  return std::make_unique<LibpcapBackend>(options);
}

}  // namespace wireglass

#else

namespace wireglass {

BackendProbe probe_libpcap() {
  return {"libpcap",
          false,
          "this build has no libpcap",
          "Debian: apt-get install libpcap-dev, then build again (npm run build).",
          {}};
}

std::unique_ptr<CaptureBackend> make_libpcap_backend(const LiveOptions&) { return nullptr; }

}  // namespace wireglass

#endif
