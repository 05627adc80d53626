#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capture/capture_backend.hpp"

namespace wireglass {

/// Whether this process may open packet sockets with TPACKET_V3.
BackendProbe probe_af_packet();

/// Live capture through a TPACKET_V3 ring (packet(7)): packets are read where the kernel put them, VLAN tags
/// that the kernel stripped are put back.
std::unique_ptr<CaptureBackend> make_af_packet_backend(const LiveOptions& options);

/// Several of them on one interface, which the kernel chooses from by a hash of each packet's outer addresses
/// and ports, the same for both directions (PACKET_FANOUT_HASH). Fragments of a datagram share one: their
/// ports are not looked at. The kernel is not asked to put them together (PACKET_FANOUT_FLAG_DEFRAG), as then
/// other packets than those on the wire would be metered and recorded. `buffer_size_mb` is shared out.
std::vector<std::unique_ptr<CaptureBackend>> make_af_packet_group(const LiveOptions& options,
                                                                  std::uint32_t backends);

}  // namespace wireglass
