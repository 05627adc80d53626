#include "segment/segment_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "segment/active_segment.hpp"
#include "segment/completed_segments.hpp"
#include "segment/segment_recovery.hpp"

namespace wireglass {
namespace {

constexpr TimeNs kFlushIntervalNs = kSecondNs;
constexpr TimeNs kRetryIntervalNs = kSecondNs;
constexpr mode_t kDirectoryMode = 0750;

/// What SegmentIndex::kMaxFileBytes can index.
constexpr std::uint64_t kMaxSegmentBytes = 64ull << 30;

/// Ordinals have 32 bits; a batch may bring more packets before the next rotation.
constexpr std::uint64_t kMaxSegmentPackets = 1ull << 31;

/// How often a segment that could not be completed is tried again before it is left to the next open().
constexpr int kCompletionTries = 60;

/// Whether `interval` has passed since `since`. A clock that was set back counts as well: else all would
/// stand still.
bool passed(TimeNs now, TimeNs since, TimeNs interval) { return now < since || now - since >= interval; }

Result<void> make_directory(const std::string& directory) {
  const std::filesystem::path path(directory);
  std::filesystem::path so_far;
  for (const std::filesystem::path& part : path) {
    so_far /= part;
    if (mkdir(so_far.c_str(), kDirectoryMode) == 0) continue;
    const int reason = errno;
    std::error_code ignored;
    if (!std::filesystem::is_directory(so_far, ignored)) return disk_error("make directory", so_far, reason);
  }
  return {};
}

/// A write beyond RLIMIT_FSIZE would end the process by SIGXFSZ; ignored, it fails with EFBIG as a full disk
/// does.
void ignore_file_size_signal() {
  struct sigaction action{};
  if (sigaction(SIGXFSZ, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, nullptr);
}

Result<void> check_config(const SegmentConfig& config) {
  if (config.directory.empty()) return Error{"bad_argument", "no directory for segments is given"};
  if (config.max_segment_bytes == 0 || config.max_segment_bytes > kMaxSegmentBytes) {
    return Error{"bad_argument", "max_segment_bytes is " + std::to_string(config.max_segment_bytes) +
                                     ", expected 1 to " + std::to_string(kMaxSegmentBytes)};
  }
  if (config.max_segment_age_ns <= 0) {
    return Error{"bad_argument", "max_segment_age_ns is " + std::to_string(config.max_segment_age_ns) +
                                     ", expected 1 or more"};
  }
  return {};
}

}  // namespace

struct SegmentWriter::State {
  explicit State(const SegmentConfig& segment_config)
      : config(segment_config), files{segment_config.directory}, completed(files) {}

  Result<void> lock_directory();
  Result<void> open_first(TimeNs now);
  bool rotation_due(TimeNs now) const;
  void open_next(TimeNs now);
  void finish_active(TimeNs now);
  void complete_or_keep(TimeNs now);
  void retry_pending(TimeNs now);
  void evict(TimeNs now);
  void report(const Error& error);
  void clear_trouble();

  SegmentConfig config;
  SegmentFiles files;
  FileDescriptor directory_lock;
  std::shared_ptr<SegmentPublication> publication = std::make_shared<SegmentPublication>();
  CompletedSegments completed;
  std::unique_ptr<ActiveSegment> active;
  std::unique_ptr<ActiveSegment>
      pending;  ///< could not be completed yet; still readable through the publication
  int pending_tries = 0;
  std::uint64_t next_sequence = 1;
  std::optional<TimeNs> failed_at;  ///< when the disk last refused; set while it is not to be tried again
  TimeNs opened_at = 0;
  TimeNs flushed_at = 0;
  TimeNs evicted_at = 0;
  bool eviction_failed = false;
  TimeNs latest = 0;  ///< the last `now` given
  std::optional<CaptureLosses> losses;
  mutable std::mutex trouble_mutex;
  std::string trouble;
};

void SegmentWriter::State::report(const Error& error) {
  const std::lock_guard lock(trouble_mutex);
  trouble = error.message;
}

void SegmentWriter::State::clear_trouble() {
  const std::lock_guard lock(trouble_mutex);
  trouble.clear();
}

/// A second writer would take the open segment of the first for one that a crash left.
Result<void> SegmentWriter::State::lock_directory() {
  directory_lock = open_file(config.directory, O_RDONLY | O_DIRECTORY);
  if (!directory_lock.valid()) return disk_error("open", config.directory, errno);
  if (flock(directory_lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{"segment_unwritable",
                 config.directory + " is written by another recording; give each one a directory of its own"};
  }
  return {};
}

Result<void> SegmentWriter::State::open_first(TimeNs now) {
  if (Result<void> locked = lock_directory(); !locked.ok()) return locked;
  Result<Recovery> recovery = recover_segments(files, config.sensor, now);
  if (!recovery.ok()) return recovery.error();
  publication->counters.segments_completed.add(recovery.value().segments_completed);
  if (Result<void> taken = completed.open(); !taken.ok()) return taken;
  next_sequence = std::max(recovery.value().highest_sequence, completed.highest_evicted()) + 1;
  SegmentPublication::announce(config.directory, publication);
  evict(now);
  open_next(now);
  if (!active) return Error{"segment_unwritable", trouble};
  for (const Error& failure : recovery.value().failures) report(failure);
  return {};
}

bool SegmentWriter::State::rotation_due(TimeNs now) const {
  if (!active || active->packets() == 0) return false;
  return active->bytes() >= config.max_segment_bytes || passed(now, opened_at, config.max_segment_age_ns) ||
         active->packets() >= kMaxSegmentPackets || active->interfaces_nearly_full();
}

void SegmentWriter::State::open_next(TimeNs now) {
  if (failed_at && !passed(now, *failed_at, kRetryIntervalNs)) return;
  retry_pending(now);
  if (pending) return;
  auto created = ActiveSegment::create(files, config.sensor, next_sequence, publication);
  if (!created.ok()) {
    report(created.error());
    failed_at = now;
    return;
  }
  active = std::move(created.value());
  if (failed_at) clear_trouble();
  failed_at.reset();
  opened_at = now;
  flushed_at = now;
}

/// Ends the active segment, whatever its state; afterwards there is none.
void SegmentWriter::State::finish_active(TimeNs now) {
  // A failure of flush() is the segment's failure().
  [[maybe_unused]] const Result<void> flushed = active->flush();
  if (active->failure()) {
    report(*active->failure());
    failed_at = now;
  }
  if (active->packets() == 0) {
    active->remove();
    active.reset();
    return;
  }
  next_sequence = active->sequence() + 1;
  pending = std::move(active);
  pending_tries = 0;
  complete_or_keep(now);
}

void SegmentWriter::State::complete_or_keep(TimeNs now) {
  ++pending_tries;
  if (Result<void> done = pending->complete(now, losses); !done.ok()) {
    report(done.error());
    failed_at = now;
    if (pending_tries < kCompletionTries) return;
  } else {
    completed.add(pending->sequence(), pending->complete_bytes());
    publication->counters.segments_completed.add();
  }
  publication->end();
  pending.reset();
  evict(now);
}

void SegmentWriter::State::retry_pending(TimeNs now) {
  if (!pending || (failed_at && !passed(now, *failed_at, kRetryIntervalNs))) return;
  complete_or_keep(now);
}

void SegmentWriter::State::evict(TimeNs now) {
  evicted_at = now;
  std::uint64_t evicted = 0;
  const Result<void> done = completed.evict(config.max_total_bytes, config.sensor, now, evicted);
  publication->counters.segments_evicted.add(evicted);
  if (!done.ok()) {
    report(done.error());
  } else if (eviction_failed && !failed_at) {
    clear_trouble();
  }
  eviction_failed = !done.ok();
}

SegmentWriter::SegmentWriter(const SegmentConfig& config) : state_(std::make_unique<State>(config)) {}

SegmentWriter::~SegmentWriter() {
  // Nobody is left to hear of an error; what could not be completed is recovered by the next open().
  [[maybe_unused]] const Result<void> closed = close(state_->latest);
}

Result<void> SegmentWriter::open(TimeNs now) {
  State& state = *state_;
  state.latest = now;
  if (Result<void> checked = check_config(state.config); !checked.ok()) return checked;
  if (state.directory_lock.valid()) return Error{"segment_unwritable", "this recording is open already"};
  ignore_file_size_signal();
  if (Result<void> made = make_directory(state.config.directory); !made.ok()) return made;
  Result<void> opened = state.open_first(now);
  if (!opened.ok()) state.directory_lock.reset();
  return opened;
}

std::uint64_t SegmentWriter::begin_batch(TimeNs now) {
  State& state = *state_;
  state.latest = now;
  if (!state.directory_lock.valid()) return 0;
  if (state.active && (state.active->failure() || state.rotation_due(now))) state.finish_active(now);
  if (!state.active) state.open_next(now);
  if (!state.active) return 0;
  if (state.active->packets() == 0) state.opened_at = now;
  return state.active->sequence();
}

void SegmentWriter::append(const PacketView& packet, std::span<const InterfaceInfo> interfaces) {
  State& state = *state_;
  if (!state.active || state.active->failure()) {
    state.publication->counters.packets_lost_to_disk.add();
  } else if (!state.active->append(packet, interfaces)) {
    state.publication->counters.packets_lost_to_disk.add();
    state.report({"packet_not_recordable", "a packet of " + std::to_string(packet.captured_length) +
                                               " bytes was too long, or came from one interface too many"});
  }
}

void SegmentWriter::tick(TimeNs now) {
  State& state = *state_;
  state.latest = now;
  if (!state.directory_lock.valid()) return;
  if (state.active &&
      (state.publication->flush_wanted() || passed(now, state.flushed_at, kFlushIntervalNs))) {
    state.flushed_at = now;
    // A failure is in failure(), asked next.
    [[maybe_unused]] const Result<void> flushed = state.active->flush();
  }
  if (state.active && (state.active->failure() || state.rotation_due(now))) state.finish_active(now);
  state.retry_pending(now);
  if (passed(now, state.evicted_at, kRetryIntervalNs)) state.evict(now);
}

void SegmentWriter::note_drops(std::uint64_t offered, std::uint64_t dropped) {
  state_->losses = CaptureLosses{offered, dropped};
}

Result<void> SegmentWriter::close(TimeNs now) {
  State& state = *state_;
  state.latest = now;
  if (!state.directory_lock.valid()) return {};
  state.failed_at.reset();
  const bool failed = state.active && state.active->failure();
  if (state.active) state.finish_active(now);
  if (state.pending && !failed) state.complete_or_keep(now);
  Result<void> result;
  if (state.pending) {
    result = Error{"segment_unwritable", trouble()};
    state.publication->end();
    state.pending.reset();
  }
  state.directory_lock.reset();
  return result;
}

const SegmentCounters& SegmentWriter::counters() const { return state_->publication->counters; }

std::string SegmentWriter::trouble() const {
  const std::lock_guard lock(state_->trouble_mutex);
  return state_->trouble;
}

}  // namespace wireglass
