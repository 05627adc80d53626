#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

#include "decode/decoder.hpp"
#include "filter/packet_filter.hpp"
#include "pipeline/packet_output.hpp"

namespace wireglass {

struct ExportOptions {
  ExportFormat format = ExportFormat::kPcapng;
  PacketFilter filter;
  DecoderConfig decoder;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< packets
};

/// Packets of a scan that pass a filter, as the bytes of a file, a bounded part at a time.
class PacketExport {
 public:
  using Buffer = PcapngWriter::Buffer;

  PacketExport(std::unique_ptr<PacketScan> scan, const ExportOptions& options);

  /// Fills `out` up to about kPartBytes; less, or nothing, when kSliceBytes of the input were read first or
  /// it was cancelled. Errors: "several_link_types", and why the scan could not begin. After one, there is
  /// nothing further.
  Result<void> next(Buffer& out, const std::atomic<bool>& cancelled);

  /// No bytes will come any more; the last ones make the file whole.
  bool done() const { return stage_ == Stage::kDone; }
  /// Whatever could refuse the export beforehand has been asked: for a pcap of several interfaces, whether
  /// all packets have one link type.
  bool begun() const { return stage_ != Stage::kChecking; }

  std::uint64_t packets() const { return packets_; }
  std::uint64_t captured_bytes() const { return captured_bytes_; }
  const PacketScan& scan() const { return *scan_; }

  static constexpr std::size_t kPartBytes = 256u << 10;
  static constexpr std::uint64_t kSliceBytes = 8u << 20;

 private:
  enum class Stage : std::uint8_t { kStart, kChecking, kWriting, kDone };

  Result<void> check(const std::atomic<bool>& cancelled);
  bool passes(const ScannedPacket& packet);
  bool is_pcap() const { return format_ == ExportFormat::kPcap || format_ == ExportFormat::kPcapNanoseconds; }

  std::unique_ptr<PacketScan> scan_;
  const PacketFilter filter_;
  const Decoder decoder_;
  const std::uint64_t limit_;
  const ExportFormat format_;
  std::unique_ptr<PacketOutput> output_;
  const bool decodes_;
  DecodedPacket decoded_;
  Stage stage_ = Stage::kStart;
  std::optional<LinkType> checked_link_type_;
  std::uint64_t checked_packets_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t captured_bytes_ = 0;
};

/// How large an export would be, by format, from reading what it would read.
class ExportMeasure {
 public:
  /// JSON and CSV lines are made of so many packets; further ones are taken to be as long on average.
  static constexpr std::uint64_t kMeasuredLines = 10'000;

  ExportMeasure(std::unique_ptr<PacketScan> scan, const ExportOptions& options);

  /// Reads on for kSliceBytes of the input. False: the end is reached.
  Result<bool> next(const std::atomic<bool>& cancelled);

  struct Sizes {
    std::optional<std::uint64_t> pcap;  ///< empty with several link types
    std::uint64_t pcapng = 0;
    std::uint64_t json = 0;  ///< an estimate beyond kMeasuredLines packets, as is CSV's
    std::uint64_t csv = 0;
  };
  /// Of what has been read.
  Sizes sizes() const;
  std::uint64_t packets() const { return packets_; }
  std::uint64_t captured_bytes() const { return captured_bytes_; }
  const PacketScan& scan() const { return *scan_; }

 private:
  using Buffer = PcapngWriter::Buffer;
  struct Measured {
    std::unique_ptr<PacketOutput> output;
    std::uint64_t bytes = 0;
    bool failed = false;
  };

  void add(Measured& measured, const ScannedPacket& packet);
  std::uint64_t whole_size(const Measured& measured, std::uint64_t packets) const;

  std::unique_ptr<PacketScan> scan_;
  const PacketFilter filter_;
  const Decoder decoder_;
  const std::uint64_t limit_;
  DecodedPacket decoded_;
  Buffer scratch_;
  std::array<Measured, 4> measured_;  ///< pcap, pcapng, JSON, CSV
  std::uint64_t packets_ = 0;
  std::uint64_t captured_bytes_ = 0;
};

}  // namespace wireglass
