// filter_scan FILE|DIRECTORY OUTPUT [PROGRAM]: writes the packets of a capture file, or of a directory of
// segments, that a filter program passes as a pcap, as an export does, and prints what that cost. PROGRAM is
// one of PacketFilter.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "pipeline/file_scan.hpp"
#include "pipeline/packet_export.hpp"

namespace {

using namespace wireglass;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "filter_scan: %s\n", message.c_str());
  return 1;
}

int run(const std::string& input, const std::string& output, const std::string& program) {
  ExportOptions options;
  options.format = ExportFormat::kPcap;
  if (!program.empty()) {
    Result<PacketFilter> filter = PacketFilter::compile(program);
    if (!filter.ok()) return fail(filter.error().message);
    options.filter = std::move(filter.value());
  }
  Result<std::unique_ptr<PacketScan>> scan =
      std::filesystem::is_directory(input) ? scan_segments(input, {}) : scan_files({input}, {});
  if (!scan.ok()) return fail(scan.error().message);
  const int descriptor = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return fail(output + " cannot be written");
  PacketExport packets(std::move(scan.value()), options);
  const std::atomic<bool> cancelled{false};
  PacketExport::Buffer part;
  while (!packets.done()) {
    part.clear();
    if (Result<void> next = packets.next(part, cancelled); !next.ok()) return fail(next.error().message);
    if (!write_all(descriptor, part)) return fail(output + " cannot be written");
  }
  close(descriptor);
  const auto scanned = packets.scan().scanned_packets();
  std::printf("{\"packets\":%lu,\"passed\":%lu,\"cpu_seconds\":%.4f}\n", scanned, packets.packets(),
              cpu_seconds());
  return packets.scan().failure_count() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fputs("filter_scan FILE|DIRECTORY OUTPUT [PROGRAM]\n", stderr);
    return 2;
  }
  return run(argv[1], argv[2], argc > 3 ? argv[3] : "");
}
