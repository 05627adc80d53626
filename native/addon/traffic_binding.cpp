#include <napi.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "addon/async_call.hpp"
#include "addon/bindings.hpp"
#include "addon/capture_options.hpp"
#include "addon/convert.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "traffic/generator.hpp"

namespace wireglass {

namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error unwritable(const std::string& path) {
  return {"output_unwritable", "Cannot write " + path + ": " + std::strerror(errno) + "."};
}

/// Writes all that the profile makes as a classic pcap. Gives the generator's ledger in JSON.
Result<std::string> write_traffic(const std::string& path, const TrafficProfile& profile) {
  Result<std::unique_ptr<TrafficGenerator>> generator = make_generator(profile);
  if (!generator.ok()) return generator.error();
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
  if (!file) return unwritable(path);
  PcapngWriter::Buffer buffer;
  PacketView packet;
  bool more = generator.value()->next(packet);
  PcapWriter::file_header(buffer, more ? packet.link_type : LinkType::kEthernet, profile.snaplen);
  while (more) {
    PcapWriter::packet(buffer, packet);
    more = generator.value()->next(packet);
    if (more && buffer.size() < kWriteBytes) continue;
    if (std::fwrite(buffer.data(), 1, buffer.size(), file.get()) != buffer.size()) return unwritable(path);
    buffer.clear();
  }
  if (std::fwrite(buffer.data(), 1, buffer.size(), file.get()) != buffer.size()) return unwritable(path);
  if (std::fclose(file.release()) != 0) return unwritable(path);
  return generator.value()->ledger().to_json();
}

/// writeTraffic(path, profile): Promise<string>, the ledger in JSON
Napi::Value write_traffic_file(const Napi::CallbackInfo& info) {
  auto work = [path = info[0].As<Napi::String>().Utf8Value(),
               profile = read_traffic_profile(info[1].As<Napi::Object>())] {
    return write_traffic(path, profile);
  };
  return AsyncCall<std::string>::run(info.Env(), std::move(work),
                                     [](Napi::Env env, std::string& ledger) { return to_js(env, ledger); });
}

}  // namespace

void export_traffic(Napi::Env env, Napi::Object exports) {
  exports["writeTraffic"] = Napi::Function::New(env, write_traffic_file, "writeTraffic");
}

}  // namespace wireglass
