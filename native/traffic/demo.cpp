#include <utility>

#include "traffic/lisp_ai.hpp"
#include "traffic/lisp_control.hpp"
#include "traffic/office.hpp"
#include "traffic/scripted_generator.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kLispWeight = 15;
constexpr std::uint32_t kControlWeight = 1;
constexpr std::uint32_t kOfficeWeight = 24;

}  // namespace

std::unique_ptr<ScriptedGenerator> make_scripted_generator(const TrafficProfile& profile) {
  const bool demo = profile.kind == TrafficProfile::Kind::kDemo;
  std::vector<FamilyShare> families;
  families.push_back({std::make_unique<LispAiFamily>(profile.seed), kLispWeight});
  families.push_back({std::make_unique<LispControlFamily>(profile.seed), kControlWeight});
  if (demo) families.push_back({std::make_unique<OfficeFamily>(profile.seed), kOfficeWeight});
  return std::make_unique<ScriptedGenerator>(profile, std::move(families), demo);
}

}  // namespace wireglass
