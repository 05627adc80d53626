#pragma once

#include <napi.h>

#include "pipeline/packet_summary.hpp"

namespace wireglass {

/// Puts into `row` what PacketRow and FilePacketRow have in common.
void add_summary(Napi::Object& row, const PacketSummary& summary);

/// The same with what only FilePacketRow has.
Napi::Object file_row_to_js(Napi::Env env, const PacketSummary& summary);

}  // namespace wireglass
