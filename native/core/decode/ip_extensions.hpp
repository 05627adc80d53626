#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// How an extension header tells its length (RFC 8200 section 4, RFC 4302 section 2.2, RFC 6564).
enum class ExtensionKind : std::uint8_t {
  kNone,            ///< no extension header: an upper layer
  kEightOctets,     ///< length field in units of 8 octets, the first 8 not counted
  kFragment,        ///< always 8 octets
  kAuthentication,  ///< length field in units of 4 octets, the first 8 not counted
};

using ExtensionKinds = std::array<ExtensionKind, 256>;

inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kAuthenticationHeader = 51;
inline constexpr std::uint8_t kNoNextHeader = 59;

/// What may stand between an IPv6 header and the upper layer (IANA's IPv6 Extension Header Types; ESP hides
/// what follows and counts as an upper layer).
inline constexpr ExtensionKinds kIpv6Extensions = [] {
  ExtensionKinds kinds{};
  for (const int number : {0, 43, 60, 135, 139, 140}) kinds[number] = ExtensionKind::kEightOctets;
  kinds[44] = ExtensionKind::kFragment;
  kinds[kAuthenticationHeader] = ExtensionKind::kAuthentication;
  return kinds;
}();

/// What may stand between an IPv4 header and the upper layer.
inline constexpr ExtensionKinds kIpv4Extensions = [] {
  ExtensionKinds kinds{};
  kinds[kAuthenticationHeader] = ExtensionKind::kAuthentication;
  return kinds;
}();

inline constexpr std::uint32_t kMaxExtensionHeaders = 128;

/// Moves the cursor behind the extension headers that begin with `next_header`, as far as `kinds` names them,
/// and sets the layer's protocol and fragment flags. Stops behind the fragment header of a later fragment.
/// False, with the status set, when the chain is cut, contradicts the packet or is longer than
/// kMaxExtensionHeaders.
bool skip_extensions(DecodeContext& context, const ExtensionKinds& kinds, std::uint8_t next_header,
                     IpLayer& layer);

/// Describes the same chain, each header as one of its own.
void describe_extensions(Dissector& dissector, const ExtensionKinds& kinds, std::uint8_t next_header,
                         std::uint32_t offset);

}  // namespace wireglass
