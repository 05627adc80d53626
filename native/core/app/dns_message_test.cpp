#include "app/dns_message.hpp"

#include <gtest/gtest.h>

#include <string>

#include "app/testing/messages.hpp"

namespace wireglass {
namespace {

using testing::Bytes;
using testing::dns_message;
using testing::dns_name;

std::string question_of(const Bytes& message) {
  FieldText name;
  const ParseStatus status = read_dns_question(message.span(), name);
  return status == ParseStatus::kFound      ? std::string(name.view())
         : status == ParseStatus::kNeedMore ? "(more)"
                                            : "(none)";
}

const std::string kLongLabel(63, 'x');

TEST(DnsMessage, TellsTheNameOfTheFirstQuestion) {
  EXPECT_EQ(question_of(dns_message(dns_name({"www", "example", "com"}))), "www.example.com");
  EXPECT_EQ(question_of(dns_message(dns_name({}))), "<Root>");
  EXPECT_EQ(question_of(dns_message(dns_name({"a.b", "c"}))), "a.b.c");
  EXPECT_EQ(question_of(dns_message(dns_name({"a\tb", "\xff"}))), "a\\tb.\uFFFD");
  EXPECT_EQ(question_of(dns_message(dns_name({"_dns-sd", "local"}), 0x8580)), "_dns-sd.local");
  const std::string longest =
      question_of(dns_message(dns_name({kLongLabel, kLongLabel, kLongLabel, std::string(61, 'y')})));
  EXPECT_EQ(longest, kLongLabel + "." + kLongLabel + "." + kLongLabel + "." + std::string(61, 'y'));
}

TEST(DnsMessage, FollowsPointersBackOnly) {
  // The second question's name ends in the first one's.
  const Bytes first = dns_name({"example", "com"});
  Bytes message = dns_message(first, 0x0100, 2);
  EXPECT_EQ(question_of(message), "example.com");
  const auto pointing = [](unsigned target) {
    return dns_message(Bytes().add("\x03www").u16(0xc000 | target));
  };
  for (const unsigned target : {0U, 11U, 12U, 13U, 16U, 18U, 100U, 0x3fffU}) {
    EXPECT_EQ(question_of(pointing(target)), "(none)") << target;
  }
}

TEST(DnsMessage, RefusesWhatIsNoQuestion) {
  EXPECT_EQ(question_of(dns_message(dns_name({"a"}), 0x0100, 0)), "(none)");
  EXPECT_EQ(question_of(dns_message(dns_name({"a"}), 7 << 11)), "(none)");  // no such opcode
  EXPECT_EQ(question_of(dns_message(Bytes().u8(0x43).add("abc").u8(0))), "(none)");
  EXPECT_EQ(question_of(dns_message(Bytes().u8(0x85).add("abc").u8(0))), "(none)");
  EXPECT_EQ(question_of(dns_message(dns_name({kLongLabel, kLongLabel, kLongLabel, std::string(62, 'y')}))),
            "(none)");
}

TEST(DnsMessage, NeedsNothingBehindTheQuestionAndAllBefore) {
  const Bytes message = dns_message(dns_name({"www", "example", "com"}));
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(question_of(Bytes(testing::text_of(message.first(size)))), "(more)") << size;
  }
  EXPECT_EQ(question_of(Bytes(testing::text_of(message.span()) + "trailer")), "www.example.com");
}

TEST(DnsMessage, StandsBehindItsLengthOverTcp) {
  const Bytes message = dns_message(dns_name({"www", "example", "com"}));
  const auto status_of = [](const Bytes& stream) {
    FieldText name;
    return read_dns_question_over_tcp(stream.span(), name);
  };
  FieldText name;
  EXPECT_EQ(read_dns_question_over_tcp(Bytes().vector16(message).add("next").span(), name),
            ParseStatus::kFound);
  EXPECT_EQ(name.view(), "www.example.com");
  const std::size_t bytes = message.size();
  EXPECT_EQ(status_of(Bytes().u16(11).add(message.span())), ParseStatus::kNotThis);
  EXPECT_EQ(status_of(Bytes().u16(static_cast<unsigned>(bytes) - 1).add(message.span())),
            ParseStatus::kNotThis);
  EXPECT_EQ(status_of(Bytes().u16(5000).add(message.first(bytes - 1))), ParseStatus::kNeedMore);
  EXPECT_EQ(status_of(Bytes().u16(5000).add(message.span())), ParseStatus::kFound);
}

}  // namespace
}  // namespace wireglass
