#include "app/classifier.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#if defined(WIREGLASS_HAVE_NDPI)
#include <ndpi_api.h>
#endif

namespace wireglass {

#if defined(WIREGLASS_HAVE_NDPI)

namespace {

constexpr std::size_t kMaxPayloadBytes = 16'384;  // a whole TLS record, as offloading hosts show it
constexpr std::size_t kIpBytes = 20;
constexpr std::size_t kTcpBytes = 20;
constexpr std::size_t kUdpBytes = 8;

using PacketBytes = std::array<std::byte, kIpBytes + kTcpBytes + kMaxPayloadBytes>;

void put16(std::byte* at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}
void put32(std::byte* at, std::uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}

/// Addresses that nobody has (240.0.0.0/4, RFC 1112 section 4), two for each flow: nDPI remembers hosts and
/// ports of STUN, TLS, BitTorrent and others, and would take flows that share addresses for one another's
/// kin.
constexpr std::uint32_t kFirstAddress = 0xf000'0000;
constexpr std::uint32_t kAddressPairs = 0x07ff'fff0;

/// An IPv4 packet between the flow's two addresses, endpoint a's the first.
std::size_t make_packet(const FlowTransport& transport, const ApplicationPacket& packet,
                        std::uint32_t address_a, PacketBytes& bytes) {
  constexpr std::uint8_t kTcp = 6;
  const bool tcp = transport.ip_protocol == kTcp;
  const std::size_t header_bytes = kIpBytes + (tcp ? kTcpBytes : kUdpBytes);
  const std::size_t payload_bytes = std::min(packet.payload.size(), kMaxPayloadBytes);
  std::fill_n(bytes.begin(), header_bytes, std::byte{0});
  bytes[0] = std::byte{0x45};
  put16(&bytes[2], header_bytes + payload_bytes);
  bytes[8] = std::byte{64};
  bytes[9] = static_cast<std::byte>(transport.ip_protocol);
  put32(&bytes[12], address_a + (packet.from_b ? 1 : 0));
  put32(&bytes[16], address_a + (packet.from_b ? 0 : 1));
  put16(&bytes[20], packet.from_b ? transport.port_b : transport.port_a);
  put16(&bytes[22], packet.from_b ? transport.port_a : transport.port_b);
  if (tcp) {
    put32(&bytes[24], packet.tcp_sequence);
    bytes[32] = std::byte{0x50};
    bytes[33] = std::byte{0x18};  // PSH, ACK
    put16(&bytes[34], 0xffff);
  } else {
    put16(&bytes[24], kUdpBytes + payload_bytes);
  }
  std::copy_n(packet.payload.begin(), payload_bytes,
              bytes.begin() + static_cast<std::ptrdiff_t>(header_bytes));
  return header_bytes + payload_bytes;
}

}  // namespace

struct Classifier::State {
  struct Flow {
    bool open = false;
    std::uint8_t packets = 0;
    std::uint32_t address_a = 0;
    ndpi_protocol protocol{};
  };

  explicit State(std::uint32_t max_flows)
      : flow_bytes((sizeof(ndpi_flow_struct) + 15) / 16 * 16),
        memory(std::make_unique<std::byte[]>(flow_bytes * max_flows)),
        flows(max_flows) {
    for (std::uint32_t i = max_flows; i-- > 0;) free.push_back(i);
    module = ndpi_init_detection_module(ndpi_no_prefs);
    if (module == nullptr) return;
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(module, &all);
    ndpi_finalize_initialization(module);
  }
  ~State() {
    for (std::uint32_t i = 0; i < flows.size(); ++i) {
      if (flows[i].open) ndpi_free_flow_data(flow(i));
    }
    if (module != nullptr) ndpi_exit_detection_module(module);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ndpi_flow_struct* flow(std::uint32_t number) {
    return reinterpret_cast<ndpi_flow_struct*>(memory.get() + flow_bytes * number);
  }

  std::size_t flow_bytes;
  std::unique_ptr<std::byte[]> memory;
  std::vector<Flow> flows;
  std::vector<std::uint32_t> free;
  ndpi_detection_module_struct* module = nullptr;
  std::uint32_t next_pair = 0;
};

bool Classifier::available() { return true; }

std::uint64_t Classifier::memory_bytes(std::uint32_t max_flows) {
  return max_flows * (sizeof(ndpi_flow_struct) + sizeof(State::Flow) + sizeof(std::uint32_t));
}

Classifier::Classifier(std::uint32_t max_flows) : state_(std::make_unique<State>(max_flows)) {}
Classifier::~Classifier() = default;

std::uint32_t Classifier::open() {
  if (state_->free.empty() || state_->module == nullptr) return kNone;
  const std::uint32_t flow = state_->free.back();
  state_->free.pop_back();
  std::memset(static_cast<void*>(state_->flow(flow)), 0, state_->flow_bytes);
  state_->flows[flow] = State::Flow();
  state_->flows[flow].open = true;
  state_->flows[flow].address_a = kFirstAddress + 2 * state_->next_pair;
  state_->next_pair = (state_->next_pair + 1) % kAddressPairs;
  return flow;
}

void Classifier::close(std::uint32_t flow) {
  ndpi_free_flow_data(state_->flow(flow));
  state_->flows[flow].open = false;
  state_->free.push_back(flow);
}

bool Classifier::observe(std::uint32_t flow, const FlowTransport& transport,
                         const ApplicationPacket& packet) {
  State::Flow& seen = state_->flows[flow];
  if (!packet.payload.empty()) {
    PacketBytes bytes;
    const std::size_t size = make_packet(transport, packet, seen.address_a, bytes);
    // Its clock serves timeouts between packets, which so few packets do not reach.
    seen.protocol = ndpi_detection_process_packet(state_->module, state_->flow(flow),
                                                  reinterpret_cast<const unsigned char*>(bytes.data()),
                                                  static_cast<unsigned short>(size), seen.packets + 1U);
  }
  const bool is_known = seen.protocol.app_protocol != NDPI_PROTOCOL_UNKNOWN &&
                        ndpi_extra_dissection_possible(state_->module, state_->flow(flow)) == 0;
  return ++seen.packets >= kMaxPackets || is_known;
}

void Classifier::name(std::uint32_t flow, FieldText& text) {
  State::Flow& seen = state_->flows[flow];
  if (seen.protocol.app_protocol == NDPI_PROTOCOL_UNKNOWN) {
    std::uint8_t was_guessed = 0;
    constexpr std::uint8_t kNoGuess = 0;  // a guess goes by the port alone, which the flow shows anyway
    seen.protocol = ndpi_detection_giveup(state_->module, state_->flow(flow), kNoGuess, &was_guessed);
  }
  if (seen.protocol.app_protocol == NDPI_PROTOCOL_UNKNOWN &&
      seen.protocol.master_protocol == NDPI_PROTOCOL_UNKNOWN)
    return;
  std::array<char, 96> buffer{};
  const char* written = ndpi_protocol2name(state_->module, seen.protocol, buffer.data(), buffer.size());
  const std::string_view name(written);
  text.append_escaped(std::as_bytes(std::span(name)));
}

#else

struct Classifier::State {};
bool Classifier::available() { return false; }
std::uint64_t Classifier::memory_bytes(std::uint32_t) { return 0; }
Classifier::Classifier(std::uint32_t) {}
Classifier::~Classifier() = default;
std::uint32_t Classifier::open() { return kNone; }
void Classifier::close(std::uint32_t) {}
bool Classifier::observe(std::uint32_t, const FlowTransport&, const ApplicationPacket&) { return true; }
void Classifier::name(std::uint32_t, FieldText&) {}

#endif

}  // namespace wireglass
