#include "segment/eviction_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <span>

#include "segment/posix_file.hpp"
#include "segment/segment_index.hpp"

namespace wireglass {
namespace {

constexpr std::uint64_t kMaxLogBytes = 4ull << 20;

/// The text behind `"key":`, its quotes taken off; our own lines hold no escapes and no nesting.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  const std::string pattern = "\"" + std::string(key) + "\":";
  const std::size_t found = line.find(pattern);
  if (found == std::string_view::npos) return std::nullopt;
  std::string_view value = line.substr(found + pattern.size());
  value = value.substr(0, value.find_first_of(",}"));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return value;
}

template <class Number>
bool number_of(std::string_view line, std::string_view key, Number& number) {
  const auto value = value_of(line, key);
  if (!value) return false;
  const char* end = std::to_address(value->end());
  const auto [stop, failure] = std::from_chars(std::to_address(value->begin()), end, number);
  return failure == std::errc{} && stop == end;
}

std::optional<Eviction> parse_line(std::string_view line) {
  if (!line.starts_with('{') || !line.ends_with('}')) return std::nullopt;
  Eviction eviction;
  const auto reason = value_of(line, "reason");
  if (!reason || !number_of(line, "sequence", eviction.first_sequence) ||
      !number_of(line, "evicted_at_ns", eviction.first_evicted_at_ns) ||
      !number_of(line, "sensor", eviction.sensor) || !number_of(line, "packets", eviction.packets)) {
    return std::nullopt;
  }
  eviction.reason = *reason;
  eviction.last_sequence = eviction.first_sequence;
  eviction.last_evicted_at_ns = eviction.first_evicted_at_ns;
  number_of(line, "last_sequence", eviction.last_sequence);
  number_of(line, "last_evicted_at_ns", eviction.last_evicted_at_ns);
  return eviction;
}

std::string line_of(const Eviction& eviction) {
  std::string line = "{\"sequence\":" + std::to_string(eviction.first_sequence);
  if (eviction.is_range()) line += ",\"last_sequence\":" + std::to_string(eviction.last_sequence);
  line += ",\"evicted_at_ns\":\"" + std::to_string(eviction.first_evicted_at_ns) + "\"";
  if (eviction.is_range()) {
    line += ",\"last_evicted_at_ns\":\"" + std::to_string(eviction.last_evicted_at_ns) + "\"";
  }
  return line + ",\"reason\":\"" + eviction.reason + "\",\"packets\":" + std::to_string(eviction.packets) +
         ",\"sensor\":" + std::to_string(eviction.sensor) + "}\n";
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

Result<void> EvictionLog::open() {
  bool whole = true;
  Result<std::vector<Eviction>> read = read_evictions(path_, &whole);
  if (!read.ok()) return read.error();
  entries_ = std::move(read.value());
  unwritten_ = 0;
  needs_rewrite_ = !whole || entries_.size() > kMaxLines;
  while (entries_.size() > kMaxLines) compact();
  return flush();
}

Result<void> EvictionLog::add(const Eviction& eviction) {
  entries_.push_back(eviction);
  ++unwritten_;
  if (entries_.size() > kMaxLines) compact();
  return flush();
}

Result<void> EvictionLog::flush() {
  if (!needs_rewrite_ && unwritten_ == 0) return {};
  std::string lines;
  const std::size_t first = needs_rewrite_ ? 0 : entries_.size() - unwritten_;
  for (std::size_t entry = first; entry < entries_.size(); ++entry) lines += line_of(entries_[entry]);
  if (needs_rewrite_) {
    if (Result<void> replaced = replace_file(path_, bytes_of(lines)); !replaced.ok()) return replaced;
  } else {
    const FileDescriptor file = open_file(path_, O_WRONLY | O_CREAT);
    if (!file.valid()) return disk_error("open", path_, errno);
    const off_t end = lseek(file.get(), 0, SEEK_END);
    int error_number = 0;
    if (write_at(file, bytes_of(lines), static_cast<std::uint64_t>(end), error_number) != lines.size() ||
        fdatasync(file.get()) != 0) {
      if (error_number == 0) error_number = errno;
      needs_rewrite_ = ftruncate(file.get(), end) != 0;  // half a line would spoil the next one
      return disk_error("write", path_, error_number);
    }
  }
  unwritten_ = 0;
  needs_rewrite_ = false;
  return {};
}

void EvictionLog::compact() {
  std::vector<Eviction> ranges;
  const std::size_t half = entries_.size() / 2;
  for (std::size_t entry = 0; entry < half; ++entry) {
    const Eviction& eviction = entries_[entry];
    const auto same = std::find_if(ranges.begin(), ranges.end(), [&](const Eviction& range) {
      return range.sensor == eviction.sensor && range.reason == eviction.reason;
    });
    if (same == ranges.end()) {
      ranges.push_back(eviction);
      continue;
    }
    same->last_sequence = std::max(same->last_sequence, eviction.last_sequence);
    same->first_sequence = std::min(same->first_sequence, eviction.first_sequence);
    same->last_evicted_at_ns = std::max(same->last_evicted_at_ns, eviction.last_evicted_at_ns);
    same->packets += eviction.packets;
  }
  // More sensors and reasons than a quarter of the table is none that one host has had: the oldest go.
  const std::size_t dropped = ranges.size() > kMaxLines / 4 ? ranges.size() - kMaxLines / 4 : 0;
  ranges.erase(ranges.begin(), ranges.begin() + static_cast<std::ptrdiff_t>(dropped));
  ranges.insert(ranges.end(), entries_.begin() + static_cast<std::ptrdiff_t>(half), entries_.end());
  entries_ = std::move(ranges);
  needs_rewrite_ = true;
}

Result<std::vector<Eviction>> read_evictions(const std::string& path, bool* whole) {
  std::vector<Eviction> evictions;
  const FileDescriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) {
    if (errno == ENOENT) return evictions;
    return segment_damaged(path, 0, "a file that can be read");
  }
  struct stat status{};
  if (fstat(file.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) > kMaxLogBytes) {
    return segment_damaged(path, kMaxLogBytes, "the end of the file");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = read_at(file, std::as_writable_bytes(std::span(text)), 0);
  if (got < 0) return segment_damaged(path, 0, "a file that can be read");
  text.resize(static_cast<std::size_t>(got));
  std::string_view rest(text);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const auto eviction = end == std::string_view::npos ? std::nullopt : parse_line(rest.substr(0, end));
    if (eviction) {
      evictions.push_back(*eviction);
    } else if (whole != nullptr) {
      *whole = false;
    }
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return evictions;
}

}  // namespace wireglass
