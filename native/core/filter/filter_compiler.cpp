#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "filter/packet_filter.hpp"

namespace wireglass {
namespace {

constexpr std::string_view kFormat = "packet_filter_1";

/// A word as a whole number of type Number, without a sign where that has none.
template <class Number>
std::optional<Number> number_of(std::string_view word, int base = 10) {
  Number value{};
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (failure != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string shown(std::string_view word) {
  constexpr std::size_t kMostShown = 64;
  if (word.empty()) return "nothing";
  return '"' + std::string(word.substr(0, kMostShown)) + (word.size() > kMostShown ? "…\"" : "\"");
}

}  // namespace

/// Reads a program's words into a tree and lays the tree out as tests with jumps.
class FilterCompiler {
 public:
  explicit FilterCompiler(std::string_view program) : rest_(program) {}

  Result<PacketFilter> run() {
    if (rest_.size() > PacketFilter::kMaxProgramBytes) {
      return Error{"bad_argument", "filter program: it has " + std::to_string(rest_.size()) +
                                       " bytes, expected at most " +
                                       std::to_string(PacketFilter::kMaxProgramBytes)};
    }
    if (take() != kFormat) return failed(std::string(kFormat));
    const std::uint32_t root = node(0);
    if (!error_ && has_more_) {
      take();
      expect("the end");
    }
    if (error_) return *error_;
    filter_.entry_ = emit(root, PacketFilter::kAccept, PacketFilter::kReject);
    return std::move(filter_);
  }

 private:
  using Test = PacketFilter::Test;
  using Kind = PacketFilter::Kind;
  using Wide = PacketFilter::Wide;
  using Side = PacketFilter::Side;
  using Operator = PacketFilter::Operator;
  using Match = PacketFilter::Match;

  enum class Join : std::uint8_t { kTest, kAnd, kOr, kNot };
  struct Node {
    Join join = Join::kTest;
    Test test;
    std::vector<std::uint32_t> operands;
  };

  std::string_view take() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    word_ = rest_.substr(0, end);
    has_more_ = end < rest_.size();
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++word_number_;
    return word_;
  }

  /// Notes that the last word is not what its place demands; the first such mistake is told.
  void expect(const std::string& expected) {
    if (error_) return;
    error_ = Error{"bad_argument", "filter program, word " + std::to_string(word_number_) + ": expected " +
                                       expected + ", found " + shown(word_)};
    rest_ = {};
  }
  Error failed(const std::string& expected) {
    expect(expected);
    return *error_;
  }

  template <class Value, std::size_t kCount>
  Value one_of(const std::array<std::pair<std::string_view, Value>, kCount>& words) {
    take();
    std::string listed;
    for (const auto& [name, value] : words) {
      if (name == word_) return value;
      listed += (listed.empty() ? "" : ", ") + std::string(name);
    }
    expect("one of " + listed);
    return words.front().second;
  }

  template <class Number>
  Number number(Number least, Number most) {
    const std::optional<Number> value = number_of<Number>(take());
    if (value && *value >= least && *value <= most) return *value;
    expect("a number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }

  Wide address() {
    constexpr std::size_t kDigits = 32;
    take();
    if (word_.size() == kDigits) {
      const auto high = number_of<std::uint64_t>(word_.substr(0, kDigits / 2), 16);
      const auto low = number_of<std::uint64_t>(word_.substr(kDigits / 2), 16);
      if (high && low) return Wide{*high} << 64 | *low;
    }
    expect("an address of 32 hexadecimal digits");
    return 0;
  }

  void address_range(Test& test) {
    test.first = address();
    test.last = address();
    if (test.first > test.last) expect("an address that is not below the one before it");
  }

  FilterLayer layer() {
    return one_of(std::array{std::pair{std::string_view("inner"), FilterLayer::kInner},
                             std::pair{std::string_view("outer"), FilterLayer::kOuter}});
  }

  Side side() {
    return one_of(std::array{std::pair{std::string_view("src"), Side::kSource},
                             std::pair{std::string_view("dst"), Side::kDestination},
                             std::pair{std::string_view("any"), Side::kAny}});
  }

  Operator comparison() {
    return one_of(std::array{std::pair{std::string_view("="), Operator::kEqual},
                             std::pair{std::string_view("!="), Operator::kNotEqual},
                             std::pair{std::string_view("<"), Operator::kLess},
                             std::pair{std::string_view("<="), Operator::kAtMost},
                             std::pair{std::string_view(">"), Operator::kGreater},
                             std::pair{std::string_view(">="), Operator::kAtLeast}});
  }

  Match match() {
    return one_of(std::array{std::pair{std::string_view("equals"), Match::kEquals},
                             std::pair{std::string_view("same"), Match::kSame},
                             std::pair{std::string_view("contains"), Match::kContains},
                             std::pair{std::string_view("begins"), Match::kBegins},
                             std::pair{std::string_view("ends"), Match::kEnds}});
  }

  const PacketField* field(FieldKind kind, FilterLayer layer) {
    const PacketField* found = find_packet_field(take());
    if (found == nullptr || found->kind != kind) {
      expect(kind == FieldKind::kNumber    ? "a field of packets that holds a number"
             : kind == FieldKind::kAddress ? "a field of packets that holds an address"
                                           : "a field of packets that holds a text");
      return nullptr;
    }
    if (layer == FilterLayer::kOuter && found->place == FieldPlace::kInnermost)
      expect("a field that outermost headers have");
    return found;
  }

  std::string text() {
    take();
    if (word_ == "-") return {};
    std::string value;
    for (std::size_t at = 0; at + 2 <= word_.size(); at += 2) {
      const auto octet = number_of<std::uint8_t>(word_.substr(at, 2), 16);
      if (!octet) break;
      value.push_back(static_cast<char>(*octet));
    }
    if (word_.empty() || value.size() * 2 != word_.size()) expect("pairs of hexadecimal digits or -");
    return value;
  }

  enum class Start : std::uint8_t {
    kAnd,
    kOr,
    kNot,
    kAddress,
    kPort,
    kProtocol,
    kIpVersion,
    kNumber,
    kRange,
    kText
  };

  Start start() {
    return one_of(std::array{std::pair{std::string_view("and"), Start::kAnd},
                             std::pair{std::string_view("or"), Start::kOr},
                             std::pair{std::string_view("not"), Start::kNot},
                             std::pair{std::string_view("address"), Start::kAddress},
                             std::pair{std::string_view("port"), Start::kPort},
                             std::pair{std::string_view("protocol"), Start::kProtocol},
                             std::pair{std::string_view("ip_version"), Start::kIpVersion},
                             std::pair{std::string_view("number"), Start::kNumber},
                             std::pair{std::string_view("range"), Start::kRange},
                             std::pair{std::string_view("text"), Start::kText}});
  }

  /// Place of the node that begins with the next word. On a mistake whatever it returns is never used.
  std::uint32_t node(std::size_t depth) {
    const Start begun = start();
    if (error_) return 0;
    if (nodes_.size() == PacketFilter::kMaxNodes) {
      expect("at most " + std::to_string(PacketFilter::kMaxNodes) + " nodes");
      return 0;
    }
    if (depth == PacketFilter::kMaxDepth) {
      expect("nodes nested at most " + std::to_string(PacketFilter::kMaxDepth) + " deep");
      return 0;
    }
    const auto place = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    if (begun == Start::kAnd || begun == Start::kOr || begun == Start::kNot) {
      join(place, begun, depth);
    } else {
      nodes_[place].test = test(begun);
    }
    return place;
  }

  void join(std::uint32_t place, Start begun, std::size_t depth) {
    nodes_[place].join = begun == Start::kAnd ? Join::kAnd : begun == Start::kOr ? Join::kOr : Join::kNot;
    const auto count =
        begun == Start::kNot ? std::uint32_t{1} : number<std::uint32_t>(2, PacketFilter::kMaxNodes);
    for (std::uint32_t operand = 0; operand < count && !error_; ++operand) {
      const std::uint32_t made = node(depth + 1);
      nodes_[place].operands.push_back(made);
    }
  }

  Test test(Start begun) {
    Test test;
    test.layer = layer();
    switch (begun) {
      case Start::kAddress:
        test.kind = Kind::kAddress;
        test.side = side();
        address_range(test);
        break;
      case Start::kPort:
        test.kind = Kind::kPort;
        test.side = side();
        test.low = number<std::uint16_t>(0, 65'535);
        test.high = number<std::uint16_t>(test.low, 65'535);
        break;
      case Start::kProtocol:
        test.kind = Kind::kProtocol;
        test.low = number<std::uint8_t>(0, 255);
        break;
      case Start::kIpVersion:
        test.kind = Kind::kIpVersion;
        test.low = one_of(std::array{std::pair{std::string_view("4"), std::uint16_t{4}},
                                     std::pair{std::string_view("6"), std::uint16_t{6}}});
        break;
      default:
        compare(begun, test);
    }
    return test;
  }

  void compare(Start begun, Test& test) {
    if (begun == Start::kText) {
      test.kind = Kind::kText;
      test.field = field(FieldKind::kText, test.layer);
      test.match = match();
      test.text = static_cast<std::uint32_t>(filter_.texts_.size());
      filter_.texts_.push_back(text());
      return;
    }
    test.kind = begun == Start::kNumber ? Kind::kNumber : Kind::kRange;
    test.field = field(begun == Start::kNumber ? FieldKind::kNumber : FieldKind::kAddress, test.layer);
    test.comparison = comparison();
    if (begun == Start::kNumber) {
      test.value = number<std::int64_t>(INT64_MIN, INT64_MAX);
      return;
    }
    address_range(test);
    const bool is_equality = test.comparison == Operator::kEqual || test.comparison == Operator::kNotEqual;
    if (!is_equality && test.first != test.last) expect("the address before it: ranges have no order");
  }

  /// Lays out the tests of a node behind what they go on to, and returns where they begin.
  std::int32_t emit(std::uint32_t place, std::int32_t on_true, std::int32_t on_false) {
    const Node& node = nodes_[place];
    switch (node.join) {
      case Join::kTest:
        break;
      case Join::kNot:
        return emit(node.operands.front(), on_false, on_true);
      case Join::kAnd:
      case Join::kOr: {
        std::int32_t next = node.join == Join::kAnd ? on_true : on_false;
        for (auto operand = node.operands.rbegin(); operand != node.operands.rend(); ++operand) {
          next = node.join == Join::kAnd ? emit(*operand, next, on_false) : emit(*operand, on_true, next);
        }
        return next;
      }
    }
    Test test = node.test;
    test.on_true = on_true;
    test.on_false = on_false;
    filter_.tests_.push_back(test);
    return static_cast<std::int32_t>(filter_.tests_.size()) - 1;
  }

  std::string_view rest_;
  std::string_view word_;
  bool has_more_ = true;  ///< a space stood behind the last word
  std::size_t word_number_ = 0;
  std::vector<Node> nodes_;
  PacketFilter filter_;
  std::optional<Error> error_;
};

Result<PacketFilter> PacketFilter::compile(std::string_view program) { return FilterCompiler(program).run(); }

}  // namespace wireglass
