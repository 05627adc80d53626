#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "app/application_fields.hpp"
#include "app/field_text.hpp"
#include "app/string_pool.hpp"

namespace wireglass {

/// Keeps the fields of flows in a StringPool: per flow one block with a head and the strings one after the
/// other.
class FieldStore {
 public:
  static constexpr std::uint32_t kNone = StringPool::kNone;

  explicit FieldStore(std::uint64_t bytes) : pool_(bytes) {}

  /// The fields of a block, or none for kNone; valid until the block is added to or released.
  ApplicationFields fields(std::uint32_t block) const;

  /// Adds what the block has not (what is there stays) and makes a block for kNone. Returns the strings that
  /// found no room; a status that needs a block and found none counts as one.
  std::size_t add(std::uint32_t& block, const ApplicationFields& added);
  void release(std::uint32_t block) { pool_.release(block); }

  /// Packets examined per direction: a flow that has a block keeps them there.
  std::array<std::uint8_t, 2> examined(std::uint32_t block) const { return head(block).examined; }
  void set_examined(std::uint32_t block, std::array<std::uint8_t, 2> examined);

  std::uint64_t used_bytes() const { return pool_.used_bytes(); }
  static std::uint64_t memory_bytes(std::uint64_t bytes) { return StringPool::memory_bytes(bytes); }

 private:
  struct Head {
    std::uint16_t http_status = 0;
    std::array<std::uint8_t, 2> examined{};
    std::array<std::uint8_t, kApplicationStringCount> lengths{};
  };
  static_assert(sizeof(Head) + kApplicationStringCount * FieldText::kMaxBytes <= StringPool::kMaxBlockBytes);

  Head head(std::uint32_t block) const;
  void write(std::uint32_t block, const ApplicationFields& fields, std::array<std::uint8_t, 2> examined);
  static std::size_t block_bytes(const ApplicationFields& fields);

  StringPool pool_;
};

}  // namespace wireglass
