#include "bench/meter_options.hpp"

#include <charconv>
#include <memory>
#include <string_view>

namespace wireglass::bench {
namespace {

bool parse_number(std::string_view text, std::uint64_t& number) {
  const char* begin = std::to_address(text.begin());
  const char* end = begin + text.size();
  const auto [rest, status] = std::from_chars(begin, end, number);
  return status == std::errc{} && rest == end;
}

struct Option {
  std::string_view name;
  std::string_view meaning;
  bool (*apply)(MeterOptions& options, std::string_view value);
};

bool set_seconds(std::string_view value, ProtocolTimeouts& timeouts) {
  std::uint64_t seconds = 0;
  if (!parse_number(value, seconds) || seconds == 0 || seconds > 1'000'000) return false;
  timeouts = ProtocolTimeouts(static_cast<TimeNs>(seconds) * kSecondNs);
  return true;
}

constexpr Option kOptions[] = {
    {"--max-flows", "size of the flow cache",
     [](MeterOptions& o, std::string_view v) {
       std::uint64_t flows = 0;
       if (!parse_number(v, flows) || flows < MeterConfig::kMinFlows || flows > MeterConfig::kMaxFlows)
         return false;
       o.pipeline.meter.max_flows = static_cast<std::uint32_t>(flows);
       return true;
     }},
    {"--idle-seconds", "idle timeout",
     [](MeterOptions& o, std::string_view v) { return set_seconds(v, o.pipeline.meter.idle_timeouts); }},
    {"--active-seconds", "active timeout",
     [](MeterOptions& o, std::string_view v) { return set_seconds(v, o.pipeline.meter.active_timeouts); }},
    {"--intervals", "seconds of an interval sample; none are made without",
     [](MeterOptions& o, std::string_view v) {
       std::uint64_t seconds = 0;
       if (!parse_number(v, seconds) || seconds == 0 || seconds > 3'600) return false;
       o.pipeline.meter.intervals.emplace().interval_ns = static_cast<TimeNs>(seconds) * kSecondNs;
       return true;
     }},
    {"--workers", "threads that decode and meter",
     [](MeterOptions& o, std::string_view v) {
       std::uint64_t workers = 0;
       if (!parse_number(v, workers) || workers == 0 || workers > PipelineConfig::kMaxWorkers) return false;
       o.pipeline.workers = static_cast<std::uint32_t>(workers);
       return true;
     }},
    {"--applications", "on or off: application fields",
     [](MeterOptions& o, std::string_view v) {
       o.pipeline.meter.applications = v == "on";
       return v == "on" || v == "off";
     }},
    {"--record", "directory to record packets to",
     [](MeterOptions& o, std::string_view v) {
       SegmentConfig segments;
       segments.directory = std::string(v);
       o.pipeline.segments = segments;
       return !v.empty();
     }},
    {"--warm-up-packets", "packets whose time is told apart",
     [](MeterOptions& o, std::string_view v) { return parse_number(v, o.warm_up_packets); }},
};

Error usage() {
  std::string text = "meter_run [options] FILE; options:";
  for (const Option& option : kOptions) {
    text += "\n  " + std::string(option.name) + " VALUE  " + std::string(option.meaning);
  }
  return {"usage", text};
}

}  // namespace

Result<MeterOptions> parse_meter_options(std::span<char*> arguments) {
  MeterOptions options;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string_view name = arguments[at];
    if (!name.starts_with("--")) {
      if (!options.path.empty()) return usage();
      options.path = std::string(name);
      continue;
    }
    const Option* found = nullptr;
    for (const Option& option : kOptions) {
      if (option.name == name) found = &option;
    }
    if (found == nullptr) return usage();
    ++at;
    if (at == arguments.size() || !found->apply(options, arguments[at])) {
      return Error{"usage", std::string(name) + " needs a value in range: " + std::string(found->meaning)};
    }
  }
  if (options.path.empty()) return usage();
  return options;
}

}  // namespace wireglass::bench
