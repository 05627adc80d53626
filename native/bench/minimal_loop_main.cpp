// minimal_loop MODE FILE [FLOWS]: see minimal_loop.hpp. MODE is headers, parse or count; FLOWS sizes the
// table. Reads the file in blocks that stay in the cache, which costs less than mapping it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "bench/minimal_loop.hpp"
#include "bench/phase_clock.hpp"

namespace {

using namespace wireglass::bench;

constexpr std::size_t kPcapHeaderBytes = 24;
constexpr std::size_t kBlockBytes = 256 << 10;
constexpr std::size_t kLongestRecordBytes = 16 + 262'144;
constexpr std::uint32_t kMicrosecondMagic = 0xa1b2c3d4;
constexpr std::uint32_t kNanosecondMagic = 0xa1b23c4d;

bool is_pcap(std::span<const std::byte> head) {
  std::uint32_t magic = 0;
  if (head.size() < kPcapHeaderBytes) return false;
  std::memcpy(&magic, head.data(), sizeof(magic));
  return magic == kMicrosecondMagic || magic == kNanosecondMagic;
}

/// Returns the bytes left over at the end, or -1 where the file is not a little-endian pcap.
long walk_blocks(MinimalLoop& loop, int descriptor, PhaseClock& clock) {
  std::vector<std::byte> buffer(kBlockBytes + kLongestRecordBytes);
  std::size_t have = 0;
  bool begun = false;
  for (;;) {
    const ssize_t count = read(descriptor, buffer.data() + have, buffer.size() - have);
    if (count < 0) return -1;
    if (count == 0) return begun ? static_cast<long>(have) : -1;
    have += static_cast<std::size_t>(count);
    std::span<const std::byte> bytes(buffer.data(), have);
    if (!begun) {
      if (!is_pcap(bytes)) return -1;
      bytes = bytes.subspan(kPcapHeaderBytes);
      begun = true;
    }
    bytes = bytes.subspan(loop.walk(bytes));
    clock.at(loop.totals().packets);
    std::memmove(buffer.data(), bytes.data(), bytes.size());
    have = bytes.size();
    if (have == buffer.size()) return -1;  // a record longer than any pcap may have
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 2 ? argv[1] : "";
  const long flows = argc > 3 ? std::strtol(argv[3], nullptr, 10) : 1'000'000;
  const long warm_up = argc > 4 ? std::strtol(argv[4], nullptr, 10) : 0;
  if ((mode != "headers" && mode != "parse" && mode != "count") || flows < 1 || flows > 1'000'000'000 ||
      warm_up < 0) {
    std::fputs("minimal_loop headers|parse|count FILE [FLOWS [WARM_UP]]\n", stderr);
    return 2;
  }
  const int descriptor = open(argv[2], O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    std::perror(argv[2]);
    return 1;
  }
  MinimalLoop loop(mode == "headers" ? LoopMode::kHeaders
                   : mode == "parse" ? LoopMode::kParse
                                     : LoopMode::kCount,
                   static_cast<std::uint64_t>(flows));
  PhaseClock clock(static_cast<std::uint64_t>(warm_up));
  const long left = walk_blocks(loop, descriptor, clock);
  clock.end(loop.totals().packets);
  if (left != 0) {
    std::fprintf(stderr, "%s: %s\n", argv[2],
                 left < 0 ? "no little-endian pcap file" : "cut off in a packet");
    return 1;
  }
  const MinimalLoop::Totals& totals = loop.totals();
  std::printf(
      "{\"packets\":%lu,\"bytes\":%lu,\"ip_bytes\":%lu,\"not_ip_packets\":%lu,\"flows\":%lu,"
      "\"refused_packets\":%lu,\"hashes\":%lu,\"steady_packets\":%lu,\"steady_cpu_seconds\":%.4f}\n",
      totals.packets, totals.bytes, totals.ip_bytes, totals.not_ip_packets, loop.table().flows(),
      loop.table().refused_packets(), totals.hashes, clock.steady_packets(), clock.steady_cpu_seconds());
  return 0;
}
