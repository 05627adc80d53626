#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_memory.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// Up to kCapacity packets and the lease on the memory they lie in (a ring block, a block of a file).
/// Releasing returns that memory to the backend, from any thread, and the views are dead from then on.
/// Release before the backend goes away.
class PacketBatch {
 public:
  static constexpr std::size_t kCapacity = 256;

  PacketBatch() = default;
  ~PacketBatch() { release(); }
  PacketBatch(const PacketBatch&) = delete;
  PacketBatch& operator=(const PacketBatch&) = delete;

  std::span<const PacketView> packets() const { return {packets_.data(), count_}; }
  bool full() const { return count_ == kCapacity; }
  void add(const PacketView& packet) { packets_[count_++] = packet; }

  /// For the backend that fills the batch: where further packets go, and how many of them it put there.
  std::span<PacketView> room() { return std::span(packets_).subspan(count_); }
  void added(std::size_t count) { count_ += count; }
  /// Called by the backend that fills the batch: `memory` will be released once.
  void lease_from(PacketMemory* memory) { memory_ = memory; }

  void release() {
    count_ = 0;
    if (PacketMemory* memory = std::exchange(memory_, nullptr)) memory->release();
  }

 private:
  std::array<PacketView, kCapacity> packets_;
  std::size_t count_ = 0;
  PacketMemory* memory_ = nullptr;
};

enum class ReadStatus : std::uint8_t {
  kPackets,  ///< the batch holds at least one packet
  kTimeout,  ///< nothing came within the time given
  kEnd,      ///< the input is finished: no packet will come any more
  kFailed,   ///< no packet will come any more, see failures() (the interface went down, ...)
};

/// What the kernel, the driver and the backend counted since open(). offered = delivered + the losses.
struct CaptureCounters {
  std::uint64_t offered = 0;            ///< packets behind the capture filter, losses included
  std::uint64_t delivered = 0;          ///< packets handed out in batches
  std::uint64_t dropped_kernel = 0;     ///< lost because ring or socket buffer was full
  std::uint64_t dropped_interface = 0;  ///< lost in the interface, where the backend can tell
  std::uint64_t ring_freezes = 0;       ///< times the kernel found the ring full (TPACKET_V3)
};

/// Where packets come from: one folder per kind. Constructors are inert; open() does the work. One thread at
/// a time, the worker whose turn it is, calls everything else.
class CaptureBackend {
 public:
  virtual ~CaptureBackend() = default;

  /// "af_packet", "libpcap", "file", "traffic".
  virtual std::string_view name() const = 0;
  /// Live sources use the clock's time for timeouts and lose packets when nobody reads; others wait.
  virtual bool is_live() const = 0;
  virtual Result<void> open() = 0;
  /// Once all backends of a capture are open: from here on packets are taken in.
  virtual Result<void> begin_intake() { return {}; }
  /// From any thread: a read() that waits returns soon, with kTimeout where nothing came.
  virtual void wake() {}
  /// Fills an empty (released) batch; waits at most `timeout_ms`. Batches read before may still be held;
  /// where that leaves no memory for another one, nothing comes (kTimeout) until one of them is released.
  virtual ReadStatus read(PacketBatch& batch, int timeout_ms) = 0;
  /// Stops taking in packets; read() still delivers what had been received by then and ends with kEnd.
  virtual void begin_drain() = 0;
  /// Grows while a file is read; an index once valid stays so.
  virtual std::span<const InterfaceInfo> interfaces() const = 0;
  virtual CaptureCounters counters() = 0;
  /// Part of the input read so far, 0 to 1; negative where unknown (live, standard input).
  virtual double progress() const { return -1; }
  /// What went wrong so far. A file that is damaged or cannot be opened stands here while the reading goes on
  /// with the next one; messages name the file.
  virtual std::span<const Error> failures() const = 0;
};

/// What a live capture may set.
struct LiveOptions {
  std::string interface;
  std::uint32_t buffer_size_mb = 64;
  std::uint32_t snaplen = 262144;
  std::string capture_filter;  ///< pcap-filter syntax; empty: everything
  bool promiscuous = true;
};

/// A backend probed on this host.
struct BackendProbe {
  std::string name;
  bool available = false;
  std::string reason;  ///< why not
  std::string remedy;  ///< what would change that
  std::vector<std::string> features;
};

}  // namespace wireglass
