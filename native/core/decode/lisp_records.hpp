#pragma once

#include <cstdint>
#include <string>

#include "decode/header_writer.hpp"

namespace wireglass {

/// Writes what the messages of RFC 9301 list behind their fixed parts, one thing after the other. Each
/// function returns false, having written nothing or the part that is there, where the bytes end or hold an
/// address family of unknown length: nothing after that can be found.
class LispRecordWriter {
 public:
  /// `at`: where the list begins, relative to the header.
  LispRecordWriter(HeaderWriter& header, std::uint32_t at) : header_(header), at_(at) {}

  /// An address with its family (AFI) in front. Its field is called `name`; with `mask_bits` not negative it
  /// is written as a prefix.
  bool address(const std::string& name, int mask_bits = -1);

  /// An EID prefix that a Map-Request asks for (section 5.2).
  bool requested_prefix(const std::string& prefix);

  /// A mapping record: an EID prefix and its locators (section 5.4).
  bool mapping(const std::string& prefix);

 private:
  bool locator(const std::string& prefix);

  HeaderWriter& header_;
  std::uint32_t at_;
};

}  // namespace wireglass
