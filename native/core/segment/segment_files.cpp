#include "segment/segment_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>

#include "segment/posix_file.hpp"

namespace wireglass {
namespace {

constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kCompleteSuffix = ".pcapng";
constexpr std::string_view kIndexSuffix = ".index";
constexpr std::string_view kOpenSuffix = ".pcapng.open";
constexpr std::size_t kSequenceDigits = 12;

std::string path_of(const std::string& directory, std::uint64_t sequence, std::string_view suffix) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%0*llu", static_cast<int>(kSequenceDigits),
                static_cast<unsigned long long>(sequence));
  return directory + "/" + std::string(kPrefix) + digits.data() + std::string(suffix);
}

std::optional<std::uint64_t> sequence_of(std::string_view name, std::string_view suffix) {
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) return std::nullopt;
  if (name.size() < kPrefix.size() + kSequenceDigits + suffix.size()) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size());
  std::uint64_t sequence = 0;
  const auto [stop, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  if (failure != std::errc{} || stop != digits.data() + digits.size() || sequence == 0) return std::nullopt;
  if (digits.size() > kSequenceDigits && digits.front() == '0') return std::nullopt;
  return sequence;
}

}  // namespace

std::string SegmentFiles::complete(std::uint64_t sequence) const {
  return path_of(directory, sequence, kCompleteSuffix);
}

std::string SegmentFiles::index(std::uint64_t sequence) const {
  return path_of(directory, sequence, kIndexSuffix);
}

std::string SegmentFiles::open(std::uint64_t sequence) const {
  return path_of(directory, sequence, kOpenSuffix);
}

std::string SegmentFiles::eviction_log() const { return directory + "/evicted.jsonl"; }

Result<SegmentListing> list_segment_files(const std::string& directory) {
  SegmentListing listing;
  std::error_code failure;
  std::filesystem::directory_iterator entry(directory, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (const auto complete = sequence_of(name, kCompleteSuffix)) {
      listing.complete.push_back(*complete);
    } else if (const auto index = sequence_of(name, kIndexSuffix)) {
      listing.indexes.push_back(*index);
    } else if (const auto open = sequence_of(name, kOpenSuffix)) {
      listing.open.push_back(*open);
    } else if (name.ends_with(kTemporarySuffix) &&
               (name.starts_with(kPrefix) || name.starts_with("evicted."))) {
      listing.temporary.push_back(entry->path().string());
    }
  }
  if (failure && failure != std::errc::no_such_file_or_directory) {
    return Error{"segment_damaged", "cannot list " + directory + ": " + failure.message()};
  }
  for (auto* sequences : {&listing.complete, &listing.indexes, &listing.open}) {
    std::sort(sequences->begin(), sequences->end());
  }
  return listing;
}

}  // namespace wireglass
