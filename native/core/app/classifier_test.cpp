#include "app/classifier.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/testing/messages.hpp"

namespace wireglass {
namespace {

using testing::Bytes;

class ClassifierTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Classifier::available()) GTEST_SKIP() << "this build has no nDPI (Debian: libndpi-dev)";
  }

  /// The name for packets that go forth and back in turn.
  std::string name_of(const FlowTransport& transport, const std::vector<Bytes>& payloads) {
    const std::uint32_t flow = classifier_.open();
    if (flow == Classifier::kNone) return "(refused)";
    std::uint32_t sequences[2] = {1'000, 5'000};
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      ApplicationPacket packet;
      packet.forward = i % 2 == 0;
      packet.from_b = !packet.forward;
      packet.payload = payloads[i].span();
      packet.wire_payload_bytes = static_cast<std::uint32_t>(payloads[i].size());
      packet.tcp_sequence = sequences[i % 2];
      sequences[i % 2] += packet.wire_payload_bytes;
      if (classifier_.observe(flow, transport, packet)) break;
    }
    FieldText text;
    classifier_.name(flow, text);
    classifier_.close(flow);
    return std::string(text.view());
  }

  Classifier classifier_{4};
};

TEST_F(ClassifierTest, NamesApplicationsByWhatTheySay) {
  EXPECT_EQ(name_of({6, 50'000, 22}, {Bytes("SSH-2.0-OpenSSH_9.2\r\n"), Bytes("SSH-2.0-OpenSSH_9.2\r\n")}),
            "SSH");
  EXPECT_EQ(
      name_of({6, 50'000, 22'222}, {Bytes("SSH-2.0-OpenSSH_9.2\r\n"), Bytes("SSH-2.0-OpenSSH_9.2\r\n")}),
      "SSH");
  EXPECT_EQ(name_of({6, 50'000, 443},
                    {testing::tls_records(testing::client_hello(testing::usual_hello("www.google.com")))}),
            "TLS.Google");
  EXPECT_EQ(name_of({17, 50'000, 53}, {testing::dns_message(testing::dns_name({"www", "wikipedia", "org"}))}),
            "DNS.Wikipedia");
}

TEST_F(ClassifierTest, DoesNotGuessByThePort) {
  EXPECT_EQ(name_of({6, 50'000, 22}, {Bytes(std::string(50, '\x7f')), Bytes(std::string(50, '\x7f'))}), "");
}

// Offloading hosts show several segments as one packet.
TEST_F(ClassifierTest, ReadsAHelloThatIsLongerThanASegment) {
  testing::HelloParts parts = testing::usual_hello("www.google.com");
  parts.extensions.insert(parts.extensions.begin(), {0x0015, Bytes(std::string(3'000, '\0'))});
  EXPECT_EQ(name_of({6, 50'000, 443}, {testing::tls_records(testing::client_hello(parts))}), "TLS.Google");
}

TEST_F(ClassifierTest, KeepsTheNameThatTheFirstQuestionAndItsAnswerGave) {
  const Bytes first = testing::dns_message(testing::dns_name({"www", "wikipedia", "org"}));
  const Bytes answer = Bytes()
                           .u16(0x1234)
                           .u16(0x8180)
                           .u16(1)
                           .u16(1)
                           .u16(0)
                           .u16(0)
                           .add(testing::dns_name({"www", "wikipedia", "org"}).span())
                           .u16(1)
                           .u16(1)
                           .u16(0xc00c)
                           .u16(1)
                           .u16(1)
                           .u16(0)
                           .u16(60)
                           .vector16(Bytes().u16(0xc633).u16(0x6401));
  const Bytes second = testing::dns_message(testing::dns_name({"www", "google", "com"}));
  EXPECT_EQ(name_of({17, 50'000, 53}, {first, answer, second}), "DNS.Wikipedia");
}

// nDPI remembers the hosts and ports of calls; all flows to a server share its port.
TEST_F(ClassifierTest, TakesNoFlowForAnotherOnesKin) {
  const Bytes id = Bytes().u16(0x2112).u16(0xa442).add("twelve bytes");
  const Bytes plain = Bytes().u16(1).u16(8).add(id.span()).u16(3).u16(4).u16(0).u16(0);
  const Bytes call = Bytes().u16(1).u16(8).add(id.span()).u16(0x8054).u16(4).u16(0x0100).u16(0);
  EXPECT_EQ(name_of({17, 48'650, 3'478}, {call}), "STUN.SkypeCall");
  EXPECT_EQ(name_of({17, 1'144, 3'478}, {plain}), "STUN");
}

TEST_F(ClassifierTest, HasRoomForAFixedNumberOfFlows) {
  std::vector<std::uint32_t> flows;
  flows.reserve(4);
  for (int i = 0; i < 4; ++i) flows.push_back(classifier_.open());
  EXPECT_EQ(classifier_.open(), Classifier::kNone);
  for (const std::uint32_t flow : flows) classifier_.close(flow);
  EXPECT_NE(classifier_.open(), Classifier::kNone);
}

}  // namespace
}  // namespace wireglass
