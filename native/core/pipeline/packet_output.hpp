#pragma once

#include <memory>

#include "base/result.hpp"
#include "decode/decoded_packet.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "segment/packet_scan.hpp"

namespace wireglass {

/// What packets are exported as. JSON is an object per line, CSV has a line of names first; both tell what a
/// PacketSummary does.
enum class ExportFormat : std::uint8_t { kPcap, kPcapNanoseconds, kPcapng, kJson, kCsv };

/// Appends packets to a buffer in one format.
class PacketOutput {
 public:
  using Buffer = PcapngWriter::Buffer;

  virtual ~PacketOutput() = default;
  /// Whether packet() reads `decoded`.
  virtual bool needs_decoding() const { return false; }
  /// Errors: "several_link_types".
  virtual Result<void> packet(Buffer& out, const ScannedPacket& packet, const DecodedPacket& decoded) = 0;
  /// What stands at the end; of an output without packets, the whole.
  virtual void end(Buffer& out, TimeNs now) = 0;
};

std::unique_ptr<PacketOutput> make_packet_output(ExportFormat format);

}  // namespace wireglass
