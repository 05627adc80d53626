#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decode/dissection.hpp"
#include "decode/testing/packet_builder.hpp"

namespace wireglass::testing {

using Headers = std::vector<DissectedHeader>;

inline Headers dissected(const PacketBuilder& packet, LinkType link_type = LinkType::kEthernet) {
  return dissect(Decoder(), view_of(packet.bytes(), link_type));
}

inline std::vector<std::string> names(const Headers& headers) {
  std::vector<std::string> result;
  for (const DissectedHeader& header : headers) result.push_back(header.protocol);
  return result;
}

inline const DissectedHeader& header(const Headers& headers, const std::string& protocol) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const DissectedHeader& one) { return one.protocol == protocol; });
  if (found == headers.end()) throw std::out_of_range("no header " + protocol);
  return *found;
}

inline const DissectedField* field(const DissectedHeader& header, const std::string& name) {
  const auto found = std::find_if(header.fields.begin(), header.fields.end(),
                                  [&](const DissectedField& one) { return one.name == name; });
  return found == header.fields.end() ? nullptr : &*found;
}

inline std::string value(const DissectedHeader& header, const std::string& name) {
  const DissectedField* found = field(header, name);
  return found == nullptr ? "(absent)" : found->value;
}

inline void expect_values(const DissectedHeader& header,
                          std::initializer_list<std::pair<std::string, std::string>> expected) {
  for (const auto& [name, text] : expected)
    EXPECT_EQ(value(header, name), text) << header.protocol << '.' << name;
}

/// A packet, the headers that dissect() shows of it, and what one of them says.
struct DissectionCase {
  std::string name;
  PacketBuilder packet;
  std::string headers;  ///< a space between two
  std::string shown;
  std::uint32_t length = 0;  ///< of that one
  std::vector<std::pair<std::string, std::string>> values;
};

/// Wherever the snaplen cuts the packet; the memory has just that size, so that a sanitizer sees any read
/// behind.
inline void expect_nothing_behind_a_cut(const DissectionCase& test, LinkType link_type) {
  const std::vector<std::byte>& bytes = test.packet.bytes();
  for (std::uint32_t captured = 0; captured < bytes.size(); ++captured) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + captured);
    PacketView packet = view_of(cut, link_type);
    packet.original_length = test.packet.size();
    for (const DissectedHeader& one : dissect(Decoder(), packet)) {
      EXPECT_LE(one.offset + one.length, captured) << test.name << ": " << one.protocol;
    }
  }
}

inline void expect_dissections(const std::vector<DissectionCase>& cases, LinkType link_type) {
  for (const DissectionCase& test : cases) {
    const Headers headers = dissected(test.packet, link_type);
    std::string all;
    for (const std::string& one : names(headers)) all += (all.empty() ? "" : " ") + one;
    EXPECT_EQ(all, test.headers) << test.name;
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const DissectedHeader& one) { return one.protocol == test.shown; });
    ASSERT_NE(found, headers.end()) << test.name;
    EXPECT_EQ(found->length, test.length) << test.name;
    for (const auto& [field_name, text] : test.values) {
      EXPECT_EQ(value(*found, field_name), text) << test.name << ": " << field_name;
    }
    expect_nothing_behind_a_cut(test, link_type);
  }
}

}  // namespace wireglass::testing
