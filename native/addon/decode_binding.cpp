#include <napi.h>

#include <string>
#include <vector>

#include "addon/async_call.hpp"
#include "addon/bindings.hpp"
#include "addon/capture_options.hpp"
#include "addon/packet_rows.hpp"
#include "decode/decoder_config.hpp"
#include "pipeline/file_listing.hpp"

namespace wireglass {

namespace {

/// defaultUdpPorts(): Record<string, number[]>
Napi::Value default_udp_ports(const Napi::CallbackInfo& info) {
  Napi::Object ports = Napi::Object::New(info.Env());
  for (const UdpProtocol& protocol : kUdpProtocols) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const UdpPort& row : kDefaultUdpPorts) {
      if (row.protocol == protocol.protocol) list[list.Length()] = Napi::Number::New(info.Env(), row.port);
    }
    ports[std::string(protocol.name)] = list;
  }
  return ports;
}

/// listFile(path, limit, decoder): Promise<FilePacketRow[]>
Napi::Value list_file_call(const Napi::CallbackInfo& info) {
  using Rows = std::vector<PacketSummary>;
  auto work = [path = info[0].As<Napi::String>().Utf8Value(),
               limit = static_cast<std::size_t>(info[1].As<Napi::Number>().Int64Value()),
               config = read_decoder_config(info[2].As<Napi::Object>())] {
    return list_file(path, config, limit);
  };
  return AsyncCall<Rows>::run(info.Env(), std::move(work), [](Napi::Env env, Rows& rows) {
    Napi::Array list = Napi::Array::New(env, rows.size());
    for (std::uint32_t index = 0; index < rows.size(); ++index) {
      list[index] = file_row_to_js(env, rows[index]);
    }
    return list;
  });
}

}  // namespace

void export_decode(Napi::Env env, Napi::Object exports) {
  exports["defaultUdpPorts"] = Napi::Function::New(env, default_udp_ports, "defaultUdpPorts");
  exports["listFile"] = Napi::Function::New(env, list_file_call, "listFile");
}

}  // namespace wireglass
