#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "app/client_hello.hpp"

namespace wireglass {

/// The JA4 fingerprint of a ClientHello, by FoxIO's published description of the format
/// ("t13d1516h2_8daaf6152771_e5627efa2ab1").
class Ja4 {
 public:
  /// More cipher suites or extensions than this have no fingerprint: no client sends as many, and sorting
  /// them would cost more than a flow is worth.
  static constexpr std::size_t kMaxValues = 512;
  static constexpr std::size_t kBytes = 36;

  /// For a whole ClientHello.
  Ja4(const ClientHello& hello, TlsTransport transport);

  /// Empty when the ClientHello has none.
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kBytes> text_;
  std::size_t size_ = 0;
};

}  // namespace wireglass
