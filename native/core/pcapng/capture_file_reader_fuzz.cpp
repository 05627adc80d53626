#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "pcapng/capture_file_reader.hpp"

namespace {

using wireglass::ByteSource;
using wireglass::CaptureFileReader;
using wireglass::PacketView;
using wireglass::Result;
using Status = CaptureFileReader::Status;

/// Gives the input in pieces, so that records and blocks lie over the window's edges.
class PiecewiseSource final : public ByteSource {
 public:
  PiecewiseSource(std::span<const std::byte> bytes, std::size_t piece_bytes)
      : bytes_(bytes), piece_bytes_(piece_bytes) {}
  Result<std::size_t> read(std::byte* into, std::size_t size) override {
    const std::size_t count = std::min({size, piece_bytes_, bytes_.size()});
    std::copy_n(bytes_.data(), count, into);
    bytes_ = bytes_.subspan(count);
    return count;
  }
  double progress() const override { return -1; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t piece_bytes_;
};

void require(bool invariant) {
  if (!invariant) std::abort();
}

std::uint64_t read_all(std::span<const std::byte> bytes, std::size_t piece_bytes, std::size_t window_bytes) {
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(bytes, piece_bytes), "fuzz", window_bytes);
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
