#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wireglass {

/// String fields of a flow, as fields.yaml describes them.
enum class ApplicationString : std::uint8_t {
  kApplication,
  kDnsQuery,
  kTlsSni,
  kTlsAlpn,
  kTlsJa4,
  kHttpHost,
  kHttpMethod,
  kCount,
};
inline constexpr auto kApplicationStringCount = static_cast<std::size_t>(ApplicationString::kCount);

/// What the first packets of a flow tell about its application. Empty strings and status 0 where nothing
/// does.
struct ApplicationFields {
  std::array<std::string_view, kApplicationStringCount> strings;
  std::uint16_t http_status = 0;

  std::string_view& operator[](ApplicationString field) { return strings[static_cast<std::size_t>(field)]; }
  std::string_view operator[](ApplicationString field) const {
    return strings[static_cast<std::size_t>(field)];
  }
};

}  // namespace wireglass
