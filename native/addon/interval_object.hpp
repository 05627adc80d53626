#pragma once

#include <napi.h>

#include "meter/interval_report.hpp"

namespace wireglass {

/// As IntervalReport of types.ts.
Napi::Object to_js(Napi::Env env, const IntervalReport& report);

}  // namespace wireglass
