#pragma once

#include <cstddef>
#include <span>

#include "app/field_text.hpp"
#include "app/parse_status.hpp"

namespace wireglass {

/// The name of a message's first question (RFC 1035 section 4.1.2), as text with dots between the labels;
/// "<Root>" for the root. kNotThis for a message without a question, a name over 255 octets, a reserved label
/// type, or a compression pointer that does not go back. A message that ends behind the first question is
/// enough.
ParseStatus read_dns_question(std::span<const std::byte> message, FieldText& name);

/// The same behind the length prefix of DNS over TCP (RFC 1035 section 4.2.2).
ParseStatus read_dns_question_over_tcp(std::span<const std::byte> stream, FieldText& name);

}  // namespace wireglass
