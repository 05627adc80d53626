#include "pipeline/packet_lines.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <type_traits>

namespace wireglass {
namespace {

using Buffer = PcapngWriter::Buffer;

constexpr std::array<std::string_view, 17> kNames = {
    "id",       "time_ns",   "captured_length", "original_length", "interface",    "link_type",
    "protocol", "src_addr",  "dst_addr",        "src_port",        "dst_port",     "vlan_id",
    "overlay",  "tenant_id", "outer_src_addr",  "outer_dst_addr",  "decode_status"};

void put(Buffer& out, std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  out.insert(out.end(), bytes, bytes + text.size());
}
void put(Buffer& out, char character) { out.push_back(static_cast<std::byte>(character)); }

/// Bytes of the UTF-8 character in front of `text`, 0 where there is none (RFC 3629 section 4).
std::size_t character_bytes(std::string_view text) {
  const auto at = [&](std::size_t place) {
    return place < text.size() ? static_cast<unsigned char>(text[place]) : 0U;
  };
  const unsigned lead = at(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xc2 ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 0;
  for (std::size_t place = 1; place < size; ++place) {
    if ((at(place) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && at(1) < 0xa0) || (lead == 0xf0 && at(1) < 0x90);
  const bool no_character = (lead == 0xed && at(1) >= 0xa0) || (lead == 0xf4 && at(1) >= 0x90);
  return overlong || no_character ? 0 : size;
}

void put_json_text(Buffer& out, std::string_view text) {
  put(out, '"');
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const char first = text.front();
    if (size == 0) {
      put(out, "\xef\xbf\xbd");  // U+FFFD stands for what is no character
    } else if (first == '"' || first == '\\') {
      put(out, '\\');
      put(out, first);
    } else if (static_cast<unsigned char>(first) < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      put(out, "\\u00");
      put(out, kDigits[static_cast<std::size_t>(first) >> 4]);
      put(out, kDigits[static_cast<std::size_t>(first) & 15]);
    } else {
      put(out, text.substr(0, size));
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  put(out, '"');
}

void put_csv_text(Buffer& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return put(out, text);
  put(out, '"');
  for (const char character : text) {
    if (character == '"') put(out, '"');
    put(out, character);
  }
  put(out, '"');
}

/// Writes values one behind the other, in the order of kNames.
class Line {
 public:
  Line(Buffer& out, bool csv) : out_(out), csv_(csv) {
    if (!csv_) put(out_, '{');
  }
  ~Line() { put(out_, csv_ ? "\n" : "}\n"); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value) {
      add(*value);
    } else {
      begin_value();
      if (!csv_) put(out_, "null");
    }
  }
  void add(const IpAddress& address) { add(address.to_string()); }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(std::string_view text) {
    begin_value();
    if (csv_) {
      put_csv_text(out_, text);
    } else {
      put_json_text(out_, text);
    }
  }
  template <class Number>
    requires std::is_integral_v<Number>
  void add(Number number) {
    begin_value();
    put_number(number);
  }
  /// Beyond what a JSON number holds exactly.
  void add_time(TimeNs time_ns) {
    begin_value();
    if (!csv_) put(out_, '"');
    put_number(time_ns);
    if (!csv_) put(out_, '"');
  }

 private:
  void begin_value() {
    if (next_ != 0) put(out_, ',');
    if (!csv_) {
      put(out_, '"');
      put(out_, kNames[next_]);
      put(out_, "\":");
    }
    ++next_;
  }
  template <class Number>
  void put_number(Number number) {
    std::array<char, 24> text;
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), number);
    put(out_, std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
  }

  Buffer& out_;
  const bool csv_;
  std::size_t next_ = 0;
};

}  // namespace

void append_packet_line(Buffer& out, bool csv, const ScannedPacket& packet, const PacketSummary& summary) {
  Line line(out, csv);
  if (packet.id) {
    line.add(packet.id->to_string());
  } else {
    line.add(std::optional<std::string_view>());
  }
  line.add_time(packet.view.timestamp_ns);
  line.add(packet.view.captured_length);
  line.add(packet.view.original_length);
  line.add(packet.interface.name);
  line.add(link_type_name(packet.view.link_type));
  line.add(summary.protocol);
  line.add(summary.src_addr);
  line.add(summary.dst_addr);
  line.add(summary.src_port);
  line.add(summary.dst_port);
  line.add(summary.vlan_id);
  line.add(summary.overlay);
  line.add(summary.tenant_id);
  line.add(summary.outer_src_addr);
  line.add(summary.outer_dst_addr);
  line.add(summary.decode_status);
}

void append_packet_names(Buffer& out) {
  for (const std::string_view name : kNames) {
    if (name != kNames.front()) put(out, ',');
    put(out, name);
  }
  put(out, '\n');
}

}  // namespace wireglass
