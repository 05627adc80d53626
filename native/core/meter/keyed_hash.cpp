#include "meter/keyed_hash.hpp"

#include "meter/hash_secret.hpp"

namespace wireglass {

KeyedHash::KeyedHash() { draw_secret(secret_); }

KeyedHash::KeyedHash(std::uint64_t seed) { seed_secret(secret_, seed); }

}  // namespace wireglass
