#include "pipeline/packet_export.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "pipeline/packet_summary.hpp"

namespace wireglass {

PacketExport::PacketExport(std::unique_ptr<PacketScan> scan, const ExportOptions& options)
    : scan_(std::move(scan)),
      filter_(options.filter),
      decoder_(options.decoder),
      limit_(options.limit),
      format_(options.format),
      output_(make_packet_output(options.format)),
      decodes_(output_->needs_decoding() || !options.filter.passes_all()) {}

bool PacketExport::passes(const ScannedPacket& packet) {
  if (!decodes_) return true;
  decoder_.decode(packet.view, decoded_);
  return filter_.matches({packet.view, decoded_, packet.interface.name});
}

Result<void> PacketExport::next(Buffer& out, const std::atomic<bool>& cancelled) {
  if (stage_ == Stage::kStart) {
    stage_ = is_pcap() && !scan_->single_link_type() && scan_->rewind() ? Stage::kChecking : Stage::kWriting;
    // Whoever waits for the stage to be known must not wait for the first match.
    if (stage_ == Stage::kChecking) return {};
  }
  if (stage_ == Stage::kChecking) return check(cancelled);
  Result<void> outcome;
  const auto write = [&](const ScannedPacket& packet) {
    if (!passes(packet)) return true;
    outcome = output_->packet(out, packet, decoded_);
    if (!outcome.ok()) return false;
    captured_bytes_ += packet.view.captured_length;
    return ++packets_ < limit_;
  };
  const std::uint64_t slice_end = scan_->scanned_bytes() + kSliceBytes;
  while (stage_ == Stage::kWriting && out.size() < kPartBytes && scan_->scanned_bytes() < slice_end &&
         !cancelled) {
    const Result<bool> more = limit_ == 0 ? Result<bool>(false) : scan_->next(write);
    if (!more.ok() || !outcome.ok()) {
      stage_ = Stage::kDone;
      return more.ok() ? outcome : Result<void>(more.error());
    }
    if (more.value()) continue;
    output_->end(out, SystemClock().now());
    stage_ = Stage::kDone;
  }
  return {};
}

Result<void> PacketExport::check(const std::atomic<bool>& cancelled) {
  Result<void> outcome;
  const auto compare = [&](const ScannedPacket& packet) {
    if (!passes(packet)) return true;
    const LinkType first = checked_link_type_.value_or(packet.view.link_type);
    checked_link_type_ = first;
    if (first != packet.view.link_type) {
      outcome = several_link_types(first, packet.view.link_type);
      return false;
    }
    return ++checked_packets_ < limit_;
  };
  const std::uint64_t slice_end = scan_->scanned_bytes() + kSliceBytes;
  bool more = true;
  while (more && scan_->scanned_bytes() < slice_end && !cancelled) {
    const Result<bool> step = scan_->next(compare);
    if (!step.ok()) outcome = step.error();
    more = step.ok() && step.value();
  }
  if (more) return outcome;
  stage_ = outcome.ok() ? Stage::kWriting : Stage::kDone;
  scan_->rewind();
  return outcome;
}

ExportMeasure::ExportMeasure(std::unique_ptr<PacketScan> scan, const ExportOptions& options)
    : scan_(std::move(scan)), filter_(options.filter), decoder_(options.decoder), limit_(options.limit) {
  constexpr std::array kFormats = {ExportFormat::kPcap, ExportFormat::kPcapng, ExportFormat::kJson,
                                   ExportFormat::kCsv};
  for (std::size_t place = 0; place < kFormats.size(); ++place)
    measured_[place].output = make_packet_output(kFormats[place]);
}

void ExportMeasure::add(Measured& measured, const ScannedPacket& packet) {
  if (measured.failed) return;
  scratch_.clear();
  measured.failed = !measured.output->packet(scratch_, packet, decoded_).ok();
  measured.bytes += scratch_.size();
}

Result<bool> ExportMeasure::next(const std::atomic<bool>& cancelled) {
  const auto measure = [&](const ScannedPacket& packet) {
    const bool with_lines = packets_ < kMeasuredLines;
    if (with_lines || !filter_.passes_all()) decoder_.decode(packet.view, decoded_);
    if (!filter_.matches({packet.view, decoded_, packet.interface.name})) return true;
    for (std::size_t place = 0; place < (with_lines ? measured_.size() : 2); ++place)
      add(measured_[place], packet);
    captured_bytes_ += packet.view.captured_length;
    return ++packets_ < limit_;
  };
  const std::uint64_t slice_end = scan_->scanned_bytes() + PacketExport::kSliceBytes;
  while (scan_->scanned_bytes() < slice_end && !cancelled) {
    Result<bool> more = scan_->next(measure);
    if (!more.ok() || !more.value()) return more;
  }
  return true;
}

std::uint64_t ExportMeasure::whole_size(const Measured& measured, std::uint64_t packets) const {
  if (packets_ <= packets || packets == 0) return measured.bytes;
  return static_cast<std::uint64_t>(static_cast<double>(measured.bytes) * static_cast<double>(packets_) /
                                    static_cast<double>(packets));
}

ExportMeasure::Sizes ExportMeasure::sizes() const {
  constexpr std::size_t kPcapHeaderBytes = 24;
  Sizes sizes;
  if (!measured_[0].failed) sizes.pcap = packets_ == 0 ? kPcapHeaderBytes : measured_[0].bytes;
  Buffer end;
  // Its own end, so that sizes can be asked for again when more was read.
  if (packets_ == 0) {
    make_packet_output(ExportFormat::kPcapng)->end(end, 0);
  } else {
    measured_[1].output->end(end, 0);
  }
  sizes.pcapng = measured_[1].bytes + end.size();
  sizes.json = whole_size(measured_[2], kMeasuredLines);
  sizes.csv = whole_size(measured_[3], kMeasuredLines);
  if (packets_ != 0) return sizes;
  end.clear();
  make_packet_output(ExportFormat::kCsv)->end(end, 0);
  sizes.csv = end.size();
  return sizes;
}

}  // namespace wireglass
