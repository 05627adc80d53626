#pragma once

#include <napi.h>

#include "addon/capture_engine.hpp"
#include "traffic/generator.hpp"

namespace wireglass {

/// Reads the EngineOptions of types.ts. Errors: those of make_live_backend.
Result<CaptureOrder> read_capture_options(const Napi::Object& options);

/// Reads a traffic profile; what is absent keeps the generator's default.
TrafficProfile read_traffic_profile(const Napi::Object& options);

/// Reads the DecoderOptions of types.ts.
DecoderConfig read_decoder_config(const Napi::Object& options);

}  // namespace wireglass
