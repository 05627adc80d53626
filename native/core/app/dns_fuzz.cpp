#include <cstdlib>
#include <span>

#include "app/dns_message.hpp"

using namespace wireglass;

// The first byte chooses between a datagram and a stream; a name that is found in the bytes must be found in
// more of them, too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  const bool over_tcp = (data[0] & 1) != 0;
  const auto read = [over_tcp](std::span<const std::byte> message, FieldText& name) {
    return over_tcp ? read_dns_question_over_tcp(message, name) : read_dns_question(message, name);
  };
  FieldText whole;
  const ParseStatus status = read(bytes, whole);
  if ((status == ParseStatus::kFound) == whole.empty()) std::abort();
  FieldText part;
  const ParseStatus half = read(bytes.first(bytes.size() / 2), part);
  if (half == ParseStatus::kFound && (status != half || part.view() != whole.view())) std::abort();
  if (half == ParseStatus::kNotThis && !over_tcp && status != half) std::abort();
  return 0;
}
