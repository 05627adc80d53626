#include "app/http_message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "app/testing/messages.hpp"

namespace wireglass {
namespace {

using namespace std::string_view_literals;

std::string request_of(std::string_view stream) {
  HttpRequest request;
  const ParseStatus status = read_http_request(std::as_bytes(std::span(stream)), request);
  if (status == ParseStatus::kNotThis) return "(none)";
  return std::string(request.method) + " " + testing::text_of(request.host) +
         (status == ParseStatus::kNeedMore ? " (more)" : "");
}

struct Case {
  std::string_view stream;
  std::string_view found;
};

TEST(HttpRequest, TellsMethodAndHost) {
  constexpr Case kCases[] = {
      {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET a.example"},
      {"GET / HTTP/1.1\r\nAccept: */*\r\nhOsT:b.example:81\r\n", "GET b.example:81"},
      {"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", "M-SEARCH 239.255.255.250:1900"},
      {"CONNECT c.example:443 HTTP/1.1\r\n\r\n", "CONNECT c.example:443"},
      {"GET http://d.example:8080/x?y HTTP/1.0\r\n\r\n", "GET d.example:8080"},
      {"GET http://user:pw@e.example HTTP/1.0\r\n\r\n", "GET e.example"},
      {"GET http://d.example/ HTTP/1.1\r\nHost: f.example\r\n\r\n", "GET f.example"},
      {"POST /?u=http://x/ HTTP/1.1\r\n\r\n", "POST "},
      {"OPTIONS * HTTP/1.0\r\n\r\n", "OPTIONS "},
      {"GET /\r\n\r\n", "GET "},
      {"\r\nGET / HTTP/1.1\r\nHost: g\r\n\r\n", "GET g"},
      {"GET / HTTP/1.1\nHost: lf.example\n\n", "GET lf.example"},
  };
  for (const Case& c : kCases) EXPECT_EQ(request_of(c.stream), c.found) << c.stream;
}

TEST(HttpRequest, ReadsOddLinesAsWiresharkDoes) {
  constexpr Case kCases[] = {
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET "},
      {"GET / HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n", "GET one"},
      {"GET / HTTP/1.1\r\nA: b\r\n Host: folded\r\nHost: real\r\n\r\n", "GET real"},
      {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "GET a"},
      {"GET / HTTP/1.1\r\nHost:\t tab \t\r\n\r\n", "GET tab"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET "},
      {"GET HTTP/1.1\r\nHost: no.target\r\n\r\n", "GET no.target"},
      {"CCM_POST / HTTP/1.1\r\nHost: x\r\n\r\n", "CCM_POST x"},
      {"GET  /  HTTP/1.1\r\nHost: spaces\r\n\r\n", "GET spaces"},
      {"GET / HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n", "GET x"},
  };
  for (const Case& c : kCases) EXPECT_EQ(request_of(c.stream), c.found) << c.stream;
}

TEST(HttpRequest, IsNotMadeOfOtherProtocols) {
  constexpr std::string_view kOthers[] = {
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "get / HTTP/1.1\r\n\r\n",
      "FOO / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET\t/ HTTP/1.1\r\n\r\n",
      "GETX / HTTP/1.1\r\n\r\n",
      "OPTIONS sip:a@b SIP/2.0\r\n\r\n",
      "OPTIONS rtsp://a/b RTSP/1.0\r\n\r\n",
      "GET key\r\n",
      "GET \r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      " GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01",
      "GET / HTTP/2.0\r\n\r\n",
  };
  for (const std::string_view other : kOthers) EXPECT_EQ(request_of(other), "(none)") << other;
}

TEST(HttpRequest, NeedsMoreUntilTheHostOrTheEndOfTheHead) {
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nAccept: */*\r\nHost: a.example\r\n";
  for (std::size_t size = 0; size < kRequest.size(); ++size) {
    const std::string cut = request_of(kRequest.substr(0, size));
    EXPECT_TRUE(cut.ends_with("(more)")) << size << cut;
    EXPECT_EQ(cut.starts_with("GET"), size >= 4) << cut;
  }
  EXPECT_EQ(request_of(kRequest), "GET a.example");
}

TEST(HttpRequest, IsReadToItsLimit) {
  const std::string filler = "GET / HTTP/1.1\r\nX: " + std::string(kMaxHttpHeadBytes, 'x');
  EXPECT_EQ(request_of(filler), "GET ");
  EXPECT_EQ(request_of("GET http://a.example/ HTTP/1.1\r\nX: " + std::string(kMaxHttpHeadBytes, 'x')),
            "GET a.example");
  EXPECT_EQ(request_of("GET /" + std::string(kMaxHttpHeadBytes, 'x')), "GET ");
  EXPECT_EQ(request_of(filler.substr(0, kMaxHttpHeadBytes - 1)), "GET  (more)");
  EXPECT_EQ(request_of(filler + "\r\nHost: late\r\n\r\n"), "GET ");
}

struct StatusCase {
  std::string_view stream;
  ParseStatus status;
  std::uint16_t code;
};

TEST(HttpStatus, StandsBehindTheVersion) {
  constexpr StatusCase kCases[] = {
      {"HTTP/1.1 200 OK\r\n", ParseStatus::kFound, 200},
      {"HTTP/1.0 404\r\n", ParseStatus::kFound, 404},
      {"HTTP/1.1 101 Switching Protocols\r\n", ParseStatus::kFound, 101},
      {"HTTP/1.1 999\n", ParseStatus::kFound, 999},
      {"HTTP/1.1 2000\r\n", ParseStatus::kNotThis, 0},
      {"HTTP/1.1 20 OK\r\n", ParseStatus::kNotThis, 0},
      {"HTTP/1.1  200 OK\r\n", ParseStatus::kNotThis, 0},
      {"HTTP/2 200\r\n", ParseStatus::kNotThis, 0},
      {"HTTP/1.x 200\r\n", ParseStatus::kNotThis, 0},
      {"ICY 200 OK\r\n", ParseStatus::kNotThis, 0},
  };
  for (const StatusCase& c : kCases) {
    std::uint16_t code = 1;
    EXPECT_EQ(read_http_status(std::as_bytes(std::span(c.stream)), code), c.status) << c.stream;
    EXPECT_EQ(code, c.code) << c.stream;
  }
}

TEST(HttpStatus, CutAnywhereNeedsMore) {
  constexpr std::string_view kStatusLine = "HTTP/1.1 200 ";
  for (std::size_t size = 0; size < kStatusLine.size(); ++size) {
    std::uint16_t code = 0;
    EXPECT_EQ(read_http_status(std::as_bytes(std::span(kStatusLine.substr(0, size))), code),
              ParseStatus::kNeedMore);
  }
}

}  // namespace
}  // namespace wireglass
