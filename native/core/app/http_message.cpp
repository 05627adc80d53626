#include "app/http_message.hpp"

#include <algorithm>
#include <array>

namespace wireglass {
namespace {

// IANA's method registry, and those of UPnP (SSDP, GENA), Subversion, Exchange, RPC over HTTP and SCCM.
constexpr std::array<std::string_view, 52> kMethods = {"GET",
                                                       "POST",
                                                       "HEAD",
                                                       "PUT",
                                                       "OPTIONS",
                                                       "CONNECT",
                                                       "DELETE",
                                                       "PATCH",
                                                       "TRACE",
                                                       "PROPFIND",
                                                       "PROPPATCH",
                                                       "MKCOL",
                                                       "COPY",
                                                       "MOVE",
                                                       "LOCK",
                                                       "UNLOCK",
                                                       "REPORT",
                                                       "SEARCH",
                                                       "QUERY",
                                                       "NOTIFY",
                                                       "SUBSCRIBE",
                                                       "UNSUBSCRIBE",
                                                       "M-SEARCH",
                                                       "ACL",
                                                       "BASELINE-CONTROL",
                                                       "BIND",
                                                       "CHECKIN",
                                                       "CHECKOUT",
                                                       "LABEL",
                                                       "LINK",
                                                       "MERGE",
                                                       "MKACTIVITY",
                                                       "MKCALENDAR",
                                                       "MKREDIRECTREF",
                                                       "MKWORKSPACE",
                                                       "ORDERPATCH",
                                                       "REBIND",
                                                       "UNBIND",
                                                       "UNCHECKOUT",
                                                       "UNLINK",
                                                       "UPDATE",
                                                       "VERSION-CONTROL",
                                                       "BCOPY",
                                                       "BDELETE",
                                                       "BMOVE",
                                                       "BPROPFIND",
                                                       "BPROPPATCH",
                                                       "POLL",
                                                       "RPC_CONNECT",
                                                       "RPC_IN_DATA",
                                                       "RPC_OUT_DATA",
                                                       "CCM_POST"};
constexpr std::size_t kMaxMethodBytes = 32;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

bool is_registered(std::string_view method) {
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

bool begins_a_method(std::string_view text) {
  return std::any_of(kMethods.begin(), kMethods.end(),
                     [text](std::string_view method) { return method.starts_with(text); });
}

bool is_method_character(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
         character == '-' || character == '_';
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

/// The line at the beginning of `text` without its end; `text` moves behind it. False when it has no end yet.
bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  text.remove_prefix(end + 1);
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

/// RFC 3986 section 3.2, without user information.
std::string_view authority_of(std::string_view method, std::string_view target) {
  if (method != "CONNECT") {
    const std::size_t scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos ||
        target.substr(0, scheme_end).find_first_of("/?#") != std::string_view::npos)
      return {};
    target.remove_prefix(scheme_end + 3);
  }
  target = target.substr(0, target.find_first_of("/?#"));
  const std::size_t user_end = target.rfind('@');
  return user_end == std::string_view::npos ? target : target.substr(user_end + 1);
}

/// What stands behind the method: target and version. False for a version of another protocol.
bool split_target(std::string_view rest, std::string_view& target, bool& has_version) {
  rest = trim(rest);
  const std::size_t last_space = rest.find_last_of(" \t");
  const std::string_view last = last_space == std::string_view::npos ? rest : rest.substr(last_space + 1);
  has_version = last.starts_with("HTTP/1.");
  target = has_version ? trim(rest.substr(0, rest.size() - last.size())) : rest;
  return has_version || last_space == std::string_view::npos;
}

/// Reads the request line. kNeedMore with the method set when that much is sure.
ParseStatus read_request_line(std::string_view& text, HttpRequest& request, std::string_view& target) {
  const auto method_end = static_cast<std::size_t>(
      std::find_if_not(text.begin(), text.end(), is_method_character) - text.begin());
  if (method_end > kMaxMethodBytes) return ParseStatus::kNotThis;
  if (method_end == text.size())
    return begins_a_method(text) ? ParseStatus::kNeedMore : ParseStatus::kNotThis;
  const std::string_view method = text.substr(0, method_end);
  if (text[method_end] != ' ' || !is_registered(method)) return ParseStatus::kNotThis;

  std::string_view line;
  if (!take_line(text, line)) {
    request.method = method;
    return ParseStatus::kNeedMore;
  }
  bool has_version = false;
  if (!split_target(line.substr(method_end), target, has_version)) return ParseStatus::kNotThis;
  const bool is_http09 = target.starts_with('/') || target.starts_with("http://");
  if (!has_version && !is_http09) return ParseStatus::kNotThis;
  request.method = method;
  return ParseStatus::kFound;
}

}  // namespace

ParseStatus read_http_request(std::span<const std::byte> stream, HttpRequest& request) {
  request = HttpRequest();
  std::string_view text = text_of(stream.first(std::min(stream.size(), kMaxHttpHeadBytes)));
  while (text.starts_with("\r\n")) text.remove_prefix(2);
  if (text.empty() || text == "\r") return ParseStatus::kNeedMore;
  std::string_view target;
  const ParseStatus status = read_request_line(text, request, target);
  const bool at_limit = stream.size() >= kMaxHttpHeadBytes;
  if (status == ParseStatus::kNeedMore && at_limit && !request.method.empty()) return ParseStatus::kFound;
  if (status != ParseStatus::kFound) return status;
  request.host = bytes_of(authority_of(request.method, target));

  std::string_view line;
  while (take_line(text, line)) {
    if (line.empty()) return ParseStatus::kFound;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), "host")) continue;
    request.host = bytes_of(trim(line.substr(colon + 1)));
    return ParseStatus::kFound;
  }
  return at_limit ? ParseStatus::kFound : ParseStatus::kNeedMore;
}

ParseStatus read_http_status(std::span<const std::byte> stream, std::uint16_t& status) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kCodeAt = kVersion.size() + 2;  // behind a digit and a space
  constexpr std::size_t kCodeEnd = kCodeAt + 3;
  status = 0;
  const std::string_view text = text_of(stream.first(std::min(stream.size(), kCodeEnd + 1)));
  if (text.substr(0, kVersion.size()) != kVersion.substr(0, text.size())) return ParseStatus::kNotThis;
  for (std::size_t at = kVersion.size(); at < text.size(); ++at) {
    const bool is_digit = text[at] >= '0' && text[at] <= '9';
    if (at == kCodeAt - 1 ? text[at] != ' ' : at < kCodeEnd ? !is_digit : is_digit)
      return ParseStatus::kNotThis;
  }
  if (text.size() <= kCodeEnd) return ParseStatus::kNeedMore;
  for (std::size_t at = kCodeAt; at < kCodeEnd; ++at) {
    status = static_cast<std::uint16_t>(status * 10 + (text[at] - '0'));
  }
  return ParseStatus::kFound;
}

}  // namespace wireglass
