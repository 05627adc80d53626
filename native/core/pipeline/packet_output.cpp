#include "pipeline/packet_output.hpp"

#include <map>
#include <tuple>

#include "pcapng/pcapng_format.hpp"
#include "pipeline/packet_lines.hpp"
#include "pipeline/packet_summary.hpp"

namespace wireglass {
namespace {

class PcapOutput final : public PacketOutput {
 public:
  explicit PcapOutput(PcapWriter::Resolution resolution) : resolution_(resolution) {}

  Result<void> packet(Buffer& out, const ScannedPacket& packet, const DecodedPacket& /*decoded*/) override {
    const LinkType link_type = packet.view.link_type;
    begin(out, link_type);
    if (link_type != *link_type_) return several_link_types(*link_type_, link_type);
    PcapWriter::packet(out, packet.view, resolution_);
    return {};
  }
  void end(Buffer& out, TimeNs /*now*/) override { begin(out, LinkType::kEthernet); }

 private:
  void begin(Buffer& out, LinkType link_type) {
    if (link_type_) return;
    link_type_ = link_type;
    PcapWriter::file_header(out, link_type, PcapWriter::kMaxPacketBytes, resolution_);
  }

  const PcapWriter::Resolution resolution_;
  std::optional<LinkType> link_type_;
};

/// Whether the bytes are options up to their end, and nothing behind it (section 3.5).
bool are_whole_options(std::span<const std::byte> options) {
  while (options.size() >= 4) {
    const auto code = load_little_endian<std::uint16_t>(options.data());
    const auto length = load_little_endian<std::uint16_t>(options.data() + 2);
    const std::size_t whole = 4 + std::size_t{PcapngFormat::padded(length)};
    if (code == PcapngFormat::kOptionEnd) return length == 0 && options.size() == 4;
    if (whole > options.size()) return false;
    options = options.subspan(whole);
  }
  return options.empty();
}

class PcapngOutput final : public PacketOutput {
 public:
  Result<void> packet(Buffer& out, const ScannedPacket& packet, const DecodedPacket& /*decoded*/) override {
    begin(out);
    const std::uint32_t interface = number_of(out, packet);
    ++packets_[interface];
    const bool whole = are_whole_options(packet.options);
    PcapngWriter::enhanced_packet(out, interface, packet.view,
                                  whole ? packet.options : std::span<const std::byte>{});
    return {};
  }

  void end(Buffer& out, TimeNs now) override {
    begin(out);
    for (std::uint32_t interface = 0; interface < packets_.size(); ++interface)
      PcapngWriter::filter_statistics(out, interface, now, packets_[interface]);
  }

 private:
  using Identity = std::tuple<std::string, LinkType, std::uint32_t>;

  void begin(Buffer& out) {
    if (!begun_) PcapngWriter::section_header(out, "Wireglass");
    begun_ = true;
  }

  /// Interfaces of different segments or files that are alike are one.
  std::uint32_t number_of(Buffer& out, const ScannedPacket& packet) {
    const InterfaceInfo& interface = packet.interface;
    const LinkType link_type = packet.view.link_type;
    if (last_ != interfaces_.end() && std::get<0>(last_->first) == interface.name &&
        std::get<1>(last_->first) == link_type && std::get<2>(last_->first) == interface.snaplen)
      return last_->second;
    const auto next = static_cast<std::uint32_t>(packets_.size());
    const auto [place, is_new] =
        interfaces_.try_emplace(Identity{interface.name, link_type, interface.snaplen}, next);
    last_ = place;
    if (is_new) {
      packets_.push_back(0);
      PcapngWriter::interface_description(out, {interface.name, link_type, interface.snaplen});
    }
    return place->second;
  }

  bool begun_ = false;
  std::map<Identity, std::uint32_t> interfaces_;
  std::map<Identity, std::uint32_t>::iterator last_ = interfaces_.end();
  std::vector<std::uint64_t> packets_;
};

class LineOutput final : public PacketOutput {
 public:
  explicit LineOutput(bool csv) : csv_(csv) {}

  bool needs_decoding() const override { return true; }
  Result<void> packet(Buffer& out, const ScannedPacket& packet, const DecodedPacket& decoded) override {
    begin(out);
    append_packet_line(out, csv_, packet, summarize_packet(packet.view, decoded));
    return {};
  }
  void end(Buffer& out, TimeNs /*now*/) override { begin(out); }

 private:
  void begin(Buffer& out) {
    if (csv_ && !begun_) append_packet_names(out);
    begun_ = true;
  }

  const bool csv_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<PacketOutput> make_packet_output(ExportFormat format) {
  switch (format) {
    case ExportFormat::kPcap:
      return std::make_unique<PcapOutput>(PcapWriter::Resolution::kMicroseconds);
    case ExportFormat::kPcapNanoseconds:
      return std::make_unique<PcapOutput>(PcapWriter::Resolution::kNanoseconds);
    case ExportFormat::kPcapng:
      return std::make_unique<PcapngOutput>();
    case ExportFormat::kJson:
    case ExportFormat::kCsv:
      break;
  }
  return std::make_unique<LineOutput>(format == ExportFormat::kCsv);
}

}  // namespace wireglass
