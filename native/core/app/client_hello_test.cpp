#include "app/client_hello.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "app/testing/messages.hpp"
#include "app/tls_stream.hpp"

namespace wireglass {
namespace {

using testing::alpn;
using testing::Bytes;
using testing::client_hello;
using testing::HelloParts;
using testing::server_name;
using testing::text_of;
using testing::tls_records;
using testing::usual_hello;

struct Read {
  ParseStatus status;
  ClientHello hello;
  std::string name() const { return text_of(hello.server_name); }
};

Read read(const Bytes& body) {
  Read result{};
  result.status = parse_client_hello(body.span(), TlsTransport::kTcp, result.hello);
  return result;
}

TEST(ClientHello, TellsNameProtocolVersionsAndAlgorithms) {
  const Bytes body = client_hello(usual_hello());
  const Read result = read(body);
  EXPECT_EQ(result.status, ParseStatus::kFound);
  EXPECT_EQ(result.name(), "www.example.com");
  EXPECT_EQ(text_of(result.hello.alpn), "h2");
  EXPECT_EQ(result.hello.legacy_version, 0x0303);
  EXPECT_EQ(result.hello.cipher_suites.size(), 6);
  EXPECT_EQ(result.hello.signature_algorithms.size(), 6);
  EXPECT_EQ(result.hello.supported_versions.size(), 6);
}

TEST(ClientHello, MayHaveNoExtensions) {
  const Bytes with = client_hello(HelloParts());
  EXPECT_EQ(read(with).status, ParseStatus::kFound);
  const Bytes without(text_of(with.first(with.size() - 2)));
  const Read result = read(without);
  EXPECT_EQ(result.status, ParseStatus::kFound);
  EXPECT_FALSE(result.hello.has_server_name);
}

TEST(ClientHello, TakesTheFirstHostNameAndTheFirstExtensionOfAKind) {
  HelloParts parts;
  parts.extensions = {
      {0, Bytes().vector16(Bytes().u8(7).vector16(Bytes("other")).u8(0).vector16(Bytes("host")))},
      {0, server_name("second")},
      {16, alpn({"h3"})},
      {16, alpn({"h2"})}};
  const Bytes body = client_hello(parts);
  const Read result = read(body);
  EXPECT_EQ(result.name(), "host");
  EXPECT_EQ(text_of(result.hello.alpn), "h3");
}

TEST(ClientHello, SeesAnEmptyServerNameExtension) {
  HelloParts parts;
  parts.extensions = {{0, Bytes()}};
  const Bytes body = client_hello(parts);
  const Read result = read(body);
  EXPECT_EQ(result.status, ParseStatus::kFound);
  EXPECT_TRUE(result.hello.has_server_name);
  EXPECT_EQ(result.name(), "");
}

TEST(ClientHello, IsRefusedWhereLengthsContradict) {
  const Bytes good = client_hello(usual_hello());
  Bytes session_id = good;
  session_id[34] = std::byte{33};
  EXPECT_EQ(read(session_id).status, ParseStatus::kNotThis);
  HelloParts odd = usual_hello();
  odd.cipher_suites.u8(1);
  EXPECT_EQ(read(client_hello(odd)).status, ParseStatus::kNotThis);
  Bytes extension = client_hello(usual_hello());
  extension[extension.size() - 9] = std::byte{200};  // the last extension is longer than the list
  const Read result = read(extension);
  EXPECT_EQ(result.status, ParseStatus::kNotThis);
  EXPECT_EQ(result.name(), "www.example.com");
}

TEST(ClientHello, CutAnywhereNeedsMoreAndShowsWhatIsThere) {
  const Bytes body = client_hello(usual_hello());
  bool named = false;
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Bytes cut(text_of(body.first(size)));
    const Read result = read(cut);
    // Behind the compression methods it may end: that is a ClientHello without extensions.
    const bool without_extensions = size == 2 + 32 + 33 + 8 + 2;
    EXPECT_EQ(result.status, without_extensions ? ParseStatus::kFound : ParseStatus::kNeedMore) << size;
    EXPECT_GE(result.hello.has_server_name, named) << size;
    named = result.hello.has_server_name;
  }
  EXPECT_TRUE(named);
}

class ClientHelloRecords : public ::testing::Test {
 protected:
  ParseStatus read_stream(std::span<const std::byte> stream) {
    return read_client_hello_record(stream, scratch_, hello_);
  }
  ClientHello hello_;
  std::vector<std::byte> scratch_ = std::vector<std::byte>(16'384);
};

TEST_F(ClientHelloRecords, MaySplitTheMessageAnywhere) {
  const Bytes body = client_hello(usual_hello());
  for (std::size_t record = 1; record <= body.size() + 4; ++record) {
    const Bytes stream = tls_records(body, record);  // the views lie in it
    EXPECT_EQ(read_stream(stream.span()), ParseStatus::kFound) << record;
    EXPECT_EQ(text_of(hello_.server_name), "www.example.com") << record;
    EXPECT_EQ(hello_.supported_versions.size(), 6) << record;
  }
}

TEST_F(ClientHelloRecords, CutAnywhereNeedMore) {
  for (const std::size_t record : {std::size_t{16'384}, std::size_t{50}, std::size_t{3}}) {
    const Bytes stream = tls_records(client_hello(usual_hello()), record);
    for (std::size_t size = 0; size < stream.size(); ++size) {
      const std::vector<std::byte> cut(stream.span().begin(),
                                       stream.span().begin() + static_cast<long>(size));
      EXPECT_EQ(read_stream(cut), ParseStatus::kNeedMore) << record << " " << size;
    }
  }
}

TEST_F(ClientHelloRecords, OfOtherContentAreRefused) {
  const Bytes body = client_hello(usual_hello());
  const auto with_byte = [&](std::size_t at, unsigned value) {
    Bytes stream = tls_records(body);
    stream[at] = static_cast<std::byte>(value);
    return stream;
  };
  EXPECT_EQ(read_stream(with_byte(0, 23).span()), ParseStatus::kNotThis);    // application data
  EXPECT_EQ(read_stream(with_byte(1, 2).span()), ParseStatus::kNotThis);     // SSL 2
  EXPECT_EQ(read_stream(with_byte(3, 0x41).span()), ParseStatus::kNotThis);  // longer than a record may be
  EXPECT_EQ(read_stream(with_byte(5, 2).span()), ParseStatus::kNotThis);     // ServerHello
  EXPECT_EQ(read_stream(with_byte(6, 1).span()), ParseStatus::kNotThis);     // longer than is taken
  EXPECT_EQ(read_stream(with_byte(2, 0).span()), ParseStatus::kFound);       // SSL 3.0's number
  EXPECT_EQ(read_stream(Bytes().u8(22).u16(0x0301).u16(0).span()), ParseStatus::kNotThis);
  Bytes second = tls_records(body, 100);
  second[105] = std::byte{20};  // the second record's type
  EXPECT_EQ(read_stream(second.span()), ParseStatus::kNotThis);
}

TEST_F(ClientHelloRecords, DoNotCountBytesOfTheNextMessage) {
  Bytes stream = tls_records(client_hello(usual_hello()));
  stream.u8(20).u16(0x0303).u16(1).u8(1);
  EXPECT_EQ(read_stream(stream.span()), ParseStatus::kFound);
}

TEST(Grease, IsToldByItsPattern) {
  for (unsigned i = 0; i < 16; ++i) EXPECT_TRUE(is_grease(static_cast<std::uint16_t>(0x0a0a + i * 0x1010)));
  for (const std::uint16_t value : {0x0a1a, 0x1301, 0x0a0b, 0xfa0a, 0x0000}) EXPECT_FALSE(is_grease(value));
}

}  // namespace
}  // namespace wireglass
