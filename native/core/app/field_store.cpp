#include "app/field_store.hpp"

#include <algorithm>
#include <cstring>

namespace wireglass {

FieldStore::Head FieldStore::head(std::uint32_t block) const {
  Head found;
  std::memcpy(&found, pool_.data(block), sizeof(found));
  return found;
}

void FieldStore::set_examined(std::uint32_t block, std::array<std::uint8_t, 2> examined) {
  Head changed = head(block);
  changed.examined = examined;
  std::memcpy(pool_.data(block), &changed, sizeof(changed));
}

ApplicationFields FieldStore::fields(std::uint32_t block) const {
  ApplicationFields found;
  if (block == kNone) return found;
  const Head stored = head(block);
  const char* at = reinterpret_cast<const char*>(pool_.data(block)) + sizeof(Head);
  for (std::size_t i = 0; i < kApplicationStringCount; ++i) {
    found.strings[i] = {at, stored.lengths[i]};
    at += stored.lengths[i];
  }
  found.http_status = stored.http_status;
  return found;
}

std::size_t FieldStore::block_bytes(const ApplicationFields& fields) {
  std::size_t bytes = sizeof(Head);
  for (const std::string_view string : fields.strings) bytes += string.size();
  return bytes;
}

void FieldStore::write(std::uint32_t block, const ApplicationFields& fields,
                       std::array<std::uint8_t, 2> examined) {
  Head written;
  written.http_status = fields.http_status;
  written.examined = examined;
  std::byte* at = pool_.data(block) + sizeof(Head);
  for (std::size_t i = 0; i < kApplicationStringCount; ++i) {
    const std::string_view string = fields.strings[i];
    written.lengths[i] = static_cast<std::uint8_t>(string.size());
    if (!string.empty()) std::memcpy(at, string.data(), string.size());
    at += string.size();
  }
  std::memcpy(pool_.data(block), &written, sizeof(written));
}

std::size_t FieldStore::add(std::uint32_t& block, const ApplicationFields& added) {
  // The strings that are there move when the block grows, so they are set aside first.
  std::array<char, kApplicationStringCount * FieldText::kMaxBytes> aside;
  const ApplicationFields stored = fields(block);
  ApplicationFields before;
  char* at = aside.data();
  for (std::size_t i = 0; i < kApplicationStringCount; ++i) {
    before.strings[i] = {at, stored.strings[i].size()};
    at = std::copy(stored.strings[i].begin(), stored.strings[i].end(), at);
  }
  before.http_status = stored.http_status;

  ApplicationFields all = before;
  std::size_t new_strings = 0;
  for (std::size_t i = 0; i < kApplicationStringCount; ++i) {
    if (!all.strings[i].empty() || added.strings[i].empty()) continue;
    all.strings[i] = added.strings[i];
    ++new_strings;
  }
  if (all.http_status == 0) all.http_status = added.http_status;
  if (new_strings == 0 && all.http_status == before.http_status) return 0;

  const std::array<std::uint8_t, 2> seen = block == kNone ? std::array<std::uint8_t, 2>{} : examined(block);
  const std::size_t bytes = block_bytes(all);
  if (block == kNone || bytes > pool_.block_bytes(block)) {
    if (block != kNone) pool_.release(block);
    const std::uint32_t larger = pool_.allocate(bytes);
    if (larger == kNone) {
      // What was released a moment ago is still there to be had.
      if (block != kNone) block = pool_.allocate(block_bytes(before));
      if (block == kNone) return std::max<std::size_t>(new_strings, 1);
      before.http_status = all.http_status;
      write(block, before, seen);
      return new_strings;
    }
    block = larger;
  }
  write(block, all, seen);
  return 0;
}

}  // namespace wireglass
