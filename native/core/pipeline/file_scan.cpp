#include "pipeline/file_scan.hpp"

#include <utility>

#include "capture/file/file_backend.hpp"

namespace wireglass {
namespace {

class FileScan final : public PacketScan {
 public:
  FileScan(std::unique_ptr<CaptureBackend> files, const TimeRange& range)
      : files_(std::move(files)), range_(range) {}

  Result<bool> next(const Visit& visit) override {
    const ReadStatus status = files_->read(batch_, kWaitMs);
    bool more = status == ReadStatus::kPackets || status == ReadStatus::kTimeout;
    if (status == ReadStatus::kPackets) {
      const std::span<const InterfaceInfo> interfaces = files_->interfaces();
      for (const PacketView& packet : batch_.packets()) {
        ++scanned_packets_;
        scanned_bytes_ += packet.captured_length;
        if (!range_.holds(packet.timestamp_ns)) continue;
        more = visit({packet, interfaces[packet.interface_id], std::nullopt, {}});
        if (!more) break;
      }
    }
    batch_.release();
    if (!more) take_failures();
    return more;
  }

  /// Standard input cannot be read twice, and files are not worth it.
  bool rewind() override { return false; }
  std::optional<LinkType> single_link_type() override { return std::nullopt; }
  double progress() const override { return files_->progress(); }

 private:
  /// Short, so that a reader of a slow pipe can be told to stop.
  static constexpr int kWaitMs = 100;

  void take_failures() {
    for (const Error& failure : files_->failures()) add_failure(failure);
  }

  std::unique_ptr<CaptureBackend> files_;
  TimeRange range_;
  PacketBatch batch_;
};

}  // namespace

Result<std::unique_ptr<PacketScan>> scan_files(std::vector<std::string> paths, const TimeRange& range) {
  std::unique_ptr<CaptureBackend> files = make_file_backend(std::move(paths));
  if (Result<void> opened = files->open(); !opened.ok()) return opened.error();
  return std::unique_ptr<PacketScan>(std::make_unique<FileScan>(std::move(files), range));
}

}  // namespace wireglass
