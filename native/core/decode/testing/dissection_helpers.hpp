#pragma once

#include <gtest/gtest.h>

#include <algorithm>
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

}  // namespace wireglass::testing
