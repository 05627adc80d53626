#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "app/quic_keys.hpp"
#include "app/testing/messages.hpp"

namespace wireglass::testing {

inline QuicConnection quic_connection(std::uint32_t version,
                                      std::string_view id = "\x83\x94\xc8\xf0\x3e\x51\x57\x08") {
  QuicConnection connection;
  connection.version = version;
  connection.id_bytes = static_cast<std::uint8_t>(id.size());
  for (std::size_t i = 0; i < id.size(); ++i) connection.id[i] = static_cast<std::byte>(id[i]);
  return connection;
}

inline Bytes varint2(std::size_t value) { return Bytes().u16(static_cast<unsigned>(0x4000 | value)); }

inline Bytes crypto_frame(std::span<const std::byte> stream, std::size_t offset, std::size_t size) {
  return Bytes()
      .u8(6)
      .add(varint2(offset).span())
      .add(varint2(size).span())
      .add(stream.subspan(offset, size));
}

/// A client's Initial packet with a packet number of two bytes and no valid tag. `shown_id` stands in the
/// header where that is another than the keys' one.
inline Bytes quic_initial(const QuicConnection& connection, const Bytes& frames, unsigned number = 0,
                          const QuicConnection* shown_id = nullptr, unsigned reserved_bits = 0) {
  const QuicKeys keys = *QuicKeys::derive(connection);
  const QuicConnection& shown = shown_id != nullptr ? *shown_id : connection;
  Bytes packet;
  packet.u8(0xc1U | static_cast<unsigned>(quic_initial_type(connection.version) << 4) | reserved_bits);
  packet.u16(connection.version >> 16).u16(connection.version & 0xffff);
  packet.u8(shown.id_bytes).add(std::span<const std::byte>(shown.id).first(shown.id_bytes));
  packet.u8(4).add("peer").u8(0);  // source connection id, no token
  packet.add(varint2(2 + frames.size() + 16).span());
  const std::size_t number_at = packet.size();
  packet.u16(number);
  std::array<std::byte, 12> nonce = keys.iv;
  nonce[10] ^= static_cast<std::byte>(number >> 8);
  nonce[11] ^= static_cast<std::byte>(number);
  std::vector<std::byte> encrypted(frames.size());
  keys.payload.apply_gcm_keystream(nonce, frames.span(), encrypted);
  packet.add(encrypted).add(std::string(16, 't'));
  Aes128::Block sample;
  std::copy_n(packet.span().begin() + static_cast<long>(number_at) + 4, sample.size(), sample.begin());
  const Aes128::Block mask = keys.header.encrypt(sample);
  packet[0] ^= mask[0] & std::byte{0x0f};
  packet[number_at] ^= mask[1];
  packet[number_at + 1] ^= mask[2];
  return packet;
}

/// A ClientHello as CRYPTO frames carry it.
inline Bytes hello_message(const HelloParts& parts) { return Bytes().u8(1).vector24(client_hello(parts)); }

}  // namespace wireglass::testing
