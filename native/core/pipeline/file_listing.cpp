#include "pipeline/file_listing.hpp"

#include <memory>

#include "capture/file/file_backend.hpp"

namespace wireglass {

Result<std::vector<PacketSummary>> list_file(const std::string& path, const DecoderConfig& config,
                                             std::size_t limit) {
  const std::unique_ptr<CaptureBackend> file = make_file_backend({path});
  if (const Result<void> opened = file->open(); !opened.ok()) return opened.error();
  const Decoder decoder(config);
  std::vector<PacketSummary> summaries;
  PacketBatch batch;
  while (summaries.size() < limit && file->read(batch, 0) == ReadStatus::kPackets) {
    for (const PacketView& packet : batch.packets()) {
      if (summaries.size() == limit) break;
      summaries.push_back(summarize_packet(decoder, packet));
    }
    batch.release();
  }
  return summaries;
}

}  // namespace wireglass
