#include "app/flow_applications.hpp"

#include <algorithm>

namespace wireglass {
namespace {

constexpr std::uint8_t kTcp = 6;

std::uint32_t first_sequence_of(const ApplicationPacket& packet) {
  return packet.tcp_sequence + (packet.syn ? 1U : 0U);
}

bool is_cut(const ApplicationPacket& packet) { return packet.payload.size() < packet.wire_payload_bytes; }

}  // namespace

ApplicationLimits ApplicationLimits::for_flows(std::uint32_t max_flows, std::uint32_t string_bytes_per_flow) {
  constexpr std::uint32_t kMaxBuffers = 1024;
  const std::uint32_t readings = std::max(max_flows / 64, 256U);
  return {std::max<std::uint64_t>(std::uint64_t{max_flows} * string_bytes_per_flow, 1U << 20), readings,
          std::min(readings, kMaxBuffers)};
}

FlowApplications::FlowApplications(const ApplicationLimits& limits)
    : store_(limits.string_bytes), readings_(limits.readings, limits.buffers) {
  if (limits.classified == 0 || !Classifier::available()) return;
  classifier_ = std::make_unique<Classifier>(limits.classified);
  inner_.resize(limits.classified);
}

std::uint64_t FlowApplications::memory_bytes(const ApplicationLimits& limits) {
  return sizeof(FlowApplications) + MessageReader::memory_bytes() +
         FieldStore::memory_bytes(limits.string_bytes) +
         ReadingPool::memory_bytes(limits.readings, limits.buffers) +
         Classifier::memory_bytes(limits.classified) + limits.classified * sizeof(Reference);
}

FlowApplications::State FlowApplications::state_of(Reference reference) const {
  State state;
  state.done = reference & kDone;
  const std::uint32_t number = reference & kNumberMask;
  switch (reference & kKindMask) {
    case kReading:
      state.block = readings_[number].block;
      state.examined = readings_[number].examined;
      break;
    case kFields:
      state.block = number;
      state.examined = store_.examined(number);
      break;
    default:
      state.examined = {static_cast<std::uint8_t>(number & 0xf),
                        static_cast<std::uint8_t>(number >> 4 & 0xf)};
      break;
  }
  return state;
}

FlowApplications::Reference FlowApplications::reference_of(const State& state) {
  if (state.block != FieldStore::kNone) {
    store_.set_examined(state.block, state.examined);
    return state.done | kFields | state.block;
  }
  return state.done | kExamined | state.examined[0] | static_cast<Reference>(state.examined[1]) << 4;
}

FlowApplications::Reference FlowApplications::observe(Reference reference, const FlowTransport& transport,
                                                      const ApplicationPacket& packet) {
  if (!wants(reference, packet.forward) || packet.wire_payload_bytes == 0) return reference;
  if ((reference & kKindMask) == kClassifying) return classify(reference & kNumberMask, transport, packet);
  if (reference == 0 && classifier_ != nullptr) {
    const std::uint32_t number = classifier_->open();
    if (number != Classifier::kNone) {
      inner_[number] = 0;
      return classify(number, transport, packet);
    }
    counters_.classifications_refused.add();
  }
  return read(reference, transport, packet);
}

FlowApplications::Reference FlowApplications::read(Reference reference, const FlowTransport& transport,
                                                   const ApplicationPacket& packet) {
  if ((reference & kKindMask) == kReading) return go_on_reading(reference, transport, packet);
  State state = state_of(reference);
  return examine(state, transport, packet);
}

FlowApplications::Reference FlowApplications::classify(std::uint32_t number, const FlowTransport& transport,
                                                       const ApplicationPacket& packet) {
  if (wants(inner_[number], packet.forward)) inner_[number] = read(inner_[number], transport, packet);
  return classifier_->observe(number, transport, packet) ? end_classification(number) : kClassifying | number;
}

FlowApplications::Reference FlowApplications::end_classification(std::uint32_t number) {
  FieldText name;
  classifier_->name(number, name);
  classifier_->close(number);
  const Reference inner = inner_[number];
  if (name.empty()) return inner;
  counters_.classifications.add();
  ApplicationFields fields;
  fields[ApplicationString::kApplication] = name.view();
  State state = state_of(inner);
  counters_.strings_refused.add(store_.add(state.block, fields));
  if ((inner & kKindMask) != kReading) return reference_of(state);
  readings_[inner & kNumberMask].block = state.block;
  return inner;
}

FlowApplications::Reference FlowApplications::examine(State& state, const FlowTransport& transport,
                                                      const ApplicationPacket& packet) {
  if (MessageReader::may_be_hello(transport, packet.payload)) return examine_hello(state, packet);
  const MessageReader::Outcome outcome = reader_.read(transport, packet.payload, false);
  if (outcome.status == ParseStatus::kNeedMore && !packet.payload.empty())
    return begin_reading(state, transport, packet);
  if (outcome.status == ParseStatus::kFound) {
    keep_found(state, outcome.kind, packet.forward);
  } else {
    count_examined(state, packet.forward);
  }
  return reference_of(state);
}

FlowApplications::Reference FlowApplications::open_reading(std::uint32_t number, const State& state,
                                                           bool forward) {
  Reading& reading = readings_[number];
  reading.direction = forward ? 1 : 0;
  reading.block = state.block;
  reading.examined = state.examined;
  reading.pieces = 1;
  return state.done | kReading | number;
}

FlowApplications::Reference FlowApplications::begin_reading(State& state, const FlowTransport& transport,
                                                            const ApplicationPacket& packet) {
  const bool can_go_on = !is_cut(packet);
  const std::uint32_t number = can_go_on ? readings_.open() : ReadingPool::kNone;
  if (number == ReadingPool::kNone) {
    give_up(state, can_go_on ? GiveUp::kNoReading : GiveUp::kTruncated,
            reader_.read(transport, packet.payload, true), packet.forward);
    return reference_of(state);
  }
  readings_[number].first_sequence = first_sequence_of(packet);
  readings_[number].hello.assembly.add(readings_.buffer(number), 0, packet.payload);
  return open_reading(number, state, packet.forward);
}

FlowApplications::Reference FlowApplications::examine_hello(State& state, const ApplicationPacket& packet) {
  DatagramHello hello;
  const std::span<std::byte> scratch = reader_.scratch();
  const MessageReader::Outcome outcome = reader_.read_hello(packet.payload, hello, scratch);
  if (outcome.status == ParseStatus::kFound) {
    keep_found(state, outcome.kind, packet.forward);
  } else if (outcome.status == ParseStatus::kNotThis) {
    count_examined(state, packet.forward);
  } else {
    const std::uint32_t number = is_cut(packet) ? ReadingPool::kNone : readings_.open();
    if (number != ReadingPool::kNone) {
      readings_[number].hello = hello;
      std::copy_n(scratch.begin(), hello.assembly.extent(), readings_.buffer(number).begin());
      return open_reading(number, state, packet.forward);
    }
    give_up(state, is_cut(packet) ? GiveUp::kTruncated : GiveUp::kNoReading,
            reader_.read_unfinished_hello(hello, scratch), packet.forward);
  }
  return reference_of(state);
}

FlowApplications::Reference FlowApplications::go_on_reading(Reference reference,
                                                            const FlowTransport& transport,
                                                            const ApplicationPacket& packet) {
  const std::uint32_t number = reference & kNumberMask;
  State state = state_of(reference);
  const bool forward = readings_[number].direction == 1;
  if (readings_.buffer(number).empty()) {
    counters_.gave_up[static_cast<std::size_t>(GiveUp::kBufferTaken)].add();
    state.done |= done_bit(forward);
    const Reference ended = end_reading(number, state);
    return packet.forward == forward ? ended : read(ended, transport, packet);
  }
  if (packet.forward != forward) {
    examine_other_direction(number, state, transport, packet);
    return state.done == kDone ? end_reading(number, state) : state.done | kReading | number;
  }
  if (transport.ip_protocol == kTcp) return add_segment(number, state, transport, packet);
  return add_datagram(number, state, packet);
}

FlowApplications::Reference FlowApplications::add_segment(std::uint32_t number, State& state,
                                                          const FlowTransport& transport,
                                                          const ApplicationPacket& packet) {
  Reading& reading = readings_[number];
  Assembly& assembly = reading.hello.assembly;
  const std::span<std::byte> buffer = readings_.buffer(number);
  const auto offset = static_cast<std::int32_t>(first_sequence_of(packet) - reading.first_sequence);
  const std::size_t before = assembly.contiguous();
  const bool too_many_gaps = assembly.add(buffer, offset, packet.payload) == Assembly::Add::kTooManyGaps;
  const std::size_t contiguous = assembly.contiguous();
  if (contiguous > before) {
    const MessageReader::Outcome outcome = reader_.read(transport, buffer.first(contiguous), false);
    if (outcome.status == ParseStatus::kFound) {
      keep_found(state, outcome.kind, packet.forward);
      return end_reading(number, state);
    }
    if (outcome.status == ParseStatus::kNotThis) {
      give_up(state, GiveUp::kMalformed, outcome, packet.forward);
      return end_reading(number, state);
    }
  }
  const bool too_long = ++reading.pieces >= kMaxPieces || contiguous == buffer.size();
  if (!too_long && !too_many_gaps && !is_cut(packet)) return state.done | kReading | number;
  give_up(state,
          is_cut(packet) ? GiveUp::kTruncated
          : too_long     ? GiveUp::kTooLong
                         : GiveUp::kGaps,
          read_unfinished(number, transport), packet.forward);
  return end_reading(number, state);
}

FlowApplications::Reference FlowApplications::add_datagram(std::uint32_t number, State& state,
                                                           const ApplicationPacket& packet) {
  Reading& reading = readings_[number];
  const std::span<std::byte> buffer = readings_.buffer(number);
  const MessageReader::Outcome outcome = reader_.read_hello(packet.payload, reading.hello, buffer);
  if (outcome.status == ParseStatus::kFound) {
    keep_found(state, outcome.kind, packet.forward);
    return end_reading(number, state);
  }
  // A datagram without a piece of it (0-RTT data, an ACK) may come in between.
  if (++reading.pieces < kMaxPieces) return state.done | kReading | number;
  give_up(state, GiveUp::kTooLong, reader_.read_unfinished_hello(reading.hello, buffer), packet.forward);
  return end_reading(number, state);
}

MessageReader::Outcome FlowApplications::read_unfinished(std::uint32_t number,
                                                         const FlowTransport& transport) {
  const Reading& reading = readings_[number];
  const std::span<const std::byte> buffer = readings_.buffer(number);
  if (reading.hello.transport != TlsTransport::kTcp)
    return reader_.read_unfinished_hello(reading.hello, buffer);
  return reader_.read(transport, buffer.first(reading.hello.assembly.contiguous()), true);
}

/// A message that is whole in one segment is taken while another direction's is incomplete.
void FlowApplications::examine_other_direction(std::uint32_t number, State& state,
                                               const FlowTransport& transport,
                                               const ApplicationPacket& packet) {
  const MessageReader::Outcome outcome = reader_.read(transport, packet.payload, true);
  if (outcome.status == ParseStatus::kFound) {
    keep_found(state, outcome.kind, packet.forward);
  } else {
    count_examined(state, packet.forward);
  }
  readings_[number].block = state.block;
  readings_[number].examined = state.examined;
}

FlowApplications::Reference FlowApplications::end_reading(std::uint32_t number, State& state) {
  readings_.close(number);
  return reference_of(state);
}

void FlowApplications::count_examined(State& state, bool forward) {
  std::uint8_t& examined = state.examined[forward ? 1 : 0];
  if (++examined >= kMaxExamined) state.done |= done_bit(forward);
}

void FlowApplications::keep_found(State& state, MessageKind kind, bool forward) {
  const ApplicationFields found = reader_.fields();
  counters_.messages[static_cast<std::size_t>(kind)].add();
  counters_.strings_cut.add(reader_.cut_strings());
  counters_.strings_refused.add(store_.add(state.block, found));
  if (kind == MessageKind::kDns || kind == MessageKind::kClientHello) {
    state.done = kDone;
  } else if (found[ApplicationString::kHttpMethod] == "CONNECT") {
    count_examined(state, forward);  // what the tunnel carries may begin with a ClientHello
  } else {
    state.done |= done_bit(forward);
  }
}

void FlowApplications::give_up(State& state, GiveUp reason, const MessageReader::Outcome& left,
                               bool forward) {
  counters_.gave_up[static_cast<std::size_t>(reason)].add();
  if (left.status == ParseStatus::kFound) {
    keep_found(state, left.kind, forward);
  } else {
    count_examined(state, forward);
  }
}

FlowApplications::Reference FlowApplications::conclude(Reference reference, const FlowTransport& transport) {
  if ((reference & kKindMask) == kClassifying) reference = end_classification(reference & kNumberMask);
  if ((reference & kKindMask) != kReading) return reference | kDone;
  const std::uint32_t number = reference & kNumberMask;
  State state = state_of(reference);
  const std::span<std::byte> buffer = readings_.buffer(number);
  if (buffer.empty()) {
    counters_.gave_up[static_cast<std::size_t>(GiveUp::kBufferTaken)].add();
  } else {
    give_up(state, GiveUp::kFlowEnded, read_unfinished(number, transport), readings_[number].direction == 1);
  }
  state.done = kDone;
  return end_reading(number, state);
}

ApplicationFields FlowApplications::fields(Reference reference) const {
  if ((reference & kKindMask) == kClassifying) reference = inner_[reference & kNumberMask];
  return store_.fields(state_of(reference).block);
}

void FlowApplications::release(Reference reference) {
  if ((reference & kKindMask) == kClassifying) {
    classifier_->close(reference & kNumberMask);
    reference = inner_[reference & kNumberMask];
  }
  const State state = state_of(reference);
  if ((reference & kKindMask) == kReading) readings_.close(reference & kNumberMask);
  if (state.block != FieldStore::kNone) store_.release(state.block);
}

}  // namespace wireglass
