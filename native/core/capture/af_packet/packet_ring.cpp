#include "capture/af_packet/packet_ring.hpp"

#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace wireglass {

namespace {
constexpr std::uint32_t kFrameBytes =
    2048;  // a unit of accounting only: TPACKET_V3 packs frames of any length
constexpr std::uint32_t kMinBlocks = 2;
}  // namespace

PacketRing::~PacketRing() {
  if (memory_ != nullptr) munmap(memory_, size_bytes_);
}

Result<void> PacketRing::map(int socket, std::uint32_t buffer_size_mb) {
  const int version = TPACKET_V3;
  if (setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0) {
    return Error{"capture_failed", std::string("the kernel refuses TPACKET_V3: ") + std::strerror(errno)};
  }
  // Room in front of each frame, where a stripped VLAN tag goes back in.
  const unsigned reserve_bytes = 4;
  setsockopt(socket, SOL_PACKET, PACKET_RESERVE, &reserve_bytes, sizeof(reserve_bytes));

  tpacket_req3 request{};
  request.tp_block_size = kBlockBytes;
  request.tp_block_nr = std::max(buffer_size_mb, kMinBlocks);
  request.tp_frame_size = kFrameBytes;
  request.tp_frame_nr = kBlockBytes / kFrameBytes * request.tp_block_nr;
  request.tp_retire_blk_tov = kBlockRetireTimeoutMs;
  if (setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) != 0) {
    const std::string size = std::to_string(request.tp_block_nr) + " MiB";
    return Error{errno == ENOMEM ? "out_of_memory" : "capture_failed",
                 "the kernel refuses a ring of " + size + ": " + std::strerror(errno) +
                     ". Try a smaller buffer_size_mb."};
  }
  size_bytes_ = static_cast<std::size_t>(kBlockBytes) * request.tp_block_nr;
  void* memory = mmap(nullptr, size_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, socket, 0);
  if (memory == MAP_FAILED) {
    return Error{"out_of_memory", std::string("mapping the ring: ") + std::strerror(errno)};
  }
  memory_ = static_cast<std::byte*>(memory);
  blocks_ = std::vector<RingBlock>(request.tp_block_nr);
  for (std::size_t index = 0; index < blocks_.size(); ++index) {
    blocks_[index].set(reinterpret_cast<tpacket_block_desc*>(memory_ + index * kBlockBytes));
  }
  return {};
}

bool RingBlock::is_ready() const {
  if (is_lent()) return false;
  return (__atomic_load_n(&descriptor_->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

void RingBlock::lend() {
  lent_.store(true, std::memory_order_relaxed);
  holders_.store(1, std::memory_order_relaxed);
}

void RingBlock::release() {
  if (holders_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  __atomic_store_n(&descriptor_->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  lent_.store(false, std::memory_order_release);
}

RingBlock* PacketRing::ready_block() {
  if (blocks_.empty() || !blocks_[block_index_].is_ready()) return nullptr;
  return &blocks_[block_index_];
}

void PacketRing::lend_block() {
  blocks_[block_index_].lend();
  block_index_ = block_index_ + 1 == blocks_.size() ? 0 : block_index_ + 1;
}

bool PacketRing::previous_is_lent() const {
  if (blocks_.empty()) return false;
  return blocks_[block_index_ == 0 ? blocks_.size() - 1 : block_index_ - 1].is_lent();
}

}  // namespace wireglass
