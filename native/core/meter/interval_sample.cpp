#include "meter/interval_sample.hpp"

namespace wireglass {

namespace {

/// Each byte counts for two addresses, so that twice the capacity keeps the bound by the bytes of traffic.
std::uint32_t address_capacity(std::uint32_t capacity) { return 2 * capacity; }

}  // namespace

IntervalSample::IntervalSample(const IntervalConfig& config, const KeyedHash& hash)
    : addresses_(address_capacity(config.top_capacity), hash),
      conversations_(config.top_capacity, hash),
      services_(config.top_capacity, hash),
      tenants_(config.top_capacity, hash) {}

void IntervalSample::add_flow(const FlowKey& key, std::uint32_t tenant_id, bool forward_from_b,
                              const Exchange& exchange) {
  const Exchange from_a = forward_from_b ? exchange.reversed() : exchange;
  const Exchange from_b = from_a.reversed();
  addresses_.add({key.addr_a.hi, key.addr_a.lo}, from_a);
  addresses_.add({key.addr_b.hi, key.addr_b.lo}, from_b);
  conversations_.add({key.addr_a.hi, key.addr_a.lo, key.addr_b.hi, key.addr_b.lo}, from_a);
  services_.add({service_key(key.protocol, forward_from_b ? key.port_a : key.port_b)}, exchange);
  if (key.overlay != Overlay::kNone) tenants_.add({tenant_key(key.overlay, tenant_id)}, exchange);
}

void IntervalSample::merge(const IntervalSample& other) {
  for (std::size_t place = 0; place < other.interfaces_.size(); ++place) {
    at_interface(place).add(other.interfaces_[place]);
  }
  addresses_.merge(other.addresses_);
  conversations_.merge(other.conversations_);
  services_.merge(other.services_);
  tenants_.merge(other.tenants_);
}

void IntervalSample::reset(TimeNs start_ns) {
  start_ns_ = start_ns;
  interfaces_.clear();
  addresses_.clear();
  conversations_.clear();
  services_.clear();
  tenants_.clear();
}

std::uint64_t IntervalSample::memory_bytes(const IntervalConfig& config) {
  return sizeof(IntervalSample) + sizeof(InterfaceCounts) +
         Addresses::memory_bytes(address_capacity(config.top_capacity)) +
         Conversations::memory_bytes(config.top_capacity) + Services::memory_bytes(config.top_capacity) +
         Tenants::memory_bytes(config.top_capacity);
}

}  // namespace wireglass
