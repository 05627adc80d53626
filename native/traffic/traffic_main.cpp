#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pcapng/pcapng_writer.hpp"
#include "traffic/traffic_options.hpp"

namespace {

using namespace wireglass;

constexpr int kExitOutputFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kFlushBytes = 1U << 20;
constexpr std::uint64_t kProgressEveryPackets = 1U << 15;

/// The pcap on its way to a descriptor.
class PcapOutput {
 public:
  explicit PcapOutput(int descriptor) : descriptor_(descriptor) { buffer_.reserve(kFlushBytes * 2); }

  PcapngWriter::Buffer& buffer() { return buffer_; }
  bool flush_if_full() { return buffer_.size() < kFlushBytes || flush(); }
  bool flush() {
    std::size_t written = 0;
    while (written < buffer_.size()) {
      const ssize_t count = write(descriptor_, buffer_.data() + written, buffer_.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      written += static_cast<std::size_t>(count);
    }
    buffer_.clear();
    return true;
  }

 private:
  int descriptor_;
  PcapngWriter::Buffer buffer_;
};

/// "1234567 of 10000000 packets (12 %)" on a terminal, ten times a second at most.
class Progress {
 public:
  explicit Progress(std::uint64_t total) : shown_(isatty(STDERR_FILENO) != 0), total_(total) {}

  void update(std::uint64_t packets) {
    if (!shown_ || packets % kProgressEveryPackets != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    std::string text = "\r" + std::to_string(packets);
    if (total_ != 0) text += " of " + std::to_string(total_);
    text += " packets";
    if (total_ != 0) text += " (" + std::to_string(packets * 100 / total_) + " %)";
    std::fputs(text.c_str(), stderr);
    drawn_ = true;
  }
  void clear() const {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::uint64_t total_;
  std::chrono::steady_clock::time_point last_;
};

int fail(int status, const std::string& message) {
  std::fprintf(stderr, "wireglass-traffic: %s\n", message.c_str());
  return status;
}

int write_traffic(TrafficGenerator& generator, const TrafficOptions& options, int descriptor) {
  PcapOutput output(descriptor);
  Progress progress(options.profile.packets);
  PcapWriter::file_header(output.buffer(), LinkType::kEthernet, options.profile.snaplen);
  PacketView packet;
  bool written = true;
  while (written && generator.next(packet)) {
    PcapWriter::packet(output.buffer(), packet);
    written = output.flush_if_full();
    progress.update(generator.ledger().packets);
  }
  written = written && output.flush();
  const int error = written ? 0 : errno;
  progress.clear();
  // The reader of an endless stream ends it by closing the pipe.
  if (!written && !(error == EPIPE && options.profile.packets == 0)) {
    return fail(kExitOutputFailed, "cannot write " + options.output + ": " + std::strerror(error));
  }
  std::fprintf(stderr, "%s\n", generator.ledger().to_json().c_str());
  return 0;
}

int run(std::span<const std::string_view> arguments) {
  const auto options = parse_traffic_options(arguments);
  if (!options.ok()) return fail(kExitUsage, options.error().message);
  if (options.value().help) {
    std::fputs(traffic_help().c_str(), stdout);
    return 0;
  }
  const std::string& path = options.value().output;
  const bool to_standard_output = path == "-";
  if (to_standard_output && isatty(STDOUT_FILENO) != 0) {
    return fail(kExitUsage, "a pcap would garble the terminal: redirect standard output or name a file");
  }
  std::signal(SIGPIPE, SIG_IGN);
  const int descriptor =
      to_standard_output ? STDOUT_FILENO : open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail(kExitOutputFailed, "cannot open " + path + ": " + std::strerror(errno));

  auto generator = make_generator(options.value().profile);
  if (!generator.ok()) return fail(kExitUsage, generator.error().message);
  const int status = write_traffic(*generator.value(), options.value(), descriptor);
  if (!to_standard_output && close(descriptor) != 0 && status == 0) {
    return fail(kExitOutputFailed, "cannot write " + path + ": " + std::strerror(errno));
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    return run(arguments);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "wireglass-traffic: %s\n", failure.what());
    return kExitOutputFailed;
  }
}
