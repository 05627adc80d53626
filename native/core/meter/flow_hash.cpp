#include "meter/flow_hash.hpp"

#include "meter/hash_secret.hpp"

namespace wireglass {

FlowHash::FlowHash() { draw_secret(secret_); }

FlowHash::FlowHash(std::uint64_t seed) { seed_secret(secret_, seed); }

}  // namespace wireglass
