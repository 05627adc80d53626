#pragma once

#include <napi.h>

namespace wireglass {

/// Each adds its functions to the addon's exports. Their declarations are in addon.ts, which checks the
/// arguments first.
void export_decode(Napi::Env env, Napi::Object exports);
void export_engine(Napi::Env env, Napi::Object exports);
void export_packet_export(Napi::Env env, Napi::Object exports);
void export_packet_store(Napi::Env env, Napi::Object exports);
void export_traffic(Napi::Env env, Napi::Object exports);

}  // namespace wireglass
