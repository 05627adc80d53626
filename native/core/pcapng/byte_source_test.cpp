#include "pcapng/byte_source.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#ifdef WIREGLASS_HAVE_ZLIB
#include <zlib.h>
#endif

namespace wireglass {
namespace {

namespace fs = std::filesystem;

struct Contents {
  std::string text;
  std::optional<Error> error;
};

Contents drain(ByteSource& source) {
  Contents contents;
  std::array<std::byte, 1000> buffer;
  for (;;) {
    const auto got = source.read(buffer.data(), buffer.size());
    if (!got.ok()) {
      contents.error = got.error();
      return contents;
    }
    if (got.value() == 0) return contents;
    contents.text.append(reinterpret_cast<const char*>(buffer.data()), got.value());
  }
}

class OpenByteSource : public testing::Test {
 protected:
  OpenByteSource() {
    std::string pattern = (fs::temp_directory_path() / "wireglass-byte-source-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~OpenByteSource() override { fs::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = directory_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  fs::path directory_;
};

TEST_F(OpenByteSource, ReadsAFileWholeAndTellsItsProgress) {
  const std::string text(2500, 'a');
  auto source = open_byte_source(write("plain", text));
  ASSERT_TRUE(source.ok());
  EXPECT_LT(source.value()->progress(), 0.01);
  EXPECT_TRUE(source.value()->wait_readable(0));
  EXPECT_EQ(drain(*source.value()).text, text);
  EXPECT_EQ(source.value()->progress(), 1);
}

TEST_F(OpenByteSource, ReadsFilesShorterThanAMagic) {
  for (const std::string text : {"", "x", "\x1f"}) {
    auto source = open_byte_source(write("short", text));
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(drain(*source.value()).text, text);
  }
}

TEST_F(OpenByteSource, NamesTheFileAndWhyItCannotBeRead) {
  for (const std::string& path : {(directory_ / "missing").string(), directory_.string()}) {
    const auto source = open_byte_source(path);
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.error().code, "input_unreadable");
    EXPECT_THAT(source.error().message, testing::StartsWith(path + ": "));
  }
}

TEST_F(OpenByteSource, WaitsForAPipeNoLongerThanTold) {
  const std::string path = (directory_ / "pipe").string();
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int writer = open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  ASSERT_EQ(::write(writer, "abc", 3), 3);
  auto source = open_byte_source(path);
  ASSERT_TRUE(source.ok());
  EXPECT_LT(source.value()->progress(), 0);
  std::array<std::byte, 16> buffer;
  EXPECT_TRUE(source.value()->wait_readable(0));
  EXPECT_EQ(source.value()->read(buffer.data(), buffer.size()).value(), 3U) << "what opening looked at";
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(source.value()->wait_readable(20));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(15));
  close(writer);
  EXPECT_TRUE(source.value()->wait_readable(20));
  EXPECT_EQ(source.value()->read(buffer.data(), buffer.size()).value(), 0U);
}

TEST_F(OpenByteSource, ReadsStandardInputAndLeavesItOpen) {
  const std::string path = write("input", "from standard input");
  const int saved = dup(STDIN_FILENO);
  const int input = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(input, 0);
  ASSERT_GE(dup2(input, STDIN_FILENO), 0);
  close(input);
  {
    auto source = open_byte_source("-");
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(drain(*source.value()).text, "from standard input");
  }
  EXPECT_EQ(fcntl(STDIN_FILENO, F_GETFD), 0);
  if (saved >= 0) {
    dup2(saved, STDIN_FILENO);
    close(saved);
  } else {
    close(STDIN_FILENO);
  }
}

#ifdef WIREGLASS_HAVE_ZLIB

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string varied_text(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 1;
  for (char& letter : text) {
    state = state * 1664525 + 1013904223;
    letter = static_cast<char>(state >> 24);
  }
  return text;
}

TEST_F(OpenByteSource, UnpacksGzipOfSeveralMembersAndIgnoresWhatFollows) {
  const std::string text = varied_text(400'000);
  const auto path = write("packed", gzip(text) + gzip("") + gzip("end") + std::string(100, '\0'));
  auto source = open_byte_source(path);
  ASSERT_TRUE(source.ok());
  const Contents contents = drain(*source.value());
  EXPECT_FALSE(contents.error);
  EXPECT_TRUE(contents.text == text + "end");
  EXPECT_EQ(source.value()->progress(), 1);
}

TEST_F(OpenByteSource, GivesWhatComesBeforeTheDamageOfAGzipStream) {
  const std::string text = varied_text(400'000);
  const std::string packed = gzip(text);
  auto cut = open_byte_source(write("cut", packed.substr(0, packed.size() - 5)));
  ASSERT_TRUE(cut.ok());
  const Contents before_cut = drain(*cut.value());
  ASSERT_TRUE(before_cut.error);
  EXPECT_EQ(before_cut.error->code, "input_unreadable");
  EXPECT_THAT(before_cut.error->message,
              testing::HasSubstr("packed byte " + std::to_string(packed.size() - 5)));
  EXPECT_EQ(before_cut.text, text);

  std::string wrong = packed;
  wrong[wrong.size() - 6] ^= 1;
  auto damaged = open_byte_source(write("damaged", wrong));
  ASSERT_TRUE(damaged.ok());
  const Contents before_damage = drain(*damaged.value());
  ASSERT_TRUE(before_damage.error);
  EXPECT_THAT(before_damage.error->message, testing::HasSubstr("incorrect data check"));
}

#endif

}  // namespace
}  // namespace wireglass
