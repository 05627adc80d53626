#include "app/quic_initial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/testing/quic_packets.hpp"

namespace wireglass {
namespace {

using testing::Bytes;
using testing::crypto_frame;
using testing::hello_message;
using testing::quic_connection;
using testing::quic_initial;
using testing::text_of;
using testing::usual_hello;

constexpr std::uint32_t kVersion1 = 1;
constexpr std::uint32_t kVersions[] = {kVersion1, 0x6b33'43cf, 0xff00'001d, 0xff00'0022};

Aes128::Block block(const std::vector<unsigned>& octets) {
  Aes128::Block made{};
  std::transform(octets.begin(), octets.end(), made.begin(), [](unsigned octet) { return std::byte(octet); });
  return made;
}

// RFC 9001 appendix A.2: the header protection mask of the client's Initial packet.
TEST(QuicKeys, AreThoseOfThePublishedExample) {
  const auto keys = QuicKeys::derive(quic_connection(kVersion1));
  ASSERT_TRUE(keys.has_value());
  const Aes128::Block mask = keys->header.encrypt(block(
      {0xd1, 0xb1, 0xc9, 0x8d, 0xd7, 0x68, 0x9f, 0xb8, 0xec, 0x11, 0xd2, 0x42, 0xb1, 0x23, 0xdc, 0x9b}));
  EXPECT_EQ(text_of(std::span(mask).first(5)), "\x43\x7b\x9a\xec\x36");
  // Appendix A.1: "quic iv".
  EXPECT_EQ(text_of(keys->iv), "\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c");
  EXPECT_FALSE(QuicKeys::derive(quic_connection(0xface'b00c)).has_value());
}

class QuicInitial : public ::testing::Test {
 protected:
  ParseStatus read(std::span<const std::byte> datagram) {
    return read_quic_initials(datagram, connection_, assembly_, buffer_);
  }
  std::string gathered() const { return text_of(std::span(buffer_).first(assembly_.contiguous())); }

  QuicConnection connection_;
  Assembly assembly_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(16'384);
  Bytes hello_ = hello_message(usual_hello());
};

TEST_F(QuicInitial, IsOpenedInEveryKnownVersion) {
  for (const std::uint32_t version : kVersions) {
    const Bytes packet =
        quic_initial(quic_connection(version), crypto_frame(hello_.span(), 0, hello_.size()), 0x1234);
    EXPECT_TRUE(may_be_quic_initial(packet.span()));
    connection_ = QuicConnection();
    assembly_ = Assembly();
    EXPECT_EQ(read(packet.span()), ParseStatus::kFound);
    EXPECT_EQ(gathered(), text_of(hello_.span()));
    EXPECT_EQ(connection_.version, version);
  }
}

TEST_F(QuicInitial, MayHoldFramesOfAllKindsInAnyOrder) {
  Bytes frames;
  frames.u8(1).add(crypto_frame(hello_.span(), 70, 30).span()).add(std::string(7, '\0'));
  frames.u8(2).u8(5).u8(0).u8(1).u8(0).u8(0).u8(1);        // ACK with one more range
  frames.u8(3).u8(5).u8(0).u8(0).u8(0).u8(1).u8(1).u8(1);  // ACK with ECN counts
  frames.add(crypto_frame(hello_.span(), 0, 70).span())
      .add(crypto_frame(hello_.span(), 100, hello_.size() - 100).span());
  frames.u8(0x1c).u8(0).u8(6).u8(2).add("no");  // CONNECTION_CLOSE
  EXPECT_EQ(read(quic_initial(quic_connection(kVersion1), frames).span()), ParseStatus::kFound);
  EXPECT_EQ(gathered(), text_of(hello_.span()));
}

TEST_F(QuicInitial, StandsBesideOthersInADatagram) {
  Bytes datagram = quic_initial(quic_connection(kVersion1), crypto_frame(hello_.span(), 0, 60));
  datagram.add(
      quic_initial(quic_connection(kVersion1), crypto_frame(hello_.span(), 60, hello_.size() - 60), 1)
          .span());
  datagram.u8(0xd0).add("0-RTT");
  EXPECT_EQ(read(datagram.span()), ParseStatus::kFound);
  EXPECT_EQ(gathered(), text_of(hello_.span()));
}

TEST_F(QuicInitial, KeepsItsKeysWhenTheClientGoesOverToTheServersId) {
  const QuicConnection first = quic_connection(kVersion1);
  const QuicConnection server = quic_connection(kVersion1, "server-id");
  EXPECT_EQ(read(quic_initial(first, crypto_frame(hello_.span(), 0, 60)).span()), ParseStatus::kFound);
  const Bytes second = quic_initial(first, crypto_frame(hello_.span(), 60, hello_.size() - 60), 1, &server);
  EXPECT_EQ(read(second.span()), ParseStatus::kFound);
  EXPECT_EQ(gathered(), text_of(hello_.span()));
}

TEST_F(QuicInitial, LeavesNoTraceWhenItDoesNotOpen) {
  const QuicConnection connection = quic_connection(kVersion1);
  const QuicConnection other = quic_connection(kVersion1, "other-id");
  const Bytes crypto = crypto_frame(hello_.span(), 0, hello_.size());
  EXPECT_EQ(read(quic_initial(connection, crypto, 0, &other).span()), ParseStatus::kNotThis);
  EXPECT_EQ(read(quic_initial(connection, crypto, 0, nullptr, 0x04).span()), ParseStatus::kNotThis);
  Bytes with_stream = crypto;
  with_stream.u8(0x08).u8(0).add("stream data");  // no frame of an Initial packet
  EXPECT_EQ(read(quic_initial(connection, with_stream).span()), ParseStatus::kNotThis);
  EXPECT_EQ(assembly_.contiguous(), 0);
  EXPECT_EQ(connection_.version, 0);
}

TEST_F(QuicInitial, IsReadAsFarAsItWasCaptured) {
  const Bytes packet =
      quic_initial(quic_connection(kVersion1), crypto_frame(hello_.span(), 0, hello_.size()));
  std::size_t before = 0;
  for (std::size_t size = 0; size <= packet.size(); ++size) {
    const std::vector<std::byte> cut(packet.span().begin(), packet.span().begin() + static_cast<long>(size));
    connection_ = QuicConnection();
    assembly_ = Assembly();
    read(cut);
    EXPECT_GE(assembly_.contiguous(), before) << size;
    before = assembly_.contiguous();
    EXPECT_EQ(gathered(), text_of(hello_.first(before)));
  }
  EXPECT_EQ(before, hello_.size());
}

TEST(QuicHeader, OfOtherDatagramsIsTold) {
  const Bytes good = quic_initial(quic_connection(kVersion1), Bytes(std::string(40, '\0')));
  const auto with_byte = [&](std::size_t at, unsigned value) {
    Bytes changed = good;
    changed[at] = static_cast<std::byte>(value);
    return may_be_quic_initial(changed.span());
  };
  EXPECT_TRUE(may_be_quic_initial(good.span()));
  EXPECT_FALSE(with_byte(0, 0x41));  // short header
  EXPECT_FALSE(with_byte(0, 0x81));  // fixed bit
  EXPECT_FALSE(with_byte(0, 0xe1));  // Handshake packet
  EXPECT_FALSE(with_byte(4, 9));     // version
  EXPECT_FALSE(with_byte(5, 21));    // longer than an id may be
  for (std::size_t size = 0; size < 19; ++size) EXPECT_FALSE(may_be_quic_initial(good.first(size)));
}

}  // namespace
}  // namespace wireglass
