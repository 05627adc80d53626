#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "app/assembly.hpp"
#include "app/parse_status.hpp"

namespace wireglass {

/// What the keys of a connection's Initial packets come from.
struct QuicConnection {
  static constexpr std::size_t kMaxIdBytes = 20;  // RFC 9000 section 17.2

  std::uint32_t version = 0;  ///< 0: none known
  std::uint8_t id_bytes = 0;
  std::array<std::byte, kMaxIdBytes> id{};  ///< the destination connection id of the client's first packet
};

/// Whether a datagram begins like an Initial packet of QUIC 1 or 2 (RFC 9000, 9369) or one of version 1's
/// last drafts.
bool may_be_quic_initial(std::span<const std::byte> datagram);

/// Opens the client's Initial packets in a datagram (RFC 9001 section 5) and puts their CRYPTO data into
/// `buffer`. `connection` is set by the first packet that opens. The authentication tag is not checked, so
/// that a packet that was cut short by the snaplen opens, too; instead the reserved bits must be 0 and all
/// that is decrypted must be frames that an Initial packet may have, which is nothing that another key, or no
/// QUIC at all, comes to. kFound when one packet opened.
ParseStatus read_quic_initials(std::span<const std::byte> datagram, QuicConnection& connection,
                               Assembly& assembly, std::span<std::byte> buffer);

}  // namespace wireglass
