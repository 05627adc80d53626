// memory_probe: what this machine's memory allows, as one line of JSON. By the size of what is accessed: the
// time of one access that depends on the one before (a chase), and of one among a group that is on its way
// together, as the meter's prefetches are; the speed of reading and copying in sequence; and how long a cache
// line takes from one processor to another and back, which several workers pay for what they hand over.
#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <thread>
#include <utility>

#include "meter/mapped_array.hpp"
#include "meter/packet_digest.hpp"

namespace {

using wireglass::MappedArray;

struct alignas(64) Line {
  std::uint64_t next;
  std::uint64_t count;
};
static_assert(sizeof(Line) == 64);

constexpr std::size_t kGroup = 32;
constexpr std::uint64_t kAccesses = 4'000'000;
constexpr std::array<std::size_t, 6> kSizesBytes = {16U << 10, 512U << 10, 8U << 20,
                                                    64U << 20, 256U << 20, 1U << 30};
constexpr std::size_t kStreamBytes = 256U << 20;

class Random {
 public:
  std::uint64_t below(std::uint64_t limit) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return ((state_ >> 32) * limit) >> 32;
  }

 private:
  std::uint64_t state_ = 1;
};

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class Work>
double seconds_of(Work work) {
  const double begin = thread_cpu_seconds();
  work();
  return thread_cpu_seconds() - begin;
}

/// One cycle through all lines in random order (Sattolo), so that no access can be guessed.
void make_cycle(MappedArray<Line>& lines, std::uint64_t count, Random& random) {
  for (std::uint64_t i = 0; i < count; ++i) lines[i].next = i;
  for (std::uint64_t i = count - 1; i > 0; --i) std::swap(lines[i].next, lines[random.below(i)].next);
}

double chase_ns(const MappedArray<Line>& lines, std::uint64_t& sink) {
  std::uint64_t at = 0;
  const double seconds = seconds_of([&] {
    for (std::uint64_t i = 0; i < kAccesses; ++i) at = lines[at].next;
  });
  sink += at;
  return seconds * 1e9 / static_cast<double>(kAccesses);
}

double grouped_ns(MappedArray<Line>& lines, std::uint64_t count, Random& random) {
  std::array<std::uint64_t, kGroup> group{};
  const double seconds = seconds_of([&] {
    for (std::uint64_t done = 0; done < kAccesses; done += kGroup) {
      for (std::uint64_t& at : group) {
        at = random.below(count);
        __builtin_prefetch(&lines[at], 1);
      }
      for (const std::uint64_t at : group) ++lines[at].count;
    }
  });
  return seconds * 1e9 / static_cast<double>(kAccesses);
}

void print_accesses(std::uint64_t& sink) {
  const char* separator = "";
  for (const std::size_t size : kSizesBytes) {
    const std::uint64_t count = size / sizeof(Line);
    MappedArray<Line> lines(count);
    Random random;
    make_cycle(lines, count, random);
    const double chase = chase_ns(lines, sink);
    std::printf("%s{\"bytes\":%zu,\"chase_ns\":%.2f,\"grouped_ns\":%.2f}", separator, size, chase,
                grouped_ns(lines, count, random));
    separator = ",";
  }
}

void print_streams(std::uint64_t& sink) {
  constexpr std::size_t kWords = kStreamBytes / sizeof(std::uint64_t);
  MappedArray<std::uint64_t> from(kWords);
  MappedArray<std::uint64_t> to(kWords);
  std::memset(&from[0], 1, kStreamBytes);
  std::memset(&to[0], 2, kStreamBytes);
  const double read = seconds_of([&] {
    for (std::size_t i = 0; i < kWords; i += 4) sink += (from[i] ^ from[i + 1]) + (from[i + 2] ^ from[i + 3]);
  });
  const double copy = seconds_of([&] { std::memcpy(&to[0], &from[0], kStreamBytes); });
  sink += to[sink % kWords];
  const auto gigabytes = static_cast<double>(kStreamBytes) / 1e9;
  std::printf("\"read_gb_per_s\":%.2f,\"copy_gb_per_s\":%.2f", gigabytes / read, gigabytes / copy);
}

/// Of this thread from here on; false where the processor is not to be had.
bool pin_to(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0;
}

/// Waits until `value` is `wanted`; gives the other thread the processor where both have only one.
void await_value(const std::atomic<std::uint64_t>& value, std::uint64_t wanted) {
  for (std::uint64_t spins = 1; value.load(std::memory_order_acquire) != wanted; ++spins) {
    if (spins % 4096 == 0) std::this_thread::yield();
  }
}

/// A cache line from processor 0 to processor 1 and back, in nanoseconds of wall time; -1 with one processor.
double round_trip_ns() {
  constexpr std::uint64_t kTrips = 200'000;
  if (std::thread::hardware_concurrency() < 2) return -1;
  alignas(128) std::atomic<std::uint64_t> ball{0};
  std::thread other([&] {
    pin_to(1);
    for (std::uint64_t trip = 0; trip < kTrips; ++trip) {
      await_value(ball, 2 * trip + 1);
      ball.store(2 * trip + 2, std::memory_order_release);
    }
  });
  std::chrono::nanoseconds taken{};
  std::thread one([&] {
    pin_to(0);
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t trip = 0; trip < kTrips; ++trip) {
      ball.store(2 * trip + 1, std::memory_order_release);
      await_value(ball, 2 * trip + 2);
    }
    taken = std::chrono::steady_clock::now() - begin;
  });
  one.join();
  other.join();
  return static_cast<double>(taken.count()) / static_cast<double>(kTrips);
}

}  // namespace

int main() {
  try {
    std::uint64_t sink = 0;
    std::printf("{\"group\":%zu,\"digest_bytes\":%zu,\"accesses\":[", kGroup,
                sizeof(wireglass::PacketDigest));
    print_accesses(sink);
    std::printf("],");
    print_streams(sink);
    std::printf(",\"round_trip_ns\":%.0f,\"sum\":%lu}\n", round_trip_ns(), sink);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "memory_probe: %s\n", failure.what());
    return 1;
  }
}
