#pragma once

#include "pcapng/pcapng_writer.hpp"
#include "pipeline/packet_summary.hpp"
#include "segment/packet_scan.hpp"

namespace wireglass {

/// A packet as a line of text: a JSON object with the names and values of a row of recorded packets, or the
/// same values as CSV (RFC 4180, but lines end with \n). What a packet does not have is null, or empty.
void append_packet_line(PcapngWriter::Buffer& out, bool csv, const ScannedPacket& packet,
                        const PacketSummary& summary);
/// The line of names in front of CSV.
void append_packet_names(PcapngWriter::Buffer& out);

}  // namespace wireglass
