#include "base/aes128.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace wireglass {
namespace {

std::vector<std::byte> unhex(const std::string& digits) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Aes128::Block block(const std::string& digits) {
  const auto bytes = unhex(digits);
  Aes128::Block made{};
  std::copy(bytes.begin(), bytes.end(), made.begin());
  return made;
}

// FIPS 197 appendix B and C.1.
TEST(Aes128, AgreesWithPublishedCiphertexts) {
  EXPECT_EQ(
      Aes128(block("2b7e151628aed2a6abf7158809cf4f3c")).encrypt(block("3243f6a8885a308d313198a2e0370734")),
      block("3925841d02dc09fbdc118597196a0b32"));
  EXPECT_EQ(
      Aes128(block("000102030405060708090a0b0c0d0e0f")).encrypt(block("00112233445566778899aabbccddeeff")),
      block("69c4e0d86a7b0430d8cdb78070b4c55a"));
}

TEST(Aes128, GivesTheSameWithAndWithoutTheProcessorsInstructions) {
  std::mt19937 random(5);
  for (int i = 0; i < 1'000; ++i) {
    Aes128::Block key;
    Aes128::Block text;
    for (std::byte& byte : key) byte = static_cast<std::byte>(random());
    for (std::byte& byte : text) byte = static_cast<std::byte>(random());
    const Aes128 cipher(key);
    ASSERT_EQ(cipher.encrypt(text), cipher.encrypt_plain(text));
  }
}

// The GCM specification's test case 4 without its tag.
TEST(Aes128, AppliesTheKeystreamOfGcm) {
  const auto text = unhex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
      "f5aa0de657"
      "ba637b39");
  const auto nonce = unhex("cafebabefacedbaddecaf888");
  std::vector<std::byte> encrypted(text.size());
  Aes128(block("feffe9928665731c6d6a8f9467308308"))
      .apply_gcm_keystream(std::span<const std::byte, 12>(nonce.data(), 12), text, encrypted);
  EXPECT_EQ(encrypted,
            unhex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac"
                  "84aa051ba30b396a0aac973d58e091"));
}

}  // namespace
}  // namespace wireglass
