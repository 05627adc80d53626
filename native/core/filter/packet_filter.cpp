#include "filter/packet_filter.hpp"

#include <algorithm>

#include "decode/arp.hpp"
#include "decode/header_addresses.hpp"

namespace wireglass {
namespace {

__extension__ using Wide = unsigned __int128;

Wide wide(const IpAddress& address) { return Wide{address.hi} << 64 | address.lo; }

char folded(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; }

bool same_letters(char left, char right) { return folded(left) == folded(right); }

bool same_text(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, same_letters);
}

template <class Value, class Operator>
bool compares(const Value& left, Operator comparison, const Value& right) {
  switch (comparison) {
    case Operator::kEqual:
      return left == right;
    case Operator::kNotEqual:
      return left != right;
    case Operator::kLess:
      return left < right;
    case Operator::kAtMost:
      return left <= right;
    case Operator::kGreater:
      return left > right;
    case Operator::kAtLeast:
      return left >= right;
  }
  return false;
}

}  // namespace

bool PacketFilter::holds(const Test& test, const FilteredPacket& packet) const {
  switch (test.kind) {
    case Kind::kAddress:
      return address_holds(test, packet);
    case Kind::kNumber: {
      const std::optional<std::int64_t> number = test.field->number(packet, test.layer);
      if (!number) return test.comparison == Operator::kNotEqual;
      return compares(*number, test.comparison, test.value);
    }
    case Kind::kRange:
      return range_holds(test, packet);
    case Kind::kText:
      return text_holds(test, test.field->text(packet));
    case Kind::kPort:
    case Kind::kProtocol:
    case Kind::kIpVersion:
      break;
  }
  const IpLayer* layer = layer_of(packet.decoded, test.layer);
  if (layer == nullptr) return false;
  if (test.kind == Kind::kPort) return port_holds(test, *layer);
  return (test.kind == Kind::kProtocol ? layer->protocol : layer->version) == test.low;
}

bool PacketFilter::port_holds(const Test& test, const IpLayer& layer) {
  const auto within = [&](std::uint16_t port) {
    const std::uint16_t shown = layer.has_ports ? port : std::uint16_t{0};
    return shown >= test.low && shown <= test.high;
  };
  return (test.side != Side::kDestination && within(layer.src_port)) ||
         (test.side != Side::kSource && within(layer.dst_port));
}

bool PacketFilter::address_holds(const Test& test, const FilteredPacket& packet) {
  IpAddress src;
  IpAddress dst;
  if (const IpLayer* layer = layer_of(packet.decoded, test.layer)) {
    read_addresses(packet.view, *layer, src, dst);
  } else {
    const std::optional<ArpAddresses> arp = arp_addresses(packet.view, packet.decoded);
    if (!arp) return false;
    src = arp->sender;
    dst = arp->target;
  }
  const auto within = [&](const IpAddress& address) {
    return wide(address) >= test.first && wide(address) <= test.last;
  };
  return (test.side != Side::kDestination && within(src)) || (test.side != Side::kSource && within(dst));
}

bool PacketFilter::range_holds(const Test& test, const FilteredPacket& packet) {
  const std::optional<IpAddress> address = test.field->address(packet, test.layer);
  if (!address) return test.comparison == Operator::kNotEqual;
  const Wide value = wide(*address);
  const bool within = value >= test.first && value <= test.last;
  if (test.comparison == Operator::kEqual) return within;
  if (test.comparison == Operator::kNotEqual) return !within;
  return compares(value, test.comparison, test.first);
}

bool PacketFilter::text_holds(const Test& test, std::string_view text) const {
  const std::string_view wanted = texts_[test.text];
  switch (test.match) {
    case Match::kEquals:
      return text == wanted;
    case Match::kSame:
      return same_text(text, wanted);
    case Match::kContains:
      return !std::ranges::search(text, wanted, same_letters).empty() || wanted.empty();
    case Match::kBegins:
      return text.size() >= wanted.size() && same_text(text.substr(0, wanted.size()), wanted);
    case Match::kEnds:
      return text.size() >= wanted.size() && same_text(text.substr(text.size() - wanted.size()), wanted);
  }
  return false;
}

}  // namespace wireglass
