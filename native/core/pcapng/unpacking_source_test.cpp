#include "pcapng/unpacking_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "pcapng/capture_bytes.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;

struct Contents {
  std::string text;
  std::optional<Error> error;
};

Contents drain(ByteSource& source, std::size_t room) {
  Contents contents;
  std::vector<std::byte> buffer(room);
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

// Half of it compresses well, half not at all.
std::string varied_text(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < bytes; ++i) {
    state = state * 1664525 + 1013904223;
    if (i / 1000 % 2 == 0) text[i] = static_cast<char>(state >> 24);
  }
  return text;
}

/// Each format with the tool that is named like it.
class Unpacking : public testing::TestWithParam<Compression> {
 protected:
  Unpacking() {
    std::string pattern = (fs::temp_directory_path() / "wireglass-unpacking-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~Unpacking() override { fs::remove_all(directory_); }

  void SetUp() override {
    if (GetParam().make() == nullptr) GTEST_SKIP() << "built without " << GetParam().library;
    if (std::system((tool() + " --version >/dev/null 2>&1 </dev/null").c_str()) != 0) {
      GTEST_SKIP() << "no command " << tool();
    }
  }

  std::string tool() const { return std::string(GetParam().name); }
  std::string pack(const std::string& text) {
    const std::string plain = (directory_ / "plain").string();
    const std::string packed = (directory_ / "packed").string();
    std::ofstream(plain, std::ios::binary) << text;
    EXPECT_EQ(std::system((tool() + " -c <" + plain + " >" + packed + " 2>/dev/null").c_str()), 0);
    std::ifstream file(packed, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Contents unpack(const std::string& packed, std::size_t piece_bytes = 100'000, std::size_t room = 70'000) {
    const auto bytes = std::as_bytes(std::span(packed));
    auto source = make_unpacking_source(
        std::make_unique<PiecewiseSource>(std::vector(bytes.begin(), bytes.end()), piece_bytes), "file",
        GetParam());
    return drain(*source.value(), room);
  }

  fs::path directory_;
};

INSTANTIATE_TEST_SUITE_P(Formats, Unpacking, testing::ValuesIn(compressions().begin(), compressions().end()),
                         [](const auto& format) { return std::string(format.param.name); });

TEST_P(Unpacking, TellsTheFormatByItsFirstBytes) {
  const std::string packed = pack("text");
  EXPECT_TRUE(GetParam().begins_with(std::as_bytes(std::span(packed))));
  EXPECT_FALSE(GetParam().begins_with(std::as_bytes(std::span(packed)).first(1)));
  EXPECT_TRUE(GetParam().may_begin_with(std::as_bytes(std::span(packed)).first(1)));
  std::string path = (directory_ / "named like nothing").string();
  std::ofstream(path, std::ios::binary) << packed;
  EXPECT_EQ(drain(*open_byte_source(path).value(), 3).text, "text");
}

TEST_P(Unpacking, GivesMembersOneAfterAnotherAndIgnoresWhatFollows) {
  const std::string text = varied_text(400'000);
  const std::string packed = pack(text) + pack("") + pack("end") + std::string(100, '\0');
  for (const std::size_t piece_bytes : {std::size_t{7}, std::size_t{100'000}}) {
    const Contents contents = unpack(packed, piece_bytes);
    EXPECT_FALSE(contents.error) << contents.error->message;
    EXPECT_TRUE(contents.text == text + "end");
  }
  EXPECT_TRUE(unpack(packed, 100'000, 1).text == text + "end");
}

TEST_P(Unpacking, TellsWhereAStreamBreaksOff) {
  const std::string text = varied_text(3'000'000);
  const std::string packed = pack(text);
  const std::size_t cut = packed.size() / 2;
  const Contents contents = unpack(packed.substr(0, cut));
  ASSERT_TRUE(contents.error);
  EXPECT_EQ(contents.error->code, "input_unreadable");
  EXPECT_THAT(contents.error->message,
              testing::AllOf(testing::StartsWith("file: " + tool() + ", packed byte " + std::to_string(cut)),
                             testing::HasSubstr("breaks off")));
  EXPECT_TRUE(text.starts_with(contents.text));
  EXPECT_EQ(unpack(packed.substr(0, packed.size() - 1)).text, text) << "only the check is cut";
}

TEST_P(Unpacking, TellsDamageBehindWhatCameBefore) {
  const std::string text = varied_text(3'000'000);
  std::string packed = pack(text);
  for (std::size_t i = packed.size() * 2 / 3; i < packed.size() * 2 / 3 + 40; ++i) packed[i] ^= 0x55;
  const Contents contents = unpack(packed);
  ASSERT_TRUE(contents.error);
  EXPECT_EQ(contents.error->code, "input_unreadable");
  EXPECT_THAT(contents.error->message,
              testing::AllOf(testing::StartsWith("file: " + tool() + ", packed byte "),
                             testing::HasSubstr("damaged: ")));
  const std::size_t compared = std::min<std::size_t>(contents.text.size(), 100'000);
  EXPECT_EQ(contents.text.substr(0, compared), text.substr(0, compared));
}

TEST_P(Unpacking, PassesTheFailureOfItsInputOn) {
  const std::string packed = pack(varied_text(400'000));
  const auto bytes = std::as_bytes(std::span(packed));
  auto source = make_unpacking_source(
      std::make_unique<PiecewiseSource>(std::vector(bytes.begin(), bytes.end()), 1000, 5000), "file",
      GetParam());
  EXPECT_THAT(drain(*source.value(), 1000).error->message, testing::HasSubstr("the test's failure"));
}

TEST(UnpackingSource, NamesTheLibraryThatABuildLacks) {
  const Compression unknown{"zip9",    {1},           1,
                            "libzip9", "libzip9-dev", [] { return std::unique_ptr<Unpacker>(); }};
  const auto source = make_unpacking_source(std::make_unique<PiecewiseSource>(std::vector<std::byte>(4), 4),
                                            "a.zip9", unknown);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code, "compression_unsupported");
  EXPECT_THAT(source.error().message,
              testing::AllOf(testing::StartsWith("a.zip9: is zip9"), testing::HasSubstr("libzip9-dev")));
}

}  // namespace
}  // namespace wireglass
