#include <array>
#include <cstdlib>
#include <span>
#include <string>

#include "decode/decoder.hpp"
#include "filter/packet_filter.hpp"

namespace wireglass {
namespace {

constexpr std::string_view kFormat = "packet_filter_1 ";

void require(bool condition) {
  if (!condition) std::abort();
}

bool matches(const std::string& body, const FilteredPacket& packet) {
  const Result<PacketFilter> filter = PacketFilter::compile(std::string(kFormat) + body);
  require(filter.ok());
  return filter.value().matches(packet);
}

/// What compiles matches every packet or not, and obeys its own logic.
void check(const std::string& body, const PacketView& view) {
  const Result<PacketFilter> filter = PacketFilter::compile(std::string(kFormat) + body);
  if (!filter.ok()) {
    require(filter.error().code == "bad_argument" && !filter.error().message.empty());
    return;
  }
  DecodedPacket decoded;
  Decoder().decode(view, decoded);
  const FilteredPacket packet{view, decoded, "eth0"};
  const bool passes = filter.value().matches(packet);
  // Nearly as large or deep as allowed: a node around it may be one too many.
  constexpr std::size_t kNodesLeft = 16;
  if (body.size() > 4 * (PacketFilter::kMaxDepth - kNodesLeft)) return;
  require(matches("not " + body, packet) != passes);
  require(matches("and 2 " + body + ' ' + body, packet) == passes);
  require(matches("or 2 not " + body + ' ' + body, packet));
}

}  // namespace
}  // namespace wireglass

// A program behind the word for its format, a NUL, two bytes of link type, a packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint16_t kRegistryEnd = 300;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // As the addon hands programs over, format and all.
  [[maybe_unused]] const auto whole = wireglass::PacketFilter::compile(input);

  const std::size_t end = std::min(input.find('\0'), size);
  const auto rest = std::as_bytes(std::span(data, size).subspan(std::min(end + 1, size)));
  wireglass::PacketView packet;
  packet.link_type = wireglass::LinkType::kEthernet;
  if (rest.size() >= 2) {
    packet.link_type = wireglass::link_type_of(static_cast<std::uint16_t>(
        (std::to_integer<unsigned>(rest[0]) << 8 | std::to_integer<unsigned>(rest[1])) % kRegistryEnd));
    packet.data = rest.data() + 2;
    packet.captured_length = static_cast<std::uint32_t>(rest.size() - 2);
  }
  packet.original_length = packet.captured_length;
  wireglass::check(std::string(input.substr(0, end)), packet);
  return 0;
}
