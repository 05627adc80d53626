#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// A field of a header as people read it, with the bytes that it stands in.
struct DissectedField {
  std::string name;   ///< snake_case, as in the RFC that defines it
  std::string value;  ///< decimal, dotted, 0x...: what that field is usually written as
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

struct DissectedHeader {
  std::string protocol;  ///< "ethernet", "ipv4", "lisp", ...
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::vector<DissectedField> fields;
};

/// Every header that the decoder knows, outermost first; what is behind the last one comes as "payload" with
/// no fields, what the link layer padded behind the end of the IP packet as "trailer". IPv6 extension headers
/// and LLC/SNAP are headers of their own. Of a header that the snaplen cut, the fields that were captured
/// whole are there. For people and tests, not for the hot path.
std::vector<DissectedHeader> dissect(const Decoder& decoder, const PacketView& packet);

}  // namespace wireglass
