#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "pcapng/capture_bytes.hpp"
#include "pcapng/capture_file_reader.hpp"

namespace {

using wireglass::CaptureFileReader;
using wireglass::PacketView;
using wireglass::PiecewiseSource;
using Status = CaptureFileReader::Status;

void require(bool invariant) {
  if (!invariant) std::abort();
}

std::uint64_t read_all(std::span<const std::byte> bytes, std::size_t piece_bytes, std::size_t window_bytes) {
  const std::vector<std::byte> copy(bytes.begin(), bytes.end());
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(copy, piece_bytes), "fuzz", window_bytes);
  if (!reader.open().ok()) return 0;
  std::uint64_t digest = 1;
  for (;;) {
    PacketView packet;
    const Status status = reader.next(packet);
    if (status == Status::kNeedsRefill) {
      require(reader.refill().ok());
      continue;
    }
    if (status != Status::kPacket) {
      require(reader.next(packet) == status);
      require((status == Status::kDamaged) == !reader.failure().message.empty());
      return digest * 31 + static_cast<std::uint64_t>(status);
    }
    require(packet.captured_length <= bytes.size());
    require(packet.interface_id < reader.interfaces().size());
    require(reader.interfaces()[packet.interface_id].link_type == packet.link_type);
    digest = digest * 31 + packet.captured_length + static_cast<std::uint64_t>(packet.timestamp_ns);
    for (const std::byte byte : packet.bytes()) digest = digest * 31 + static_cast<std::uint64_t>(byte);
  }
}

}  // namespace

// The same packets come out however the input is cut into reads and however small the window starts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const std::uint64_t whole = read_all(bytes, size + 1, size + 1);
  const std::uint64_t pieces = read_all(bytes, 7, 1);
  require(whole == pieces);
  return 0;
}
