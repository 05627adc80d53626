#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/cursor.hpp"
#include "decode/decoder.hpp"
#include "decode/dissection.hpp"

namespace wireglass {

/// What the describe functions of one packet share: its bytes, where the innermost length field ends them,
/// and the headers written so far.
class Dissector {
 public:
  Dissector(const Decoder& decoder, const PacketView& packet)
      : decoder_(decoder), packet_(packet), bytes_(packet.bytes()) {}

  const Cursor& bytes() const { return bytes_; }
  std::vector<DissectedHeader>& headers() { return headers_; }

  /// Applies a length field: nothing at or behind `end` belongs to the headers that follow.
  void narrow(std::uint64_t end) {
    if (end < bytes_.end()) bytes_.narrow(static_cast<std::uint32_t>(end));
  }

  /// Describes the headers of `decoded`, which was decoded from this packet.
  void describe(const DecodedPacket& decoded);

  /// Describes the headers of a packet that a message quotes at `offset`; of quotes within quotes the
  /// outermost only.
  void describe_quoted(std::uint32_t offset, ProtocolId first);

 private:
  const Decoder& decoder_;
  const PacketView& packet_;
  Cursor bytes_;
  bool in_quote_ = false;
  std::vector<DissectedHeader> headers_;
};

/// Writes one header's fields. A field whose bytes were not all captured, or that a length field cuts off, is
/// left out. Offsets are relative to the header; the header's length grows to the end of its last field.
class HeaderWriter {
 public:
  HeaderWriter(Dissector& dissector, std::string_view protocol, std::uint32_t offset);

  /// A big-endian number of at most 8 bytes, decimal.
  void number(std::string_view name, std::uint32_t at, std::uint32_t size);
  /// The same of a number whose least significant byte comes first.
  void number_le(std::string_view name, std::uint32_t at, std::uint32_t size);
  /// As number(), as 0x and two digits a byte.
  void hex(std::string_view name, std::uint32_t at, std::uint32_t size);
  /// `width` bits of a number of `size` bytes, `shift` bits above its lowest, decimal; `name` by itself for a
  /// flag.
  void bits(std::string_view name, std::uint32_t at, std::uint32_t size, std::uint32_t shift,
            std::uint32_t width = 1);
  void mac(std::string_view name, std::uint32_t at);
  /// Addresses; `suffix`, such as a prefix length, is put behind them.
  void ipv4(std::string_view name, std::uint32_t at, std::string_view suffix = {});
  void ipv6(std::string_view name, std::uint32_t at, std::string_view suffix = {});
  /// Bytes of any number as hex digits without prefix; nothing where `size` is 0.
  void blob(std::string_view name, std::uint32_t at, std::uint32_t size);
  /// A value made by the caller for bytes that it has read.
  void text(std::string_view name, std::uint32_t at, std::uint32_t size, std::string value);

  /// The number at `at`; false where it is not all there.
  bool read(std::uint32_t at, std::uint32_t size, std::uint64_t& value) const;
  std::uint32_t offset() const { return offset_; }
  /// Bytes of the header and all behind it, up to the innermost end.
  std::uint32_t available() const;
  /// Makes the header at least `length` long, as far as it was captured: for bytes that make no field.
  void extend(std::uint32_t length);

 private:
  Dissector& dissector_;
  std::size_t index_;
  std::uint32_t offset_;
};

}  // namespace wireglass
