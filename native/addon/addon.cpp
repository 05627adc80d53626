#include <napi.h>

#include "addon/bindings.hpp"
#include "addon/environment.hpp"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  wireglass::Environment::attach(env);
  wireglass::export_decode(env, exports);
  wireglass::export_engine(env, exports);
  wireglass::export_packet_export(env, exports);
  wireglass::export_packet_store(env, exports);
  wireglass::export_traffic(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(wireglass_addon, initialize)
