#include "app/dtls_hello.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/testing/messages.hpp"

namespace wireglass {
namespace {

using testing::Bytes;
using testing::client_hello;
using testing::text_of;
using testing::usual_hello;

Bytes record(const Bytes& payload, unsigned type = 22, unsigned version = 0xfefd, unsigned epoch = 0) {
  return Bytes().u8(type).u16(version).u16(epoch).u24(0).u24(7).vector16(payload);
}

Bytes fragment(const Bytes& body, std::size_t offset, std::size_t size, unsigned type = 1) {
  return Bytes()
      .u8(type)
      .u24(static_cast<unsigned>(body.size()))
      .u16(0)
      .u24(static_cast<unsigned>(offset))
      .u24(static_cast<unsigned>(size))
      .add(body.span().subspan(offset, size));
}

class DtlsHello : public ::testing::Test {
 protected:
  ParseStatus read(const Bytes& datagram) { return read_dtls_hello(datagram.span(), assembly_, buffer_); }
  std::string gathered() const { return text_of(std::span(buffer_).first(assembly_.contiguous())); }

  Assembly assembly_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(16'384);
  Bytes body_ = client_hello(usual_hello());
  std::string whole_ = text_of(Bytes().u8(1).vector24(body_).span());
};

TEST_F(DtlsHello, IsPutTogetherFromFragments) {
  EXPECT_EQ(read(record(fragment(body_, 0, body_.size()))), ParseStatus::kFound);
  EXPECT_EQ(gathered(), whole_);

  assembly_ = Assembly();
  EXPECT_EQ(read(record(fragment(body_, 50, body_.size() - 50))), ParseStatus::kFound);
  EXPECT_EQ(gathered(), whole_.substr(0, 4));
  EXPECT_EQ(read(record(fragment(body_, 0, 50), 22, 0xfeff)), ParseStatus::kFound);
  EXPECT_EQ(gathered(), whole_);
}

TEST_F(DtlsHello, MayComeInSeveralRecordsAndFragmentsOfADatagram) {
  Bytes two = fragment(body_, 0, 20);
  two.add(fragment(body_, 20, 30).span());
  Bytes datagram = record(two);
  datagram.add(record(fragment(body_, 50, body_.size() - 50)).span());
  EXPECT_EQ(read(datagram), ParseStatus::kFound);
  EXPECT_EQ(gathered(), whole_);
}

TEST_F(DtlsHello, IsNotMadeOfOtherRecords) {
  const Bytes whole = fragment(body_, 0, body_.size());
  EXPECT_TRUE(may_be_dtls_hello(record(whole).span()));
  for (const Bytes& other : {record(whole, 23), record(whole, 22, 0x0303), record(whole, 22, 0xfefd, 1),
                             record(fragment(body_, 0, 10, 2)), Bytes("short")}) {
    EXPECT_FALSE(may_be_dtls_hello(other.span()));
    EXPECT_EQ(read(other), ParseStatus::kNotThis);
  }
  Bytes beyond = fragment(body_, 0, 10);
  beyond[6] = std::byte{0x7f};  // an offset behind the message's end
  EXPECT_EQ(read(record(beyond)), ParseStatus::kNotThis);
  EXPECT_EQ(assembly_.contiguous(), 0);
}

TEST_F(DtlsHello, CutAnywhereGivesItsBeginning) {
  const Bytes datagram = record(fragment(body_, 0, body_.size()));
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    assembly_ = Assembly();
    const std::vector<std::byte> cut(datagram.span().begin(),
                                     datagram.span().begin() + static_cast<long>(size));
    read_dtls_hello(cut, assembly_, buffer_);
    EXPECT_EQ(gathered(), size < 25 ? "" : whole_.substr(0, size - 25 + 4)) << size;
  }
}

}  // namespace
}  // namespace wireglass
