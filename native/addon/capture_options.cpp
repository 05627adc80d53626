#include "addon/capture_options.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "addon/convert.hpp"
#include "base/clock.hpp"
#include "capture/backends.hpp"
#include "capture/file/file_backend.hpp"
#include "traffic/traffic_backend.hpp"

namespace wireglass {

namespace {

TrafficProfile::Kind traffic_kind(const std::string& profile) {
  if (profile == "lisp_ai") return TrafficProfile::Kind::kLispAi;
  if (profile == "demo") return TrafficProfile::Kind::kDemo;
  if (profile == "tunnels") return TrafficProfile::Kind::kTunnels;
  return TrafficProfile::Kind::kOrdinary;
}

std::vector<std::string> read_paths(const Napi::Object& source) {
  const auto array = source.Get("paths").As<Napi::Array>();
  std::vector<std::string> paths;
  paths.reserve(array.Length());
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    paths.push_back(array.Get(index).As<Napi::String>().Utf8Value());
  }
  return paths;
}

std::vector<std::uint16_t> read_ports(const Napi::Array& array) {
  std::vector<std::uint16_t> ports;
  ports.reserve(array.Length());
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    ports.push_back(static_cast<std::uint16_t>(array.Get(index).As<Napi::Number>().Uint32Value()));
  }
  return ports;
}

using Backends = std::vector<std::unique_ptr<CaptureBackend>>;

Result<Backends> make_backends(const Napi::Object& source, std::uint32_t workers) {
  const std::string kind = source.Get("kind").As<Napi::String>().Utf8Value();
  Backends backends;
  if (kind == "files") {
    backends.push_back(make_file_backend(read_paths(source)));
    return backends;
  }
  if (kind == "traffic") {
    bool paced = false;
    read_option(source, "paced", paced);
    backends.push_back(make_traffic_backend(read_traffic_profile(source), paced));
    return backends;
  }
  LiveOptions options;
  std::string backend = "auto";
  read_option(source, "backend", backend);
  read_option(source, "interface", options.interface);
  read_option(source, "bufferSizeMb", options.buffer_size_mb);
  read_option(source, "snaplen", options.snaplen);
  read_option(source, "captureFilter", options.capture_filter);
  read_option(source, "promiscuous", options.promiscuous);
  return make_live_backends(backend, options, workers);
}

/// Reads a duration in milliseconds into one in nanoseconds.
void read_milliseconds(const Napi::Object& options, const char* name, TimeNs& into) {
  TimeNs milliseconds = into / kMillisecondNs;
  read_option(options, name, milliseconds);
  into = milliseconds * kMillisecondNs;
}

/// A number of milliseconds for all protocols, or an object with those of some.
void read_timeouts(const Napi::Object& options, const char* name, ProtocolTimeouts& into) {
  const Napi::Value value = options.Get(name);
  if (!value.IsObject()) {
    TimeNs all_ns = into.other_ns;
    read_milliseconds(options, name, all_ns);
    if (value.IsNumber()) into = all_ns;
    return;
  }
  const auto by_protocol = value.As<Napi::Object>();
  read_milliseconds(by_protocol, "tcp", into.tcp_ns);
  read_milliseconds(by_protocol, "udp", into.udp_ns);
  read_milliseconds(by_protocol, "icmp", into.icmp_ns);
  read_milliseconds(by_protocol, "other", into.other_ns);
}

MeterConfig read_meter_config(const Napi::Value& value) {
  MeterConfig config;
  // Ids of an earlier run all lie below this one's: no run makes one flow a nanosecond.
  config.first_flow_id = static_cast<std::uint64_t>(SystemClock().now());
  if (value.IsUndefined()) return config;
  const auto options = value.As<Napi::Object>();
  read_timeouts(options, "activeTimeoutMs", config.active_timeouts);
  read_timeouts(options, "idleTimeoutMs", config.idle_timeouts);
  read_option(options, "maxFlows", config.max_flows);
  read_option(options, "applications", config.applications);
  read_option(options, "classifiedFlows", config.classified_flows);
  read_option(options, "stringBytesPerFlow", config.string_bytes_per_flow);
  read_option(options, "observationDomain", config.observation_domain);
  if (const auto id = read_bigint(options, "firstFlowId"))
    config.first_flow_id = static_cast<std::uint64_t>(*id);
  return config;
}

std::optional<IntervalConfig> read_interval_config(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const auto options = value.As<Napi::Object>();
  IntervalConfig config;
  read_milliseconds(options, "intervalMs", config.interval_ns);
  read_milliseconds(options, "latenessMs", config.lateness_ns);
  read_option(options, "topCount", config.top_count);
  read_option(options, "topCapacity", config.top_capacity);
  return config;
}

SamplingConfig read_sampling_config(const Napi::Value& value) {
  SamplingConfig config;
  if (value.IsUndefined()) return config;
  const auto options = value.As<Napi::Object>();
  std::string mode;
  read_option(options, "mode", mode);
  read_option(options, "rate", config.rate);
  for (std::size_t index = 0; index < kSamplingModeNames.size(); ++index) {
    if (kSamplingModeNames[index] == mode) config.mode = static_cast<SamplingMode>(index);
  }
  return config;
}

FragmentConfig read_fragment_config(const Napi::Value& value) {
  FragmentConfig config;
  if (value.IsUndefined()) return config;
  const auto options = value.As<Napi::Object>();
  read_option(options, "maxDatagrams", config.max_datagrams);
  read_milliseconds(options, "timeoutMs", config.timeout_ns);
  return config;
}

SegmentConfig read_segment_config(const Napi::Object& options) {
  SegmentConfig config;
  read_option(options, "directory", config.directory);
  read_option(options, "sensor", config.sensor);
  read_option(options, "maxSegmentBytes", config.max_segment_bytes);
  read_milliseconds(options, "maxSegmentAgeMs", config.max_segment_age_ns);
  read_option(options, "maxTotalBytes", config.max_total_bytes);
  return config;
}

}  // namespace

DecoderConfig read_decoder_config(const Napi::Object& options) {
  DecoderConfig config;
  read_option(options, "maxIpLayers", config.max_ip_layers);
  read_option(options, "maxHeaders", config.max_headers);
  const Napi::Value value = options.Get("udpPorts");
  if (value.IsUndefined()) return config;
  const auto given = value.As<Napi::Object>();
  for (const UdpProtocol& protocol : kUdpProtocols) {
    const Napi::Value list = given.Get(std::string(protocol.name));
    if (list.IsUndefined()) continue;
    config.set_ports(protocol.protocol, read_ports(list.As<Napi::Array>()));
  }
  return config;
}

TrafficProfile read_traffic_profile(const Napi::Object& options) {
  std::string kind = "ordinary";
  read_option(options, "profile", kind);
  TrafficProfile profile;
  profile.kind = traffic_kind(kind);
  read_option(options, "seed", profile.seed);
  read_option(options, "packets", profile.packets);
  read_option(options, "flows", profile.flows);
  read_option(options, "zipf", profile.zipf);
  read_option(options, "sizes", profile.sizes);
  read_option(options, "ipv6Percent", profile.ipv6_percent);
  read_option(options, "tcpPercent", profile.tcp_percent);
  read_option(options, "udpPercent", profile.udp_percent);
  read_option(options, "vlanPercent", profile.vlan_percent);
  read_option(options, "snaplen", profile.snaplen);
  read_option(options, "bidirectional", profile.bidirectional);
  read_option(options, "synOnly", profile.syn_only);
  read_option(options, "packetsPerSecond", profile.packets_per_second);
  if (const auto start = read_bigint(options, "startNs")) profile.start_ns = *start;
  return profile;
}

Result<CaptureOrder> read_capture_options(const Napi::Object& options) {
  CaptureOrder order;
  read_option(options, "workers", order.config.workers);
  Result<Backends> backends = make_backends(options.Get("source").As<Napi::Object>(), order.config.workers);
  if (!backends.ok()) return backends.error();
  order.backends = std::move(backends.value());
  order.config.decoder = read_decoder_config(options);
  order.config.fragments = read_fragment_config(options.Get("fragments"));
  order.config.meter = read_meter_config(options.Get("meter"));
  order.config.meter.intervals = read_interval_config(options.Get("intervals"));
  const Napi::Value recording = options.Get("recording");
  if (!recording.IsUndefined()) order.config.segments = read_segment_config(recording.As<Napi::Object>());
  read_option(options, "countConversations", order.config.count_conversations);
  order.config.sampling = read_sampling_config(options.Get("sampling"));
  read_option(options, "outerFlows", order.config.outer_flows);
  return order;
}

}  // namespace wireglass
