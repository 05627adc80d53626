#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "packet/block_pool.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/byte_source.hpp"
#include "pcapng/record_step.hpp"

namespace wireglass {

/// Reads pcap (µs, ns, both byte orders, "modified" 0xa1b2cd34) and PCAPNG (sections, interfaces, if_tsresol,
/// if_tsoffset, enhanced, simple and obsolete packet blocks), snoop (RFC 1761) and ERF from a byte source
/// through one window. Packets lie in the window's block (block()); who holds that block keeps them beyond
/// the next refill().
class CaptureFileReader {
 public:
  /// Largest packet or block taken in; a larger one is damage.
  static constexpr std::uint32_t kMaxBlockBytes = kMaxRecordBytes;
  /// Large enough that few records lie over its edge. capture_file_reader_bench finds no clear difference
  /// from 64 KiB to 4 MiB. in balance.
  static constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

  /// `file_name` (a path; "-" is standard input) is what messages and nameless interfaces are called by. The
  /// window's blocks come from `pool`.
  CaptureFileReader(std::unique_ptr<ByteSource> source, const std::string& file_name,
                    std::shared_ptr<BlockPool> pool);
  /// With a pool of its own, whose blocks have `window_bytes`, or what one packet or block needs.
  CaptureFileReader(std::unique_ptr<ByteSource> source, const std::string& file_name,
                    std::size_t window_bytes = kWindowBytes);
  ~CaptureFileReader();

  CaptureFileReader(const CaptureFileReader&) = delete;
  CaptureFileReader& operator=(const CaptureFileReader&) = delete;

  /// Reads the file header, waiting for it. Errors: "not_a_capture_file", "capture_file_damaged",
  /// "input_unreadable".
  Result<void> open();

  enum class Status : std::uint8_t {
    kPacket,       ///< `packet` is set; its bytes stay valid until refill(), or while block() is held
    kNeedsRefill,  ///< the window holds no further whole packet: refill()
    kEnd,
    kDamaged,  ///< see failure(): where and what was expected; packets before remain right
  };
  Status next(PacketView& packet);
  /// As next(), until `into` is full: sets `count` packets, then tells why it stopped (kPacket: `into` is
  /// full).
  Status next_batch(std::span<PacketView> into, std::size_t& count);
  /// Moves the window on by one read of the source; a packet may need several. Views handed out before are
  /// dead, unless their block is held. An error of the source ("input_unreadable") is returned, and next()
  /// tells kDamaged from then on. Without room, nothing is read.
  Result<void> refill();
  /// Whether refill() has a block to read into; false while every block of the pool is held.
  bool has_room();
  /// Where the packets of next() and next_batch() lie. Null before open().
  PacketBlock* block();
  /// Waits until refill() would not block, at most `timeout_ms`.
  bool wait_readable(int timeout_ms);

  /// Over all sections so far; PacketView::interface_id counts these. A simple packet block tells no time:
  /// its packet has time stamp 0.
  const std::vector<InterfaceInfo>& interfaces() const;
  const Error& failure() const;
  double progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
