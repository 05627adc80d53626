#include <cstdlib>
#include <span>

#include "app/field_text.hpp"
#include "app/http_message.hpp"

using namespace wireglass;

// What is found in a stream's beginning is found in more of it, too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto half = bytes.first(bytes.size() / 2);

  HttpRequest request;
  const ParseStatus status = read_http_request(bytes, request);
  if (status == ParseStatus::kFound && request.method.empty()) std::abort();
  FieldText host;
  host.append_escaped(request.host);
  HttpRequest request_half;
  const ParseStatus status_half = read_http_request(half, request_half);
  if (status_half == ParseStatus::kFound) {
    FieldText host_half;
    host_half.append_escaped(request_half.host);
    if (status != status_half || request.method != request_half.method || host.view() != host_half.view())
      std::abort();
  }
  if (status_half == ParseStatus::kNotThis && status != status_half) std::abort();

  std::uint16_t code = 0;
  std::uint16_t code_half = 0;
  const ParseStatus response = read_http_status(bytes, code);
  const ParseStatus response_half = read_http_status(half, code_half);
  if (response_half != ParseStatus::kNeedMore && (response != response_half || code != code_half))
    std::abort();
  if (code > 999) std::abort();
  return 0;
}
