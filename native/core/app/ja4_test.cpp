#include "app/ja4.hpp"

#include <gtest/gtest.h>

#include <string>

#include "app/testing/messages.hpp"

namespace wireglass {
namespace {

using testing::alpn;
using testing::Bytes;
using testing::client_hello;
using testing::HelloParts;
using testing::server_name;
using testing::values16;

std::string ja4(const HelloParts& parts, TlsTransport transport = TlsTransport::kTcp) {
  const Bytes body = client_hello(parts);
  ClientHello hello;
  EXPECT_EQ(parse_client_hello(body.span(), TlsTransport::kTcp, hello), ParseStatus::kFound);
  return std::string(Ja4(hello, transport).view());
}

/// What Chrome sends, with GREASE and in an order of its own.
HelloParts browser_hello(std::initializer_list<unsigned> signature_algorithms,
                         std::initializer_list<unsigned> other_extensions) {
  HelloParts parts;
  parts.cipher_suites = values16({0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                                  0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
  parts.extensions = {{0x3a3a, Bytes()},
                      {0x0000, server_name("www.example.com")},
                      {0x0010, alpn({"h2", "http/1.1"})},
                      {0x000d, Bytes().vector16(values16(signature_algorithms))},
                      {0x002b, Bytes().vector8(values16({0x1a1a, 0x0304, 0x0303}))}};
  for (const unsigned type : other_extensions) parts.extensions.emplace_back(type, Bytes());
  return parts;
}

// The example of the format's description, and two fingerprints that its reference implementation and a
// public service gave for the lists behind them (the second with GREASE among the signature algorithms).
TEST(Ja4, AgreesWithPublishedFingerprints) {
  EXPECT_EQ(ja4(browser_hello({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
                              {0xff01, 0x0033, 0x002d, 0x0005, 0x4469, 0x0023, 0x001b, 0x0012, 0x000a, 0x0017,
                               0x000b, 0x0015})),
            "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(ja4(browser_hello({0x5a5a, 0x0904, 0x0905, 0x0906, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501,
                               0x0806, 0x0601},
                              {0xfe0d, 0x0017, 0x0033, 0x44cd, 0xff01, 0x000a, 0x0023, 0x000b, 0xca34, 0x002d,
                               0x0005, 0x001b, 0x0012})),
            "t13d1517h2_8daaf6152771_cb7bf5808d99");
  EXPECT_EQ(ja4(browser_hello({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
                              {0x002d, 0x0033, 0xfe0d, 0x0017, 0x44cd, 0x000b, 0x000a, 0xff01, 0x0023, 0x0012,
                               0x0005, 0x001b})),
            "t13d1516h2_8daaf6152771_d8a2da3f94cd");
}

std::string first_part(const HelloParts& parts, TlsTransport transport = TlsTransport::kTcp) {
  return ja4(parts, transport).substr(0, 10);
}

TEST(Ja4, BeginsWithTransportVersionNameAndCounts) {
  HelloParts parts;
  EXPECT_EQ(first_part(parts), "t12i030000");
  EXPECT_EQ(first_part(parts, TlsTransport::kQuic), "q12i030000");
  EXPECT_EQ(first_part(parts, TlsTransport::kDtls), "d12i030000");
  constexpr std::pair<unsigned, std::string_view> kVersions[] = {
      {0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
      {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}, {0x7f1c, "00"}};
  for (const auto& [version, name] : kVersions) {
    parts.version = version;
    EXPECT_EQ(first_part(parts).substr(1, 2), name);
  }
  parts.extensions = {{0x002b, Bytes().vector8(values16({0xfafa, 0x0302, 0x0304, 0x0303}))}};
  EXPECT_EQ(first_part(parts), "t13i030100");
  parts.extensions = {{0x002b, Bytes().vector8(values16({0x0a0a}))}};
  EXPECT_EQ(first_part(parts).substr(1, 2), "00");
  parts.extensions = {{0x0000, Bytes()}};
  EXPECT_EQ(first_part(parts).substr(3, 1), "d");
}

TEST(Ja4, CapsCountsAt99AndRefusesMoreThanItSorts) {
  HelloParts parts;
  for (unsigned i = 0; i < 120; ++i) {
    parts.cipher_suites.u16(0x4000 + i);
    parts.extensions.emplace_back(0x5000 + i, Bytes());
  }
  EXPECT_EQ(first_part(parts), "t12i999900");
  for (unsigned i = 0; i < Ja4::kMaxValues; ++i) parts.cipher_suites.u16(0x4001);
  EXPECT_EQ(ja4(parts), "");
}

TEST(Ja4, TakesTheEndsOfTheFirstProtocol) {
  constexpr std::pair<std::string_view, std::string_view> kProtocols[] = {
      {"h2", "h2"},   {"http/1.1", "h1"}, {"h", "hh"},     {"Z9", "Z9"},
      {"\xab", "ab"}, {"\xab\xcd", "ad"}, {"0\xab", "3b"}, {"0\x31\xab\xcd", "3d"},
      {"h2!", "61"},  {"\x0a\x0a", "0a"}};
  for (const auto& [protocol, ends] : kProtocols) {
    HelloParts parts;
    parts.extensions = {{0x0010, alpn({protocol, "h2"})}};
    EXPECT_EQ(first_part(parts).substr(8), protocol == "h2!" ? "61" : ends) << protocol;
  }
  HelloParts empty;
  empty.extensions = {{0x0010, Bytes()}};
  EXPECT_EQ(first_part(empty).substr(8), "00");
}

TEST(Ja4, HasZerosForEmptyLists) {
  HelloParts parts;
  parts.cipher_suites = Bytes();
  EXPECT_EQ(ja4(parts), "t12i000000_000000000000_000000000000");
  parts.cipher_suites = values16({0x0a0a});
  parts.extensions = {{0x0000, server_name("a")}, {0x0010, alpn({"h2"})}, {0x1a1a, Bytes()}};
  EXPECT_EQ(ja4(parts), "t12d0002h2_000000000000_000000000000");
}

}  // namespace
}  // namespace wireglass
