#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/cursor.hpp"

namespace wireglass::bench {

/// Sums what NetFlow v5, v9 (RFC 3954) and IPFIX (RFC 7011) messages of one exporter say: just enough to
/// check a peer's totals. Templates of all observation domains share one table, since there is one exporter.
class NetflowTotals {
 public:
  NetflowTotals();

  void add(std::span<const std::byte> message);

  std::uint64_t messages() const { return messages_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t ip_bytes() const { return ip_bytes_; }
  /// Messages or sets that could not be read, data without a template among them.
  std::uint64_t undecoded() const { return undecoded_; }

 private:
  enum class Role : std::uint8_t { kOther, kPackets, kOctets };
  struct Field {
    std::uint16_t length = 0;  ///< 65535: variable (RFC 7011 section 7)
    Role role = Role::kOther;
  };
  struct Template {
    bool known = false;
    bool options = false;  ///< describes the exporter, not flows
    std::vector<Field> fields;
  };
  static constexpr std::uint32_t kFirstDataSet = 256;

  void add_v5(Cursor cursor);
  void add_sets(Cursor cursor, std::uint16_t version);
  bool read_set(Cursor set, std::uint16_t id, std::uint16_t version);
  bool read_templates(Cursor set, bool ipfix);
  bool read_options_templates(Cursor set);
  bool read_data(Cursor set, const Template& layout);
  static bool read_record(Cursor& set, const Template& layout, std::uint64_t& packets, std::uint64_t& octets);

  std::vector<Template> templates_;
  std::uint64_t messages_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t ip_bytes_ = 0;
  std::uint64_t undecoded_ = 0;
};

}  // namespace wireglass::bench
