#include "capture/af_packet/af_packet_backend.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "capture/af_packet/packet_ring.hpp"
#include "capture/capture_filter.hpp"
#include "capture/live_interface.hpp"

namespace wireglass {

namespace {

constexpr std::uint32_t kVlanTagBytes = 4;
constexpr std::uint32_t kMacAddressesBytes = 12;
// Two retire timeouts and some: by then the block that was being filled has been handed over.
constexpr std::chrono::milliseconds kDrainTime{3 * PacketRing::kBlockRetireTimeoutMs};

constexpr int kLentPollMs = 1;
const std::vector<sock_filter> kRejectAll = {{BPF_RET | BPF_K, 0, 0, 0}};

/// The kernel's number of a fanout group, once its first socket has it.
struct FanoutGroup {
  std::optional<int> id;
};

class AfPacketBackend final : public CaptureBackend {
 public:
  /// Without `group` alone on its interface.
  AfPacketBackend(const LiveOptions& options, std::shared_ptr<FanoutGroup> group, bool counts_interface)
      : options_(options), group_(std::move(group)), counts_interface_(counts_interface) {}
  ~AfPacketBackend() override {
    if (socket_ >= 0) close(socket_);
    if (wake_event_ >= 0) close(wake_event_);
  }

  std::string_view name() const override { return "af_packet"; }
  bool is_live() const override { return true; }
  Result<void> open() override;
  Result<void> begin_intake() override;
  void wake() override;
  ReadStatus read(PacketBatch& batch, int timeout_ms) override;
  void begin_drain() override;
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override;
  std::span<const Error> failures() const override { return failures_; }

 private:
  Result<void> bind_to_interface();
  Result<void> join_group();
  Result<void> attach_filter(const std::vector<sock_filter>& program);
  bool enter_block();
  void leave_block();
  void fill(PacketBatch& batch);
  bool to_view(std::byte* frame, PacketView& view);
  ReadStatus wait(int timeout_ms);

  LiveOptions options_;
  std::shared_ptr<FanoutGroup> group_;
  bool counts_interface_;  ///< what the interface lost, which is counted once per group
  std::vector<sock_filter> filter_;
  LiveInterface interface_;
  std::vector<InterfaceInfo> interfaces_;
  std::vector<Error> failures_;
  PacketRing ring_;
  int socket_ = -1;
  int wake_event_ = -1;

  std::byte* frame_ = nullptr;  // next frame of the block in hand
  std::uint32_t frames_left_ = 0;
  RingBlock* block_ = nullptr;  // in hand: held here as long as it has frames left

  CaptureCounters counters_;
  std::uint64_t skipped_outgoing_ = 0;
  std::uint64_t missed_before_ = 0;
  bool draining_ = false;
  std::chrono::steady_clock::time_point drain_end_;
};

Result<void> AfPacketBackend::open() {
  Result<LiveInterface> found = find_interface(options_.interface);
  if (!found.ok()) return found.error();
  interface_ = found.value();

  // Protocol 0: nothing is received before the filter, the ring and the interface are in place.
  socket_ = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_ < 0) {
    if (errno == EPERM || errno == EACCES)
      return permission_error("capturing on '" + options_.interface + "'");
    return Error{"capture_failed", std::string("opening a packet socket: ") + std::strerror(errno)};
  }
  Result<std::vector<sock_filter>> program =
      compile_capture_filter(options_.interface, options_.capture_filter, options_.snaplen);
  if (!program.ok()) return program.error();
  filter_ = std::move(program.value());
  // Takes nothing in before begin_intake(): until it is in its group, a socket sees every packet.
  if (Result<void> attached = attach_filter(kRejectAll); !attached.ok()) return attached;
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
  if (Result<void> mapped = ring_.map(socket_, options_.buffer_size_mb); !mapped.ok()) return mapped;
  wake_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  interfaces_ = {{options_.interface, interface_.link_type, options_.snaplen}};
  if (Result<void> bound = bind_to_interface(); !bound.ok()) return bound;
  if (group_) return join_group();
  return {};
}

Result<void> AfPacketBackend::join_group() {
  constexpr int kOwnNumber = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID << 8;
  int request = group_->id ? *group_->id | PACKET_FANOUT_HASH << 16 : kOwnNumber << 16;
  if (setsockopt(socket_, SOL_PACKET, PACKET_FANOUT, &request, sizeof(request)) != 0) {
    return Error{"capture_failed", std::string("sharing packets out among workers: ") + std::strerror(errno)};
  }
  int joined = 0;
  socklen_t size = sizeof(joined);
  if (getsockopt(socket_, SOL_PACKET, PACKET_FANOUT, &joined, &size) == 0) group_->id = joined & 0xffff;
  return {};
}

Result<void> AfPacketBackend::begin_intake() {
  missed_before_ = interface_missed_packets(options_.interface);
  return attach_filter(filter_);
}

void AfPacketBackend::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_event_, &one, sizeof(one));
}

Result<void> AfPacketBackend::attach_filter(const std::vector<sock_filter>& program) {
  sock_fprog filter{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  if (setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0) return {};
  return Error{"capture_failed",
               std::string("the kernel refuses the capture filter: ") + std::strerror(errno)};
}

Result<void> AfPacketBackend::bind_to_interface() {
  if (options_.promiscuous) {
    packet_mreq membership{};
    membership.mr_ifindex = interface_.index;
    membership.mr_type = PACKET_MR_PROMISC;
    setsockopt(socket_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = interface_.index;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return {};
  return Error{"capture_failed", "binding to '" + options_.interface + "': " + std::strerror(errno)};
}

ReadStatus AfPacketBackend::read(PacketBatch& batch, int timeout_ms) {
  while (true) {
    while (enter_block()) {
      fill(batch);
      if (!batch.packets().empty()) {
        counters_.delivered += batch.packets().size();
        block_->hold();
        batch.lease_from(block_);
        leave_block();
        return ReadStatus::kPackets;
      }
      leave_block();  // only frames that are not ours to show
    }
    if (draining_ && std::chrono::steady_clock::now() > drain_end_) return ReadStatus::kEnd;
    const ReadStatus waited = wait(timeout_ms);
    if (waited != ReadStatus::kPackets) return waited;
  }
}

ReadStatus AfPacketBackend::wait(int timeout_ms) {
  // A lent block keeps the socket ready though nothing new is there; then the time passes without it.
  const bool lent = ring_.previous_is_lent();
  std::array<pollfd, 2> waited{{{wake_event_, POLLIN, 0}, {socket_, POLLIN, 0}}};
  const int count = poll(waited.data(), lent ? 1 : 2, lent ? std::min(timeout_ms, kLentPollMs) : timeout_ms);
  if (count < 0) return ReadStatus::kTimeout;
  if ((waited[0].revents & POLLIN) != 0) {
    std::uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_event_, &wakes, sizeof(wakes));
  }
  const pollfd& ready = waited[1];
  if ((ready.revents & POLLERR) != 0) {
    // ENETDOWN: the link went down. The socket goes on by itself once it is up again, unless the interface is
    // gone.
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    std::array<char, IF_NAMESIZE> name{};
    if (if_indextoname(static_cast<unsigned>(interface_.index), name.data()) == nullptr) {
      failures_.push_back(
          {"interface_gone", "interface '" + options_.interface + "' was removed while capturing"});
      return ReadStatus::kFailed;
    }
  }
  return ring_.ready_block() != nullptr ? ReadStatus::kPackets : ReadStatus::kTimeout;
}

bool AfPacketBackend::enter_block() {
  if (block_ != nullptr) return true;
  block_ = ring_.ready_block();
  if (block_ == nullptr) return false;
  ring_.lend_block();
  tpacket_block_desc& descriptor = block_->descriptor();
  frames_left_ = descriptor.hdr.bh1.num_pkts;
  frame_ = reinterpret_cast<std::byte*>(&descriptor) + descriptor.hdr.bh1.offset_to_first_pkt;
  return true;
}

void AfPacketBackend::leave_block() {
  if (frames_left_ > 0) return;
  std::exchange(block_, nullptr)->release();
}

void AfPacketBackend::fill(PacketBatch& batch) {
  while (frames_left_ > 0 && !batch.full()) {
    const auto* header = reinterpret_cast<const tpacket3_hdr*>(frame_);
    const std::uint32_t next = header->tp_next_offset;
    PacketView view;
    if (to_view(frame_, view)) batch.add(view);
    frame_ += next;
    --frames_left_;
  }
}

bool AfPacketBackend::to_view(std::byte* frame, PacketView& view) {
  const auto* header = reinterpret_cast<const tpacket3_hdr*>(frame);
  const auto* link = reinterpret_cast<const sockaddr_ll*>(frame + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
  if (interface_.is_loopback && link->sll_pkttype == PACKET_OUTGOING) {
    ++skipped_outgoing_;  // the loopback shows each packet twice, going out and coming in
    return false;
  }
  std::byte* data = frame + header->tp_mac;
  std::uint32_t captured = header->tp_snaplen;
  std::uint32_t original = header->tp_len;
  const bool tagged = (header->tp_status & TP_STATUS_VLAN_VALID) != 0;
  if (tagged && interface_.link_type == LinkType::kEthernet && captured >= kMacAddressesBytes) {
    const bool has_tpid = (header->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    const std::uint16_t tpid = htons(has_tpid ? header->hv1.tp_vlan_tpid : ETH_P_8021Q);
    const std::uint16_t tci = htons(static_cast<std::uint16_t>(header->hv1.tp_vlan_tci));
    data -= kVlanTagBytes;
    std::memmove(data, data + kVlanTagBytes, kMacAddressesBytes);
    std::memcpy(data + kMacAddressesBytes, &tpid, sizeof(tpid));
    std::memcpy(data + kMacAddressesBytes + sizeof(tpid), &tci, sizeof(tci));
    captured += kVlanTagBytes;
    original += kVlanTagBytes;
  }
  view.data = data;
  view.captured_length = std::min(captured, options_.snaplen);
  view.original_length = original;
  view.timestamp_ns = static_cast<TimeNs>(header->tp_sec) * kSecondNs + header->tp_nsec;
  view.link_type = interface_.link_type;
  return true;
}

void AfPacketBackend::begin_drain() {
  if (draining_) return;
  draining_ = true;
  // From here on the kernel takes nothing in; what it had taken stays in the ring.
  static_cast<void>(attach_filter(kRejectAll));
  drain_end_ = std::chrono::steady_clock::now() + kDrainTime;
}

CaptureCounters AfPacketBackend::counters() {
  tpacket_stats_v3 statistics{};
  socklen_t size = sizeof(statistics);
  if (socket_ >= 0 && getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0) {
    counters_.offered += statistics.tp_packets;  // reading resets; tp_packets includes tp_drops
    counters_.dropped_kernel += statistics.tp_drops;
    counters_.ring_freezes += statistics.tp_freeze_q_cnt;
  }
  const std::uint64_t missed = counts_interface_ ? interface_missed_packets(options_.interface) : 0;
  CaptureCounters result = counters_;
  result.dropped_interface = missed > missed_before_ ? missed - missed_before_ : 0;
  result.offered =
      std::max(counters_.offered - skipped_outgoing_, counters_.delivered + counters_.dropped_kernel) +
      result.dropped_interface;
  return result;
}

}  // namespace

BackendProbe probe_af_packet() {
  BackendProbe probe{"af_packet", false, "", "", {"live", "nanosecond_timestamps", "kernel_drop_counters"}};
  const int probe_socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (probe_socket < 0) {
    probe.reason = std::string("opening a packet socket: ") + std::strerror(errno);
    probe.remedy = "Run with CAP_NET_RAW (as root, or by AmbientCapabilities of a systemd unit).";
    return probe;
  }
  const int version = TPACKET_V3;
  probe.available = setsockopt(probe_socket, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) == 0;
  if (!probe.available) {
    probe.reason = std::string("the kernel refuses TPACKET_V3: ") + std::strerror(errno);
    probe.remedy = "Linux 3.2 or newer is needed.";
  }
  close(probe_socket);
#ifdef WIREGLASS_HAVE_PCAP
  probe.features.emplace_back("capture_filter");
#endif
  return probe;
}

std::unique_ptr<CaptureBackend> make_af_packet_backend(const LiveOptions& options) {
  return std::make_unique<AfPacketBackend>(options, nullptr, true);
}

std::vector<std::unique_ptr<CaptureBackend>> make_af_packet_group(const LiveOptions& options,
                                                                  std::uint32_t backends) {
  LiveOptions shared_out = options;
  shared_out.buffer_size_mb = std::max(options.buffer_size_mb / backends, std::uint32_t{1});
  const auto group = std::make_shared<FanoutGroup>();
  std::vector<std::unique_ptr<CaptureBackend>> made;
  made.reserve(backends);
  for (std::uint32_t index = 0; index < backends; ++index) {
    made.push_back(std::make_unique<AfPacketBackend>(shared_out, group, index == 0));
  }
  return made;
}

}  // namespace wireglass
