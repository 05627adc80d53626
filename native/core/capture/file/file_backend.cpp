#include "capture/file/file_backend.hpp"

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "pcapng/capture_file_reader.hpp"

namespace wireglass {
namespace {

/// Large enough that few records lie over its edge.
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
/// Of all batches that are held at once. More than two of the largest records, of which one may be in the
/// window when another one comes.
constexpr std::size_t kMaxBlocksBytes = std::size_t{64} << 20;
static_assert(kMaxBlocksBytes > 2 * std::size_t{CaptureFileReader::kMaxBlockBytes});

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Nothing where it cannot be known beforehand (standard input, a pipe); 0 for what is not there.
std::optional<std::uint64_t> input_size_bytes(const std::string& path) {
  struct stat status{};
  if (path == "-") return std::nullopt;
  if (stat(path.c_str(), &status) != 0) return 0;
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

class FileBackend final : public CaptureBackend {
 public:
  explicit FileBackend(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  std::string_view name() const override { return "file"; }
  bool is_live() const override { return false; }
  Result<void> open() override;
  ReadStatus read(PacketBatch& batch, int timeout_ms) override;
  void begin_drain() override { draining_ = true; }
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override;
  double progress() const override;
  std::span<const Error> failures() const override { return failures_; }

 private:
  using Status = CaptureFileReader::Status;

  /// Opens the next file that can be opened; without one, `reader_` is empty.
  void open_next();
  void measure_files();
  /// Hands the packets of the window on; the status tells what comes behind them.
  Status fill(PacketBatch& batch);
  /// False when nothing came before `deadline`, or batches hold all memory.
  bool refill(std::optional<steady_clock::time_point>& deadline, int timeout_ms);

  std::shared_ptr<BlockPool> pool_ = std::make_shared<BlockPool>(kBlockBytes, kMaxBlocksBytes);
  std::vector<std::string> paths_;
  std::vector<std::uint64_t> sizes_bytes_;  ///< empty where one of them is unknown
  std::uint64_t total_bytes_ = 0;
  std::uint64_t finished_bytes_ = 0;
  std::size_t next_path_ = 0;
  std::unique_ptr<CaptureFileReader> reader_;
  std::vector<InterfaceInfo> interfaces_;
  std::uint32_t interface_base_ = 0;  ///< of the file that is being read
  std::vector<Error> failures_;
  std::uint64_t delivered_ = 0;
  bool draining_ = false;
};

Result<void> FileBackend::open() {
  if (paths_.empty()) return Error{"input_unreadable", "expected at least one capture file"};
  measure_files();
  open_next();
  if (!reader_) return failures_.front();
  return {};
}

void FileBackend::measure_files() {
  for (const std::string& path : paths_) {
    const auto size_bytes = input_size_bytes(path);
    if (!size_bytes) {
      sizes_bytes_.clear();
      total_bytes_ = 0;
      return;
    }
    sizes_bytes_.push_back(*size_bytes);
    total_bytes_ += *size_bytes;
  }
}

void FileBackend::open_next() {
  if (next_path_ > 0 && !sizes_bytes_.empty()) finished_bytes_ += sizes_bytes_[next_path_ - 1];
  reader_.reset();
  while (next_path_ < paths_.size()) {
    const std::string& path = paths_[next_path_++];
    auto source = open_byte_source(path);
    if (source.ok()) {
      auto reader = std::make_unique<CaptureFileReader>(std::move(source.value()), path, pool_);
      const auto opened = reader->open();
      if (opened.ok()) {
        reader_ = std::move(reader);
        interface_base_ = static_cast<std::uint32_t>(interfaces_.size());
        return;
      }
      failures_.push_back(opened.error());
    } else {
      failures_.push_back(source.error());
    }
    if (!sizes_bytes_.empty()) finished_bytes_ += sizes_bytes_[next_path_ - 1];
  }
}

FileBackend::Status FileBackend::fill(PacketBatch& batch) {
  const std::span<PacketView> packets = batch.room();
  std::size_t count = 0;
  const Status status = reader_->next_batch(packets, count);
  if (interface_base_ > 0) {
    for (PacketView& packet : packets.first(count)) packet.interface_id += interface_base_;
  }
  batch.added(count);
  const auto& described = reader_->interfaces();
  for (std::size_t i = interfaces_.size() - interface_base_; i < described.size(); ++i) {
    interfaces_.push_back(described[i]);
  }
  return status;
}

bool FileBackend::refill(std::optional<steady_clock::time_point>& deadline, int timeout_ms) {
  if (!reader_->has_room()) return false;
  if (!reader_->wait_readable(0)) {
    const auto now = steady_clock::now();
    if (!deadline) deadline = now + milliseconds(timeout_ms);
    const auto left_ms = std::chrono::duration_cast<milliseconds>(*deadline - now).count();
    if (left_ms <= 0 || !reader_->wait_readable(static_cast<int>(left_ms))) return false;
  }
  // A failed read shows in the next status, behind the packets that the window still holds.
  (void)reader_->refill().ok();
  return true;
}

ReadStatus FileBackend::read(PacketBatch& batch, int timeout_ms) {
  std::optional<steady_clock::time_point> deadline;
  while (reader_ && !draining_) {
    const Status status = fill(batch);
    if (!batch.packets().empty()) {
      delivered_ += batch.packets().size();
      reader_->block()->hold();
      batch.lease_from(reader_->block());
      return ReadStatus::kPackets;
    }
    if (status == Status::kNeedsRefill) {
      if (!refill(deadline, timeout_ms)) return ReadStatus::kTimeout;
      continue;
    }
    if (status == Status::kDamaged) failures_.push_back(reader_->failure());
    open_next();
  }
  return ReadStatus::kEnd;
}

CaptureCounters FileBackend::counters() {
  CaptureCounters counters;
  counters.offered = delivered_;
  counters.delivered = delivered_;
  return counters;
}

double FileBackend::progress() const {
  if (sizes_bytes_.size() != paths_.size() || total_bytes_ == 0) return reader_ ? -1 : 1;
  const double current =
      reader_ ? reader_->progress() * static_cast<double>(sizes_bytes_[next_path_ - 1]) : 0;
  return (static_cast<double>(finished_bytes_) + current) / static_cast<double>(total_bytes_);
}

}  // namespace

std::unique_ptr<CaptureBackend> make_file_backend(std::vector<std::string> paths) {
  return std::make_unique<FileBackend>(std::move(paths));
}

}  // namespace wireglass
