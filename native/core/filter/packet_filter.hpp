#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "filter/packet_fields.hpp"

namespace wireglass {

/// A filter expression over packets, compiled: a list of tests, each of which says where to go on. Matching
/// allocates nothing, reads no more than it needs to decide, and visits every test at most once. Any number
/// of threads may match at a time.
///
/// A program is text: words with one space between them, in prefix order, behind "packet_filter_1".
///
///     and N NODE...   or N NODE...   not NODE             N from 2 on
///     address LAYER SIDE FIRST LAST                       host, net: 32 hexadecimal digits each; ARP's as
///     well port LAYER SIDE LOW HIGH protocol LAYER NUMBER ip_version LAYER 4|6 number LAYER FIELD OPERATOR
///     VALUE                   decimal, may be negative range LAYER FIELD OPERATOR FIRST LAST               a
///     field with addresses; = and != for FIRST to LAST,
///                                                         others where FIRST is LAST
///     text LAYER FIELD MATCH VALUE                        hexadecimal UTF-8, "-" for nothing
///
/// LAYER is inner or outer, SIDE src, dst or any, OPERATOR one of = != < <= > >=, MATCH equals, same,
/// contains, begins or ends (all but equals take ASCII letters of either case for the same).
class PacketFilter {
 public:
  static constexpr std::size_t kMaxProgramBytes = 256u << 10;
  static constexpr std::size_t kMaxNodes = 4096;
  static constexpr std::size_t kMaxDepth = 256;

  /// Every packet passes.
  PacketFilter() = default;

  /// Errors: "bad_argument", naming the word that is wrong and what was expected.
  static Result<PacketFilter> compile(std::string_view program);

  bool matches(const FilteredPacket& packet) const {
    std::int32_t at = entry_;
    while (at >= 0) {
      const Test& test = tests_[static_cast<std::size_t>(at)];
      at = holds(test, packet) ? test.on_true : test.on_false;
    }
    return at == kAccept;
  }

  bool passes_all() const { return entry_ == kAccept; }

 private:
  friend class FilterCompiler;
  __extension__ using Wide = unsigned __int128;

  static constexpr std::int32_t kAccept = -1;
  static constexpr std::int32_t kReject = -2;

  enum class Kind : std::uint8_t { kAddress, kPort, kProtocol, kIpVersion, kNumber, kRange, kText };
  enum class Side : std::uint8_t { kSource, kDestination, kAny };
  enum class Operator : std::uint8_t { kEqual, kNotEqual, kLess, kAtMost, kGreater, kAtLeast };
  enum class Match : std::uint8_t { kEquals, kSame, kContains, kBegins, kEnds };

  struct Test {
    Kind kind = Kind::kProtocol;
    FilterLayer layer = FilterLayer::kInner;
    Side side = Side::kAny;
    Operator comparison = Operator::kEqual;
    Match match = Match::kEquals;
    std::uint16_t low = 0;  ///< of ports; a protocol's or version's number
    std::uint16_t high = 0;
    std::uint32_t text = 0;  ///< place in texts_
    std::int32_t on_true = kAccept;
    std::int32_t on_false = kReject;
    const PacketField* field = nullptr;
    std::int64_t value = 0;
    Wide first = 0;
    Wide last = 0;
  };

  bool holds(const Test& test, const FilteredPacket& packet) const;
  bool text_holds(const Test& test, std::string_view text) const;
  static bool address_holds(const Test& test, const FilteredPacket& packet);
  static bool port_holds(const Test& test, const IpLayer& layer);
  static bool range_holds(const Test& test, const FilteredPacket& packet);

  std::vector<Test> tests_;  ///< jumps go to lower places only
  std::vector<std::string> texts_;
  std::int32_t entry_ = kAccept;
};

}  // namespace wireglass
