#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "pcapng/pcapng_writer.hpp"
#include "traffic/generator.hpp"

namespace wireglass::testing {

inline bool have_tshark() { return std::system("command -v tshark >/dev/null 2>&1") == 0; }

/// A pcap in the temporary directory, removed at the end of the scope.
class TemporaryPcap {
 public:
  TemporaryPcap() {
    path_ = "/tmp/wireglass-traffic-XXXXXX";
    close(mkstemp(path_.data()));
    PcapWriter::file_header(buffer_, LinkType::kEthernet);
  }
  ~TemporaryPcap() { unlink(path_.c_str()); }
  TemporaryPcap(const TemporaryPcap&) = delete;
  TemporaryPcap& operator=(const TemporaryPcap&) = delete;

  void add(const PacketView& packet) { PcapWriter::packet(buffer_, packet); }

  /// Runs tshark over what was added; one row per packet shown, its fields apart.
  std::vector<std::vector<std::string>> read(const std::vector<std::string>& fields,
                                             const std::string& options) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(buffer_.data()), static_cast<std::streamsize>(buffer_.size()));
    std::string command = "tshark -n -r " + path_ + " -T fields -E 'separator=|' -E occurrence=a " + options;
    for (const std::string& field : fields) command += " -e " + field;
    std::vector<std::vector<std::string>> rows;
    std::FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
    if (pipe == nullptr) return rows;
    std::string text;
    std::array<char, 65536> chunk;
    for (std::size_t size = 0; (size = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
      text.append(chunk.data(), size);
    }
    failed_ = pclose(pipe) != 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) rows.push_back(split(line));
    return rows;
  }
  bool failed() const { return failed_; }

 private:
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char character : line) {
      if (character == '|') {
        cells.emplace_back();
      } else {
        cells.back() += character;
      }
    }
    return cells;
  }

  std::string path_;
  PcapngWriter::Buffer buffer_;
  bool failed_ = false;
};

}  // namespace wireglass::testing
