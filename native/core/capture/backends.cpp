#include "capture/backends.hpp"

#include <utility>

#include "capture/af_packet/af_packet_backend.hpp"
#include "capture/libpcap/libpcap_backend.hpp"
#include "pcapng/compression.hpp"

namespace wireglass {

namespace {

BackendProbe probe_file() {
  BackendProbe probe{"file", true, "", "", {"pcap", "pcapng", "standard_input"}};
  for (const Compression& compression : compressions()) {
    if (compression.make() != nullptr) probe.features.emplace_back(compression.name);
  }
  return probe;
}

Error unavailable(const BackendProbe& probe) {
  return {"backend_unavailable",
          "backend '" + probe.name + "' is not available: " + probe.reason + " " + probe.remedy};
}

}  // namespace

std::vector<BackendProbe> probe_backends() { return {probe_af_packet(), probe_libpcap(), probe_file()}; }

Result<std::unique_ptr<CaptureBackend>> make_live_backend(std::string_view name, const LiveOptions& options) {
  const bool automatic = name == "auto";
  // "any" is libpcap's own device: the union of all interfaces in cooked mode.
  if (name == "af_packet" || (automatic && options.interface != "any")) {
    return make_af_packet_backend(options);
  }
  if (name == "libpcap" || automatic) {
    std::unique_ptr<CaptureBackend> backend = make_libpcap_backend(options);
    if (!backend) return unavailable(probe_libpcap());
    return backend;
  }
  return Error{"unknown_backend", "no backend '" + std::string(name) +
                                      "' for live capture; there are: auto, af_packet, libpcap"};
}

Result<std::vector<std::unique_ptr<CaptureBackend>>> make_live_backends(std::string_view name,
                                                                        const LiveOptions& options,
                                                                        std::uint32_t workers) {
  const bool shares_out = name == "af_packet" || (name == "auto" && options.interface != "any");
  if (shares_out && workers > 1) return make_af_packet_group(options, workers);
  Result<std::unique_ptr<CaptureBackend>> made = make_live_backend(name, options);
  if (!made.ok()) return made.error();
  std::vector<std::unique_ptr<CaptureBackend>> backends;
  backends.push_back(std::move(made.value()));
  return backends;
}

}  // namespace wireglass
