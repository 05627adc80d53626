#include "segment/segment_publication.hpp"

#include <filesystem>
#include <map>

namespace wireglass {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<SegmentPublication>> publications;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

std::string canonical(const std::string& directory) {
  std::error_code failure;
  const std::filesystem::path path = std::filesystem::canonical(directory, failure);
  return failure ? directory : path.string();
}

/// Appends to `published` what `newest` has more; the last entry may have changed meanwhile. A segment that
/// was cut after a failed write can have less.
void catch_up(SegmentLayout& published, const SegmentIndex& newest,
              std::span<const InterfaceInfo> interfaces) {
  SegmentIndex& index = published.index;
  if (newest.chunks.size() < index.chunks.size() || interfaces.size() < published.interfaces.size())
    published = {};
  if (!index.chunks.empty()) index.chunks.pop_back();
  const auto chunks = static_cast<std::ptrdiff_t>(index.chunks.size());
  index.chunks.insert(index.chunks.end(), newest.chunks.begin() + chunks, newest.chunks.end());
  const auto known = static_cast<std::ptrdiff_t>(published.interfaces.size());
  index.interface_offsets.insert(index.interface_offsets.end(), newest.interface_offsets.begin() + known,
                                 newest.interface_offsets.end());
  published.interfaces.insert(published.interfaces.end(), interfaces.begin() + known, interfaces.end());
  index.summary = newest.summary;
}

}  // namespace

void SegmentPublication::announce(const std::string& directory,
                                  const std::shared_ptr<SegmentPublication>& publication) {
  Registry& shared = registry();
  const std::lock_guard lock(shared.mutex);
  std::erase_if(shared.publications, [](const auto& entry) { return entry.second.expired(); });
  shared.publications[canonical(directory)] = publication;
}

std::shared_ptr<SegmentPublication> SegmentPublication::find(const std::string& directory) {
  Registry& shared = registry();
  const std::string key = canonical(directory);
  const std::lock_guard lock(shared.mutex);
  const auto found = shared.publications.find(key);
  return found == shared.publications.end() ? nullptr : found->second.lock();
}

void SegmentPublication::begin(std::uint64_t sequence, std::string path,
                               std::shared_ptr<const FileDescriptor> file) {
  const std::lock_guard lock(mutex_);
  sequence_ = sequence;
  path_ = std::move(path);
  file_ = std::move(file);
  layout_ = {};
  flush_wanted_.store(false, std::memory_order_relaxed);
  ++generation_;
  changed_.notify_all();
}

void SegmentPublication::advance(const SegmentIndex& index, std::span<const InterfaceInfo> interfaces) {
  const std::lock_guard lock(mutex_);
  catch_up(layout_, index, interfaces);
  counters.packets_buffered.set(0);
  flush_wanted_.store(false, std::memory_order_relaxed);
  ++generation_;
  changed_.notify_all();
}

void SegmentPublication::end() { begin(0, {}, nullptr); }

std::optional<SegmentReader> SegmentPublication::snapshot() {
  std::unique_lock lock(mutex_);
  wait_for_flush(lock);
  return reader();
}

std::optional<SegmentReader> SegmentPublication::snapshot_with(std::uint64_t sequence,
                                                               std::uint64_t ordinal) {
  std::unique_lock lock(mutex_);
  if (sequence_ != sequence) return std::nullopt;
  if (ordinal >= layout_.index.summary.packets) wait_for_flush(lock);
  if (sequence_ != sequence) return std::nullopt;  // completed meanwhile
  return reader();
}

void SegmentPublication::wait_for_flush(std::unique_lock<std::mutex>& lock) {
  if (!file_ || counters.packets_buffered.value() == 0) return;
  const std::uint64_t before = generation_;
  flush_wanted_.store(true, std::memory_order_relaxed);
  changed_.wait_for(lock, kFlushWait, [&] { return generation_ != before; });
}

std::optional<SegmentReader> SegmentPublication::reader() const {
  if (!file_ || layout_.index.summary.packets == 0) return std::nullopt;
  return SegmentReader(path_, file_, std::make_shared<const SegmentLayout>(layout_));
}

}  // namespace wireglass
