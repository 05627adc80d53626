#include "app/flow_applications.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "app/testing/quic_packets.hpp"

namespace wireglass {
namespace {

using testing::Bytes;
using testing::client_hello;
using testing::dns_message;
using testing::dns_name;
using testing::tls_records;
using testing::usual_hello;

constexpr FlowTransport kHttps{6, 50'000, 443};
constexpr FlowTransport kHttp{6, 50'000, 80};
constexpr FlowTransport kDnsTcp{6, 50'000, 53};
constexpr FlowTransport kDnsUdp{17, 50'000, 53};
constexpr std::uint32_t kFirstSequence = 0xffff'fff0;  // wraps soon
constexpr ApplicationLimits kLimits{1 << 20, 64, 8};

using Reference = FlowApplications::Reference;

/// One flow, as a meter keeps it.
class Flow {
 public:
  Flow(FlowApplications& applications, const FlowTransport& transport)
      : applications_(&applications), transport_(transport) {}

  /// Data of a direction at an offset of its stream; `captured` bytes of it.
  void show(std::span<const std::byte> data, std::size_t offset = 0, bool forward = true,
            std::size_t captured = SIZE_MAX, bool syn = false) {
    if (!FlowApplications::wants(reference_, forward)) return;
    ++shown_;
    ApplicationPacket packet;
    packet.forward = forward;
    packet.syn = syn;
    packet.tcp_sequence = kFirstSequence + static_cast<std::uint32_t>(offset) - (syn ? 1 : 0);
    packet.wire_payload_bytes = static_cast<std::uint32_t>(data.size());
    packet.payload = data.first(std::min(captured, data.size()));
    reference_ = applications_->observe(reference_, transport_, packet);
  }
  void show(std::string_view text, std::size_t offset = 0, bool forward = true) {
    show(std::as_bytes(std::span(text)), offset, forward);
  }
  void conclude() { reference_ = applications_->conclude(reference_, transport_); }
  void end() { applications_->release(reference_); }

  std::string text(ApplicationString field) const {
    return std::string(applications_->fields(reference_)[field]);
  }
  std::uint16_t status() const { return applications_->fields(reference_).http_status; }
  bool wants(bool forward) const { return FlowApplications::wants(reference_, forward); }
  bool done() const { return !wants(true) && !wants(false); }
  int shown() const { return shown_; }

 private:
  FlowApplications* applications_;
  FlowTransport transport_;
  Reference reference_ = 0;
  int shown_ = 0;
};

std::uint64_t gave_up(const FlowApplications& applications, GiveUp reason) {
  return applications.counters().gave_up[static_cast<std::size_t>(reason)].value();
}
std::uint64_t found(const FlowApplications& applications, MessageKind kind) {
  return applications.counters().messages[static_cast<std::size_t>(kind)].value();
}

class FlowApplicationsTest : public ::testing::Test {
 protected:
  FlowApplications applications_{kLimits};
};

TEST_F(FlowApplicationsTest, TellsTheQuestionOfADnsFlow) {
  Flow flow(applications_, kDnsUdp);
  flow.show(dns_message(dns_name({"www", "example", "com"})).span());
  EXPECT_EQ(flow.text(ApplicationString::kDnsQuery), "www.example.com");
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(found(applications_, MessageKind::kDns), 1);
  flow.end();
  EXPECT_EQ(applications_.used_string_bytes(), 0);
}

TEST_F(FlowApplicationsTest, TellsTheQuestionOfAResponseWhoseQueryWasNotSeen) {
  Flow flow(applications_, {17, 5353, 5353});
  flow.show(dns_message(dns_name({}), 0x8400, 0).span());  // an mDNS answer has none
  flow.show(dns_message(dns_name({"a", "local"}), 0x8400).span(), 0, false);
  EXPECT_EQ(flow.text(ApplicationString::kDnsQuery), "a.local");
}

TEST_F(FlowApplicationsTest, TellsRequestAndResponse) {
  Flow flow(applications_, kHttp);
  flow.show("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_FALSE(flow.wants(true));
  EXPECT_TRUE(flow.wants(false));
  flow.show("HTTP/1.1 404 Not Found\r\n\r\n", 0, false);
  EXPECT_EQ(flow.text(ApplicationString::kHttpMethod), "GET");
  EXPECT_EQ(flow.text(ApplicationString::kHttpHost), "a.example");
  EXPECT_EQ(flow.status(), 404);
  EXPECT_TRUE(flow.done());
}

TEST_F(FlowApplicationsTest, SeesTheClientHelloOfATunnel) {
  Flow flow(applications_, {6, 50'000, 8080});
  const std::string_view request = "CONNECT a.example:443 HTTP/1.1\r\n\r\n";
  flow.show(request);
  flow.show("HTTP/1.1 200 OK\r\n\r\n", 0, false);
  EXPECT_TRUE(flow.wants(true));
  flow.show(tls_records(client_hello(usual_hello())).span(), request.size());
  EXPECT_EQ(flow.text(ApplicationString::kHttpHost), "a.example:443");
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), "www.example.com");
  EXPECT_EQ(flow.status(), 200);
  EXPECT_TRUE(flow.done());
}

TEST_F(FlowApplicationsTest, SeesTheClientHelloBehindAnotherProtocolsGreeting) {
  Flow flow(applications_, {6, 50'000, 25});
  flow.show("220 mail.example ESMTP\r\n", 0, false);
  flow.show("EHLO a\r\n");
  flow.show("STARTTLS\r\n", 8);
  flow.show(tls_records(client_hello(usual_hello())).span(), 18);
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), "www.example.com");
}

TEST_F(FlowApplicationsTest, StopsAskingOfADirectionAfterItsFirstPackets) {
  Flow flow(applications_, kHttps);
  for (int i = 0; i < 100; ++i) flow.show("some other protocol");
  EXPECT_EQ(flow.shown(), FlowApplications::kMaxExamined);
  EXPECT_TRUE(flow.wants(false));
  for (int i = 0; i < 100; ++i) flow.show("its answers", 0, false);
  EXPECT_EQ(flow.shown(), 2 * FlowApplications::kMaxExamined);
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(applications_.used_string_bytes(), 0);
}

struct Split {
  FlowTransport transport;
  Bytes stream;
  ApplicationString field;
  std::string_view text;
};

std::vector<Split> split_messages() {
  return {
      {kHttps, tls_records(client_hello(usual_hello()), 60), ApplicationString::kTlsJa4,
       "t13d0304h2_40b44b994229_4b7616f1fee2"},
      {kHttps, tls_records(client_hello(usual_hello())), ApplicationString::kTlsSni, "www.example.com"},
      {kHttp, Bytes("GET / HTTP/1.1\r\nA: b\r\nHost: a.example\r\n\r\n"), ApplicationString::kHttpHost,
       "a.example"},
      {kHttp, Bytes("HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n"), ApplicationString::kHttpMethod, "HEAD"},
      {kDnsTcp, Bytes().vector16(dns_message(dns_name({"a", "b"}))), ApplicationString::kDnsQuery, "a.b"}};
}

TEST_F(FlowApplicationsTest, PutsSegmentsTogetherWhereverTheStreamIsCut) {
  for (const Split& split : split_messages()) {
    Flow whole(applications_, split.transport);
    whole.show(split.stream.span());
    ASSERT_EQ(whole.text(split.field), split.text);
    for (std::size_t at = 1; at < split.stream.size(); ++at) {
      Flow flow(applications_, split.transport);
      flow.show(split.stream.first(at));
      flow.show(split.stream.first(at));  // once more
      flow.show(split.stream.span().subspan(at), at);
      ASSERT_EQ(flow.text(split.field), split.text) << at;
      flow.end();
    }
  }
}

TEST_F(FlowApplicationsTest, PutsThreeSegmentsTogetherInAnyOrderBehindTheFirst) {
  for (const Split& split : split_messages()) {
    const std::size_t size = split.stream.size();
    for (std::size_t first = 1; first + 2 < size; first += 3) {
      for (std::size_t second = first + 1; second + 1 < size; second += 5) {
        Flow flow(applications_, split.transport);
        flow.show(split.stream.first(first));
        flow.show(split.stream.span().subspan(second), second);
        flow.show(split.stream.span().subspan(first, second - first), first);
        ASSERT_EQ(flow.text(split.field), split.text) << first << " " << second;
        flow.end();
      }
    }
  }
}

TEST_F(FlowApplicationsTest, ReadsAStatusThatIsSplit) {
  const Bytes response("HTTP/1.1 503 Busy\r\n\r\n");
  for (std::size_t at = 1; at < response.size(); ++at) {
    Flow flow(applications_, kHttp);
    flow.show("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    flow.show(response.first(at), 0, false);
    flow.show(response.span().subspan(at), at, false);
    ASSERT_EQ(flow.status(), 503) << at;
    ASSERT_EQ(flow.text(ApplicationString::kHttpHost), "a") << at;
    flow.end();
  }
}

TEST_F(FlowApplicationsTest, TakesDataOfTheSyn) {
  const Bytes stream = tls_records(client_hello(usual_hello()));
  Flow flow(applications_, kHttps);
  flow.show(stream.first(100), 0, true, SIZE_MAX, true);
  flow.show(stream.span().subspan(100), 100);
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), "www.example.com");
}

TEST_F(FlowApplicationsTest, KeepsWhatASnaplenLeft) {
  const Bytes stream = tls_records(client_hello(usual_hello()));
  for (std::size_t captured = 0; captured < stream.size(); ++captured) {
    Flow flow(applications_, kHttps);
    flow.show(stream.span(), 0, true, captured);
    const std::string name = flow.text(ApplicationString::kTlsSni);
    EXPECT_EQ(flow.text(ApplicationString::kTlsJa4), "");
    EXPECT_TRUE(name.empty() || name == "www.example.com") << name;
    EXPECT_EQ(name.empty(), captured < 112) << captured;
    flow.end();
  }
  EXPECT_EQ(gave_up(applications_, GiveUp::kTruncated), stream.size() - 1);
  EXPECT_EQ(applications_.used_string_bytes(), 0);
}

TEST_F(FlowApplicationsTest, ConcludesWithWhatAnIncompleteMessageShows) {
  Flow flow(applications_, kHttp);
  flow.show("POST /upload HTTP/1.1\r\nHo");
  EXPECT_EQ(flow.text(ApplicationString::kHttpMethod), "");
  flow.conclude();
  EXPECT_EQ(flow.text(ApplicationString::kHttpMethod), "POST");
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(gave_up(applications_, GiveUp::kFlowEnded), 1);
  flow.end();
  Flow other(applications_, kHttp);
  other.show("POST /upload HTTP/1.1\r\nHo");
  other.end();
  EXPECT_EQ(applications_.used_string_bytes(), 0);
}

TEST_F(FlowApplicationsTest, GivesUpAMessageThatGoesOnWrong) {
  Flow flow(applications_, kHttp);
  flow.show("GET");
  flow.show("X / HTTP/1.1\r\n", 3);
  EXPECT_EQ(gave_up(applications_, GiveUp::kMalformed), 1);
  flow.show("GET / HTTP/1.1\r\nHost: later\r\n\r\n", 17);
  EXPECT_EQ(flow.text(ApplicationString::kHttpHost), "later");
}

TEST_F(FlowApplicationsTest, GivesUpAMessageOfTooManySegmentsOrGaps) {
  Flow dripping(applications_, kHttp);
  const std::string request = "GET / HTTP/1.1\r\nX: " + std::string(200, 'x');
  for (std::size_t i = 0; i < request.size(); ++i) dripping.show(request.substr(i, 1), i);
  EXPECT_EQ(gave_up(applications_, GiveUp::kTooLong), 1);
  EXPECT_EQ(dripping.text(ApplicationString::kHttpMethod), "GET");

  Flow holed(applications_, kHttp);
  holed.show("GET / ");
  for (std::size_t i = 0; i < Assembly::kMaxRanges; ++i) holed.show("x", 10 + 2 * i);
  EXPECT_EQ(gave_up(applications_, GiveUp::kGaps), 1);
  EXPECT_EQ(holed.text(ApplicationString::kHttpMethod), "GET");
}

TEST_F(FlowApplicationsTest, TakesTheResponseWhileTheRequestIsIncomplete) {
  Flow flow(applications_, kHttp);
  flow.show("GET / HTTP/1.1\r\n");
  flow.show("HTTP/1.1 200 OK\r\n\r\n", 0, false);
  EXPECT_EQ(flow.status(), 200);
  flow.show("Host: a\r\n\r\n", 16);
  EXPECT_EQ(flow.text(ApplicationString::kHttpHost), "a");
  EXPECT_TRUE(flow.done());
}

TEST_F(FlowApplicationsTest, LetsNewMessagesTakeTheBuffersOfOldOnes) {
  const Bytes stream = tls_records(client_hello(usual_hello()));
  std::vector<Flow> flows(20, Flow(applications_, kHttps));
  for (Flow& flow : flows) flow.show(stream.first(50));
  for (Flow& flow : flows) flow.show(stream.span().subspan(50), 50);
  std::size_t named = 0;
  for (Flow& flow : flows) {
    named += flow.text(ApplicationString::kTlsSni).empty() ? 0 : 1;
    flow.end();
  }
  EXPECT_EQ(named, kLimits.buffers);
  EXPECT_FALSE(flows.back().text(ApplicationString::kTlsSni).empty());
  EXPECT_EQ(gave_up(applications_, GiveUp::kBufferTaken), flows.size() - kLimits.buffers);
}

TEST_F(FlowApplicationsTest, RefusesAReadingWhenAllAreInUse) {
  const Bytes stream = tls_records(client_hello(usual_hello()));
  std::vector<Flow> flows(kLimits.readings + 10, Flow(applications_, kHttps));
  for (Flow& flow : flows) flow.show(stream.first(50));
  EXPECT_EQ(gave_up(applications_, GiveUp::kNoReading), 10);
  Flow whole(applications_, kHttps);
  whole.show(stream.span());
  EXPECT_EQ(whole.text(ApplicationString::kTlsSni), "www.example.com");
}

TEST(FlowApplicationsLimits, CountsStringsThatFindNoRoomAndUsesFreedRoomAgain) {
  FlowApplications applications({4096, 4, 4});
  const Bytes stream = tls_records(client_hello(usual_hello(std::string(200, 'n'))));
  std::vector<Flow> flows(20, Flow(applications, kHttps));
  for (Flow& flow : flows) flow.show(stream.span());
  EXPECT_EQ(flows.front().text(ApplicationString::kTlsSni).size(), 200);
  EXPECT_EQ(flows.back().text(ApplicationString::kTlsSni), "");
  EXPECT_EQ(applications.counters().strings_refused.value(), 3 * (flows.size() - 4096 / 256));
  for (Flow& flow : flows) flow.end();
  EXPECT_EQ(applications.used_string_bytes(), 0);
  Flow again(applications, kHttps);
  again.show(stream.span());
  EXPECT_EQ(again.text(ApplicationString::kTlsAlpn), "h2");
}

TEST(FlowApplicationsLimits, KeepsWhatItHasWhenAnAdditionFindsNoRoom) {
  FlowApplications applications({2048, 4, 4});
  Flow tunnel(applications, kHttps);
  tunnel.show("CONNECT a.example:443 HTTP/1.1\r\n\r\n");
  std::vector<Flow> fillers(80, Flow(applications, kDnsUdp));
  for (Flow& filler : fillers) filler.show(dns_message(dns_name({"a"})).span());
  EXPECT_GT(applications.counters().strings_refused.value(), 0);
  tunnel.show(tls_records(client_hello(usual_hello())).span(), 34);
  EXPECT_EQ(tunnel.text(ApplicationString::kHttpHost), "a.example:443");
  EXPECT_EQ(tunnel.text(ApplicationString::kTlsSni), "");
}

TEST_F(FlowApplicationsTest, CountsStringsThatAreCut) {
  Flow flow(applications_, kHttps);
  flow.show(tls_records(client_hello(usual_hello(std::string(300, 'n')))).span());
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), std::string(255, 'n'));
  EXPECT_EQ(applications_.counters().strings_cut.value(), 1);
}

constexpr FlowTransport kQuic{17, 50'000, 443};

TEST_F(FlowApplicationsTest, TellsTheClientHelloOfQuic) {
  const Bytes hello = testing::hello_message(usual_hello());
  const QuicConnection connection = testing::quic_connection(1);
  Flow whole(applications_, kQuic);
  whole.show(testing::quic_initial(connection, testing::crypto_frame(hello.span(), 0, hello.size())).span());
  EXPECT_EQ(whole.text(ApplicationString::kTlsSni), "www.example.com");
  EXPECT_EQ(whole.text(ApplicationString::kTlsJa4).substr(0, 10), "q13d0304h2");
  EXPECT_TRUE(whole.done());

  for (std::size_t at = 1; at < hello.size(); at += 7) {
    Flow flow(applications_, kQuic);
    flow.show(testing::quic_initial(connection, testing::crypto_frame(hello.span(), at, hello.size() - at), 1)
                  .span());
    flow.show("an answer", 0, false);
    flow.show("no QUIC");
    flow.show(testing::quic_initial(connection, testing::crypto_frame(hello.span(), 0, at)).span());
    ASSERT_EQ(flow.text(ApplicationString::kTlsJa4), whole.text(ApplicationString::kTlsJa4)) << at;
    flow.end();
  }
}

TEST_F(FlowApplicationsTest, ConcludesWithTheServerNameOfAnUnfinishedQuicHello) {
  const Bytes hello = testing::hello_message(usual_hello());
  Flow flow(applications_, kQuic);
  flow.show(
      testing::quic_initial(testing::quic_connection(1), testing::crypto_frame(hello.span(), 0, 120)).span());
  EXPECT_TRUE(flow.wants(true));
  flow.conclude();
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), "www.example.com");
  EXPECT_EQ(flow.text(ApplicationString::kTlsJa4), "");
}

// Flows of all kinds that begin, go on and end in any order leave nothing behind.
TEST_F(FlowApplicationsTest, LeavesNothingBehind) {
  const std::vector<Split> messages = split_messages();
  struct Live {
    Flow flow;
    const Split* split;
    std::size_t at = 0;
  };
  std::vector<Live> live;
  std::mt19937 random(11);
  for (int step = 0; step < 50'000; ++step) {
    if (live.size() < 40 && random() % 3 == 0) {
      const Split& split = messages[random() % messages.size()];
      live.push_back({Flow(applications_, split.transport), &split});
    }
    if (live.empty()) continue;
    Live& chosen = live[random() % live.size()];
    const std::size_t left = chosen.split->stream.size() - chosen.at;
    if (left > 0 && random() % 8 != 0) {
      const std::size_t size = 1 + random() % left;
      const std::size_t captured = random() % 50 == 0 ? size / 2 : size;
      chosen.flow.show(chosen.split->stream.span().subspan(chosen.at, size), chosen.at, random() % 20 != 0,
                       captured);
      chosen.at += size;
    } else {
      if (random() % 2 == 0) chosen.flow.conclude();
      chosen.flow.end();
      std::swap(chosen, live.back());
      live.pop_back();
    }
  }
  for (Live& last : live) last.flow.end();
  EXPECT_EQ(applications_.used_string_bytes(), 0);
  EXPECT_GT(found(applications_, MessageKind::kClientHello), 100);
  std::vector<Flow> flows(kLimits.readings, Flow(applications_, kHttp));
  const std::uint64_t refused = gave_up(applications_, GiveUp::kNoReading);
  for (Flow& flow : flows) flow.show("GET /");
  EXPECT_EQ(gave_up(applications_, GiveUp::kNoReading), refused);
}

class FlowApplicationsWithClassifier : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Classifier::available()) GTEST_SKIP() << "this build has no nDPI (Debian: libndpi-dev)";
  }
  FlowApplications applications_{{1 << 20, 64, 8, 2}};
};

TEST_F(FlowApplicationsWithClassifier, NamesTheApplicationBesideTheOtherFields) {
  Flow flow(applications_, kHttps);
  const Bytes stream = tls_records(client_hello(usual_hello("www.google.com")));
  flow.show(stream.first(60));
  flow.show(stream.span().subspan(60), 60);
  flow.conclude();
  EXPECT_EQ(flow.text(ApplicationString::kApplication), "TLS.Google");
  EXPECT_EQ(flow.text(ApplicationString::kTlsSni), "www.google.com");
  EXPECT_EQ(applications_.counters().classifications.value(), 1);
  flow.end();
  EXPECT_EQ(applications_.used_string_bytes(), 0);
}

TEST_F(FlowApplicationsWithClassifier, ReadsFlowsThatItHasNoRoomFor) {
  std::vector<Flow> flows(4, Flow(applications_, kHttp));
  for (Flow& flow : flows) flow.show("GET / HT");
  for (Flow& flow : flows) flow.show("TP/1.1\r\nHost: a\r\n\r\n", 8);
  EXPECT_EQ(applications_.counters().classifications_refused.value(), 2);
  for (Flow& flow : flows) {
    EXPECT_EQ(flow.text(ApplicationString::kHttpHost), "a");
    flow.end();
  }
  EXPECT_EQ(applications_.used_string_bytes(), 0);
  Flow again(applications_, kHttp);
  again.show("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(applications_.counters().classifications_refused.value(), 2);
}

TEST_F(FlowApplicationsWithClassifier, AsksForNoMorePacketsThanItLooksAt) {
  Flow flow(applications_, kHttps);
  for (int i = 0; i < 100; ++i) flow.show(std::string(50, '\x7f'), static_cast<std::size_t>(50 * i));
  EXPECT_EQ(flow.shown(), Classifier::kMaxPackets);
  EXPECT_EQ(flow.text(ApplicationString::kApplication), "");
}

TEST(FlowApplicationsLimits, StateTheirMemory) {
  const ApplicationLimits limits = ApplicationLimits::for_flows(1'000'000);
  EXPECT_EQ(limits.string_bytes, 64'000'000);
  EXPECT_LT(FlowApplications::memory_bytes(limits), 90'000'000);
  EXPECT_GE(FlowApplications::memory_bytes(limits), limits.string_bytes);
}

}  // namespace
}  // namespace wireglass
