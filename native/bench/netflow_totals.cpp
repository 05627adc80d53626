#include "bench/netflow_totals.hpp"

#include <utility>

namespace wireglass::bench {
namespace {

constexpr std::uint32_t kSetHeaderBytes = 4;
constexpr std::uint16_t kVariableLength = 65'535;
constexpr std::uint32_t kMaxTemplates = 65'536;

}  // namespace

NetflowTotals::NetflowTotals() : templates_(kMaxTemplates) {}

void NetflowTotals::add(std::span<const std::byte> message) {
  ++messages_;
  const Cursor cursor(message);
  const auto head = cursor.peek<2>();
  const std::uint16_t version = head ? head.u16<0>() : 0;
  if (version == 5) {
    add_v5(cursor);
  } else if (version == 9 || version == 10) {
    add_sets(cursor, version);
  } else {
    ++undecoded_;
  }
}

void NetflowTotals::add_v5(Cursor cursor) {
  constexpr std::uint32_t kHeaderBytes = 24;
  constexpr std::uint32_t kRecordBytes = 48;
  const auto head = cursor.peek<kHeaderBytes>();
  std::uint32_t left = head ? head.u16<2>() : 0;
  cursor.skip(kHeaderBytes);
  for (; left > 0; --left) {
    const auto record = cursor.peek<kRecordBytes>();
    if (!record) break;
    ++records_;
    packets_ += record.u32<16>();
    ip_bytes_ += record.u32<20>();
    cursor.skip(kRecordBytes);
  }
  if (!head || left > 0) ++undecoded_;
}

void NetflowTotals::add_sets(Cursor cursor, std::uint16_t version) {
  if (!cursor.skip(version == 9 ? 20 : 16)) {
    ++undecoded_;
    return;
  }
  while (const auto head = cursor.peek<kSetHeaderBytes>()) {
    const std::uint16_t length = head.u16<2>();
    if (length < kSetHeaderBytes || length > cursor.remaining()) {
      ++undecoded_;
      return;
    }
    Cursor set = cursor;
    set.narrow(cursor.offset() + length);
    set.skip(kSetHeaderBytes);
    if (!read_set(set, head.u16<0>(), version)) ++undecoded_;
    cursor.skip(length);
  }
}

bool NetflowTotals::read_set(Cursor set, std::uint16_t id, std::uint16_t version) {
  const bool ipfix = version == 10;
  const std::uint16_t template_set = ipfix ? 2 : 0;
  if (id == template_set) return read_templates(set, ipfix);
  if (id == template_set + 1) return read_options_templates(set);
  if (id < kFirstDataSet || !templates_[id].known) return false;
  return templates_[id].options || read_data(set, templates_[id]);
}

bool NetflowTotals::read_templates(Cursor set, bool ipfix) {
  while (const auto head = set.peek<4>()) {
    const std::uint16_t id = head.u16<0>();
    const std::uint16_t fields = head.u16<2>();
    if (id < kFirstDataSet) return id == 0;  // padding
    set.skip(4);
    Template layout;
    layout.known = true;
    for (std::uint16_t index = 0; index < fields; ++index) {
      const auto field = set.peek<4>();
      if (!field) return false;
      set.skip(4);
      const bool enterprise = ipfix && (field.u16<0>() & 0x8000U) != 0;
      if (enterprise && !set.skip(4)) return false;
      const std::uint16_t element = field.u16<0>();
      // octetDeltaCount 1, octetTotalCount 85; packetDeltaCount 2, packetTotalCount 86
      const Role role = element == 1 || element == 85   ? Role::kOctets
                        : element == 2 || element == 86 ? Role::kPackets
                                                        : Role::kOther;
      layout.fields.push_back({field.u16<2>(), role});
    }
    templates_[id] = std::move(layout);
  }
  return true;
}

bool NetflowTotals::read_options_templates(Cursor set) {
  const auto head = set.peek<6>();
  if (!head || head.u16<0>() < kFirstDataSet) return false;
  Template& layout = templates_[head.u16<0>()];
  layout.known = true;
  layout.options = true;
  return true;
}

bool NetflowTotals::read_data(Cursor set, const Template& layout) {
  constexpr std::uint32_t kMaxPaddingBytes = 3;
  while (set.remaining() > kMaxPaddingBytes) {
    const std::uint32_t before = set.offset();
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
    if (!read_record(set, layout, packets, octets) || set.offset() == before) return false;
    ++records_;
    packets_ += packets;
    ip_bytes_ += octets;
  }
  return true;
}

bool NetflowTotals::read_record(Cursor& set, const Template& layout, std::uint64_t& packets,
                                std::uint64_t& octets) {
  for (const Field& field : layout.fields) {
    std::uint32_t length = field.length;
    if (field.length == kVariableLength) {
      const auto prefix = set.peek<1>();
      if (!prefix) return false;
      length = prefix.u8<0>();
      set.skip(1);
      if (length == 255) {
        const auto long_prefix = set.peek<2>();
        if (!long_prefix) return false;
        length = long_prefix.u16<0>();
        set.skip(2);
      }
    }
    std::uint64_t value = 0;
    if (field.role != Role::kOther && !set.read_at(set.offset(), length, value)) return false;
    if (field.role == Role::kPackets) packets += value;
    if (field.role == Role::kOctets) octets += value;
    if (!set.skip(length)) return false;
  }
  return true;
}

}  // namespace wireglass::bench
