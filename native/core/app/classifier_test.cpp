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

TEST_F(ClassifierTest, HasRoomForAFixedNumberOfFlows) {
  std::vector<std::uint32_t> flows;
  for (int i = 0; i < 4; ++i) flows.push_back(classifier_.open());
  EXPECT_EQ(classifier_.open(), Classifier::kNone);
  for (const std::uint32_t flow : flows) classifier_.close(flow);
  EXPECT_NE(classifier_.open(), Classifier::kNone);
}

}  // namespace
}  // namespace wireglass
