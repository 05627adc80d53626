#include "decode/lisp_records.hpp"

namespace wireglass {
namespace {

// Address Family Numbers of IANA
constexpr std::uint16_t kAfiNone = 0;
constexpr std::uint16_t kAfiIpv4 = 1;
constexpr std::uint16_t kAfiIpv6 = 2;
constexpr std::uint16_t kAfiLcaf = 16387;
constexpr std::uint16_t kAfiMac48 = 16389;

constexpr std::uint32_t kAfiBytes = 2;
constexpr std::uint32_t kLcafFixedBytes = 6;  // RFC 8060 section 3: the length counts what is behind these
constexpr std::uint32_t kRequestedPrefixFixedBytes = 2;
constexpr std::uint32_t kMappingFixedBytes = 10;
constexpr std::uint32_t kLocatorFixedBytes = 6;

}  // namespace

bool LispRecordWriter::address(const std::string& name, int mask_bits) {
  std::uint64_t family = 0;
  if (!header_.read(at_, kAfiBytes, family)) return false;
  std::uint32_t size = 0;
  std::uint64_t lcaf_bytes = 0;
  switch (family) {
    case kAfiNone:
      break;
    case kAfiIpv4:
      size = 4;
      break;
    case kAfiIpv6:
      size = 16;
      break;
    case kAfiMac48:
      size = 6;
      break;
    case kAfiLcaf:
      if (!header_.read(at_ + kAfiBytes + 4, 2, lcaf_bytes)) return false;
      size = kLcafFixedBytes + static_cast<std::uint32_t>(lcaf_bytes);
      break;
    default:
      return false;
  }
  const std::uint32_t at = at_ + kAfiBytes;
  if (header_.available() < at + size) return false;
  const std::string suffix = mask_bits < 0 ? "" : "/" + std::to_string(mask_bits);
  if (family == kAfiNone) {
    header_.text(name, at_, kAfiBytes, "none");
  } else if (family == kAfiIpv4) {
    header_.ipv4(name, at, suffix);
  } else if (family == kAfiIpv6) {
    header_.ipv6(name, at, suffix);
  } else if (family == kAfiMac48) {
    header_.mac(name, at);
  } else {
    header_.blob(name + "_lcaf", at, size);
  }
  at_ = at + size;
  return true;
}

bool LispRecordWriter::requested_prefix(const std::string& prefix) {
  std::uint64_t mask_bits = 0;
  if (!header_.read(at_ + 1, 1, mask_bits)) return false;
  at_ += kRequestedPrefixFixedBytes;
  return address(prefix + "eid_prefix", static_cast<int>(mask_bits));
}

bool LispRecordWriter::mapping(const std::string& prefix) {
  std::uint64_t locator_count = 0;
  std::uint64_t mask_bits = 0;
  if (!header_.read(at_ + 4, 1, locator_count) || !header_.read(at_ + 5, 1, mask_bits)) return false;
  header_.number(prefix + "ttl", at_, 4);
  header_.number(prefix + "locator_count", at_ + 4, 1);
  header_.number(prefix + "eid_mask_length", at_ + 5, 1);
  header_.bits(prefix + "action", at_ + 6, 2, 13, 3);
  header_.bits(prefix + "flag_authoritative", at_ + 6, 2, 12);
  header_.bits(prefix + "map_version", at_ + 8, 2, 0, 12);
  at_ += kMappingFixedBytes;
  if (!address(prefix + "eid_prefix", static_cast<int>(mask_bits))) return false;
  for (std::uint64_t i = 1; i <= locator_count; ++i) {
    if (!locator(prefix + "locator_" + std::to_string(i))) return false;
  }
  return true;
}

bool LispRecordWriter::locator(const std::string& prefix) {
  if (header_.available() < at_ + kLocatorFixedBytes) return false;
  header_.number(prefix + "_priority", at_, 1);
  header_.number(prefix + "_weight", at_ + 1, 1);
  header_.number(prefix + "_multicast_priority", at_ + 2, 1);
  header_.number(prefix + "_multicast_weight", at_ + 3, 1);
  header_.bits(prefix + "_flag_local", at_ + 4, 2, 2);
  header_.bits(prefix + "_flag_probed", at_ + 4, 2, 1);
  header_.bits(prefix + "_flag_reachable", at_ + 4, 2, 0);
  at_ += kLocatorFixedBytes;
  return address(prefix);
}

}  // namespace wireglass
