#include "traffic/traffic_options.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "traffic/presets.hpp"

namespace wireglass {
namespace {

using Apply = bool (*)(TrafficOptions& options, std::string_view value);

struct Option {
  std::string_view name;
  std::string_view value;  ///< how the help calls it; empty: the option takes none
  std::string_view meaning;
  std::string_view expected;
  Apply apply;
};

template <class Number>
bool parse_number(std::string_view value, Number& number) {
  const std::string text(value);
  const char* end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  return status == std::errc{} && rest == end;
}

bool parse_kind(std::string_view text, TrafficProfile::Kind& kind) {
  if (text == "ordinary")
    kind = TrafficProfile::Kind::kOrdinary;
  else if (text == "lisp_ai")
    kind = TrafficProfile::Kind::kLispAi;
  else if (text == "demo")
    kind = TrafficProfile::Kind::kDemo;
  else if (text == "tunnels")
    kind = TrafficProfile::Kind::kTunnels;
  else
    return false;
  return true;
}

bool parse_start(std::string_view text, TimeNs& start_ns) {
  std::uint32_t seconds = 0;
  if (!parse_number(text, seconds)) return false;
  start_ns = seconds * kSecondNs;
  return true;
}

constexpr std::string_view kNumber = "a whole number";
constexpr std::string_view kPercent = "a whole number from 0 to 100";

constexpr Option kOptions[] = {
    {"--preset", "NAME", "begin with the parameters of a, b, c or d (below)", "a, b, c or d",
     [](TrafficOptions& o, std::string_view v) {
       return find_preset(v) != nullptr && (o.profile = find_preset(v)->profile, true);
     }},
    {"--profile", "NAME", "ordinary, lisp_ai, demo or tunnels (default ordinary)",
     "ordinary, lisp_ai, demo or tunnels",
     [](TrafficOptions& o, std::string_view v) { return parse_kind(v, o.profile.kind); }},
    {"--packets", "N", "packets; 0 for ever, with lisp_ai and demo (default 1000000)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.packets); }},
    {"--seed", "N", "the same seed gives the same bytes (default 1)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.seed); }},
    {"--rate", "PPS", "packets per second of trace time (default 100000)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.packets_per_second); }},
    {"--start", "SECONDS", "first time stamp, seconds since 1970 (default 1700000000)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_start(v, o.profile.start_ns); }},
    {"--snaplen", "BYTES", "cut packets to this length (default 65535)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.snaplen); }},
    {"--flows", "N", "ordinary: unidirectional 5-tuples (default 100000)", kNumber,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.flows); }},
    {"--zipf", "S", "ordinary: exponent of the flow-size law, 0 for all alike (default 1.1)", "a number",
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.zipf); }},
    {"--sizes", "NAME", "ordinary: small, imix, large or fixed:LEN, frame lengths (default imix)", "",
     [](TrafficOptions& o, std::string_view v) { return o.profile.sizes = v, true; }},
    {"--ipv6", "PERCENT", "ordinary: share of connections over IPv6 (default 0)", kPercent,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.ipv6_percent); }},
    {"--tcp", "PERCENT", "ordinary: share of TCP (default 80)", kPercent,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.tcp_percent); }},
    {"--udp", "PERCENT", "ordinary: share of UDP, the rest is ICMP (default 18)", kPercent,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.udp_percent); }},
    {"--vlan", "PERCENT", "ordinary: share of connections with a VLAN tag (default 0)", kPercent,
     [](TrafficOptions& o, std::string_view v) { return parse_number(v, o.profile.vlan_percent); }},
    {"--unidirectional", "", "ordinary: clients only, nobody answers", "",
     [](TrafficOptions& o, std::string_view) { return o.profile.bidirectional = false, true; }},
    {"--syn-only", "", "ordinary: bare SYNs only, as in a flood; implies --unidirectional", "",
     [](TrafficOptions& o, std::string_view) {
       o.profile.bidirectional = false;
       return o.profile.syn_only = true;
     }},
    {"--all-live", "", "ordinary: every connection begins first, none ends, packets evenly spread", "",
     [](TrafficOptions& o, std::string_view) { return o.profile.all_live = true; }},
    {"--output", "FILE", "where the pcap goes; - for standard output (also -o)", "a path",
     [](TrafficOptions& o, std::string_view v) { return o.output = v, !v.empty(); }},
    {"--help", "", "this text (also -h)", "",
     [](TrafficOptions& o, std::string_view) { return o.help = true; }},
};

const Option* find_option(std::string_view name) {
  if (name == "-o") name = "--output";
  if (name == "-h") name = "--help";
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

/// Applies either the presets or everything else: a preset must not undo what stands in front of it.
Result<void> apply_options(std::span<const std::string_view> arguments, bool presets,
                           TrafficOptions& options) {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::string_view name = arguments[at];
    std::string_view value;
    const std::size_t equals = name.starts_with("--") ? name.find('=') : std::string_view::npos;
    const bool joined = equals != std::string_view::npos;
    if (joined) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const Option* option = find_option(name);
    if (option == nullptr) return Error{"usage", "unknown option " + quoted(name) + "; see --help"};
    if (option->value.empty() && joined) return Error{"usage", std::string(name) + " takes no value"};
    if (!option->value.empty() && !joined) {
      if (++at == arguments.size()) return Error{"usage", std::string(name) + " needs a value; see --help"};
      value = arguments[at];
    }
    if ((option->name == "--preset") != presets) continue;
    if (!option->apply(options, value)) {
      return Error{"usage", std::string(name) + " is " + quoted(value) + "; expected " +
                                std::string(option->expected)};
    }
  }
  return {};
}

}  // namespace

Result<TrafficOptions> parse_traffic_options(std::span<const std::string_view> arguments) {
  TrafficOptions options;
  for (const bool presets : {true, false}) {
    if (const auto applied = apply_options(arguments, presets, options); !applied.ok())
      return applied.error();
  }
  if (options.help) return options;
  if (options.output.empty()) return Error{"usage", "--output FILE is missing; see --help"};
  if (const auto checked = check_profile(options.profile); !checked.ok()) return checked.error();
  if (options.profile.packets == 0 && options.output != "-") {
    return Error{"usage", "--packets 0 (endless) goes to standard output only: --output -"};
  }
  return options;
}

std::string traffic_help() {
  static constexpr std::size_t kColumn = 24;
  const auto line = [](std::string left, std::string_view right) {
    left.resize(std::max(left.size() + 1, kColumn), ' ');
    return left + std::string(right) + '\n';
  };
  std::string help =
      "wireglass-traffic [options] --output FILE\n"
      "Makes seeded network traffic and writes it as pcap. The ledger, what was made in truth, goes to "
      "standard\n"
      "error as one line of JSON.\n\n";
  for (const Option& option : kOptions) {
    std::string left = "  " + std::string(option.name);
    if (!option.value.empty()) left += ' ' + std::string(option.value);
    help += line(left, option.meaning);
  }
  help += "\nPresets:\n";
  for (const TrafficPreset& preset : traffic_presets())
    help += line("  " + std::string(preset.name), preset.meaning);
  return help + "\nExit status: 0 done, 1 output failed, 2 usage.\n";
}

}  // namespace wireglass
