#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// A source of bytes: a file, standard input, a gzip stream in front of either.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads up to `size` bytes; 0 at the end; an error with code "input_unreadable".
  virtual Result<std::size_t> read(std::byte* into, std::size_t size) = 0;
  /// Part of the input consumed, 0 to 1; negative where unknown.
  virtual double progress() const = 0;
};

/// Opens a path ("-" is standard input) and unpacks gzip by its magic bytes.
/// Errors: "input_unreadable", "gzip_unsupported" (built without zlib).
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

/// Reads pcap (µs, ns, both byte orders, "modified" 0xa1b2cd34) and PCAPNG (sections, interfaces, if_tsresol,
/// if_tsoffset, enhanced, simple and obsolete packet blocks) from a byte source through one window.
class CaptureFileReader {
 public:
  /// Largest packet or block taken in; a larger one is damage.
  static constexpr std::uint32_t kMaxBlockBytes = 16u << 20;

  CaptureFileReader(std::unique_ptr<ByteSource> source, std::string file_name);
  ~CaptureFileReader();

  /// Reads the file header. Errors: "not_a_capture_file", "capture_file_damaged", "input_unreadable".
  Result<void> open();

  enum class Status : std::uint8_t {
    kPacket,       ///< `packet` is set; its bytes stay valid until refill()
    kNeedsRefill,  ///< the window holds no further whole packet: release views, then refill()
    kEnd,
    kDamaged,      ///< see failure(): where and what was expected; packets before remain right
  };
  Status next(PacketView& packet);
  /// Moves the window on. Views handed out before are dead.
  Result<void> refill();

  const std::vector<InterfaceInfo>& interfaces() const;
  const Error& failure() const;
  double progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
