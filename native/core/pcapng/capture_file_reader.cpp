#include "pcapng/capture_file_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "pcapng/erf_parser.hpp"
#include "pcapng/input_window.hpp"
#include "pcapng/pcap_parser.hpp"
#include "pcapng/pcapng_parser.hpp"
#include "pcapng/snoop_parser.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct ForeignFormat {
  std::array<std::uint8_t, kMagicBytes> magic;
  std::uint8_t magic_bytes;
  std::string_view name;
};

// What people hand to a capture tool by mistake or habit, told by name.
constexpr std::array<ForeignFormat, 5> kForeignFormats = {{
    {{'X', 'C', 'P', 0}, 4, "a NetXRay or Sniffer capture; convert it with editcap"},
    {{'T', 'R', 'S', 'N'}, 4, "a Sniffer capture; convert it with editcap"},
    {{'R', 'T', 'S', 'S'}, 4, "a NetMon 1 capture; convert it with editcap"},
    {{'G', 'M', 'B', 'U'}, 4, "a NetMon 2 capture; convert it with editcap"},
    {{'P', 'K', 3, 4}, 4, "a zip archive; unpack it first"},
}};

std::string describe_magic(const std::byte* magic) {
  std::array<char, 2 * kMagicBytes + 3> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%02x%02x%02x%02x", std::to_integer<unsigned>(magic[0]),
                std::to_integer<unsigned>(magic[1]), std::to_integer<unsigned>(magic[2]),
                std::to_integer<unsigned>(magic[3]));
  for (const ForeignFormat& format : kForeignFormats) {
    const auto* end = format.magic.begin() + format.magic_bytes;
    const bool same = std::equal(format.magic.begin(), end, magic, [](std::uint8_t left, std::byte right) {
      return left == std::to_integer<std::uint8_t>(right);
    });
    if (same) return std::string(hex.data()) + ", " + std::string(format.name);
  }
  return hex.data();
}

std::string name_in_messages(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string base_name(const std::string& path) {
  if (path == "-") return "stdin";
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

struct CaptureFileReader::State {
  State(std::unique_ptr<ByteSource> source, const std::string& path, std::shared_ptr<BlockPool> shared)
      : pool(std::move(shared)),
        window(std::move(source), *pool),
        file_name(name_in_messages(path)),
        pcapng(base_name(path)) {
    sole_interface.push_back({base_name(path), LinkType::kEthernet, 0});
  }

  Result<void> fill_at_least(std::size_t bytes);
  template <class Parser>
  Result<void> open_records(std::optional<Parser>& parser, const char* format);
  Result<void> open_pcapng();
  Result<void> open_without_magic();
  Status stop_at(const RecordStep& step);
  Error damage(std::uint64_t offset, const std::string& expected) const {
    return {"capture_file_damaged", file_name + ": byte " + std::to_string(offset) + ": " + expected};
  }

  bool has_blocks() const { return !pcap && !snoop && !erf; }
  const std::string& parser_damage() const {
    return pcap ? pcap->damage() : snoop ? snoop->damage() : erf ? erf->damage() : pcapng.damage();
  }
  std::span<const std::byte> bytes() const { return {window.data(), window.size()}; }

  template <class Parser>
  Status next_of(Parser& parser, std::span<PacketView> into, std::size_t& count);

  std::shared_ptr<BlockPool> pool;
  InputWindow window;
  std::string file_name;
  std::optional<PcapParser> pcap;
  std::optional<SnoopParser> snoop;
  std::optional<ErfParser> erf;
  PcapngParser pcapng;
  std::vector<InterfaceInfo> sole_interface;
  Error failure{};
  bool opened = false;
  bool failed = false;
  std::size_t needed_bytes = 0;
};

CaptureFileReader::CaptureFileReader(std::unique_ptr<ByteSource> source, const std::string& file_name,
                                     std::shared_ptr<BlockPool> pool)
    : state_(std::make_unique<State>(std::move(source), file_name, std::move(pool))) {}

CaptureFileReader::CaptureFileReader(std::unique_ptr<ByteSource> source, const std::string& file_name,
                                     std::size_t window_bytes)
    : CaptureFileReader(std::move(source), file_name, std::make_shared<BlockPool>(window_bytes, kNoLimit)) {}

CaptureFileReader::~CaptureFileReader() = default;

Result<void> CaptureFileReader::State::fill_at_least(std::size_t bytes) {
  while (window.size() < bytes && !window.ended()) {
    // A file is opened between others' batches, which need not be waited for.
    window.make_room(bytes, BlockPool::Limit::kExceed);
    if (auto filled = window.refill(); !filled.ok()) return filled;
  }
  return {};
}

Result<void> CaptureFileReader::open() {
  State& state = *state_;
  Result<void> opened = state.fill_at_least(kMagicBytes);
  if (opened.ok()) {
    const std::byte* magic = state.window.data();
    const std::size_t size = state.window.size();
    if (size < kMagicBytes) {
      opened = Error{"not_a_capture_file", state.file_name +
                                               ": expected pcap, pcapng, snoop or ERF, the file has only " +
                                               std::to_string(size) + " bytes"};
    } else if (PcapParser::knows(magic)) {
      opened = state.open_records(state.pcap, "pcap");
    } else if (SnoopParser::knows(magic)) {
      opened = state.open_records(state.snoop, "snoop");
    } else if (PcapngParser::knows(magic)) {
      opened = state.open_pcapng();
    } else {
      opened = state.open_without_magic();
    }
  }
  state.opened = opened.ok();
  if (!opened.ok()) {
    state.failure = opened.error();
    state.failed = true;
  }
  return opened;
}

template <class Parser>
Result<void> CaptureFileReader::State::open_records(std::optional<Parser>& parser, const char* format) {
  constexpr std::size_t kHeaderBytes = Parser::kFileHeaderBytes;
  if (auto filled = fill_at_least(kHeaderBytes); !filled.ok()) return filled;
  if (window.size() < kHeaderBytes) {
    return damage(0, std::string("expected a ") + format + " file header of " + std::to_string(kHeaderBytes) +
                         " bytes, the file has only " + std::to_string(window.size()));
  }
  auto parsed = Parser::from_file_header(window.data());
  if (!parsed.ok()) return Error{parsed.error().code, file_name + ": " + parsed.error().message};
  parser = std::move(parsed.value());
  sole_interface.front().link_type = parser->link_type();
  sole_interface.front().snaplen = parser->snaplen();
  window.consume(kHeaderBytes);
  return {};
}

Result<void> CaptureFileReader::State::open_pcapng() {
  PacketView unused;
  for (;;) {
    const RecordStep step = pcapng.parse(bytes(), unused);
    if (step.outcome == RecordStep::Outcome::kMore && !window.ended()) {
      if (auto filled = fill_at_least(step.bytes); !filled.ok()) return filled;
      continue;
    }
    if (step.outcome == RecordStep::Outcome::kSkip) {
      window.consume(step.bytes);
      return {};
    }
    stop_at(step);
    return failure;
  }
}

Result<void> CaptureFileReader::State::open_without_magic() {
  using Verdict = ErfParser::Guess::Verdict;
  ErfParser::Guess guess = ErfParser::guess(bytes(), window.ended());
  while (guess.verdict == Verdict::kMore) {
    if (auto filled = fill_at_least(guess.bytes); !filled.ok()) return filled;
    guess = ErfParser::guess(bytes(), window.ended());
  }
  if (guess.verdict == Verdict::kNo) {
    return Error{"not_a_capture_file", file_name + ": expected pcap, pcapng, snoop or ERF, found magic " +
                                           describe_magic(window.data())};
  }
  erf.emplace(sole_interface.front().name);
  return {};
}

CaptureFileReader::Status CaptureFileReader::State::stop_at(const RecordStep& step) {
  if (step.outcome == RecordStep::Outcome::kMore) {
    needed_bytes = step.bytes;
    if (!window.ended()) return Status::kNeedsRefill;
    if (failed) return Status::kDamaged;
    if (window.size() == 0) return Status::kEnd;
    failure =
        damage(window.offset(), std::string("expected ") + (has_blocks() ? "a block" : "a packet record") +
                                    " of at least " + std::to_string(step.bytes) +
                                    " bytes, the file ends after " + std::to_string(window.size()));
  } else {
    failure = damage(window.offset() + step.bytes, parser_damage());
  }
  failed = true;
  return Status::kDamaged;
}

template <class Parser>
CaptureFileReader::Status CaptureFileReader::State::next_of(Parser& parser, std::span<PacketView> into,
                                                            std::size_t& count) {
  std::span<const std::byte> rest = bytes();
  RecordStep step{RecordStep::Outcome::kPacket, 0};
  while (count < into.size()) {
    step = parser.parse(rest, into[count]);
    if (step.outcome > RecordStep::Outcome::kSkip) break;
    rest = rest.subspan(step.bytes);
    if (step.outcome == RecordStep::Outcome::kPacket) ++count;
  }
  window.consume(window.size() - rest.size());
  return step.outcome > RecordStep::Outcome::kSkip ? stop_at(step) : Status::kPacket;
}

CaptureFileReader::Status CaptureFileReader::next_batch(std::span<PacketView> into, std::size_t& count) {
  count = 0;
  State& state = *state_;
  if (!state.opened) return Status::kDamaged;
  if (state.pcap) return state.next_of(*state.pcap, into, count);
  if (state.snoop) return state.next_of(*state.snoop, into, count);
  if (state.erf) return state.next_of(*state.erf, into, count);
  return state.next_of(state.pcapng, into, count);
}

CaptureFileReader::Status CaptureFileReader::next(PacketView& packet) {
  std::size_t count = 0;
  return next_batch({&packet, 1}, count);
}

bool CaptureFileReader::has_room() { return state_->window.make_room(state_->needed_bytes); }

PacketBlock* CaptureFileReader::block() { return state_->window.block(); }

Result<void> CaptureFileReader::refill() {
  if (!has_room()) return {};
  auto filled = state_->window.refill();
  if (!filled.ok() && !state_->failed) {
    state_->failure = filled.error();
    state_->failed = true;
  }
  return filled;
}

bool CaptureFileReader::wait_readable(int timeout_ms) {
  return state_->window.source().wait_readable(timeout_ms);
}

const std::vector<InterfaceInfo>& CaptureFileReader::interfaces() const {
  if (state_->erf) return state_->erf->interfaces();
  return state_->has_blocks() ? state_->pcapng.interfaces() : state_->sole_interface;
}

const Error& CaptureFileReader::failure() const { return state_->failure; }

double CaptureFileReader::progress() const { return state_->window.source().progress(); }

}  // namespace wireglass
