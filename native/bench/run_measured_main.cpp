// run_measured [--timeout SECONDS] [--output FILE] PROGRAM [ARGUMENT...]
// Runs a program and says, as one line of JSON, what it and every process it left behind took. The parent's
// own memory bounds what a child's peak can be told from (Linux carries the peak over fork), so this program
// is small.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPollInterval = std::chrono::milliseconds(2);
constexpr auto kGraceAfterTerm = std::chrono::seconds(2);
/// What the program leaves running when it ends has this long to end, too.
constexpr auto kGraceAfterExit = std::chrono::seconds(20);

struct Usage {
  double user_seconds = 0;
  double system_seconds = 0;
  long peak_bytes = 0;  ///< the sum of the processes' peaks
  int processes = 0;    ///< reaped here: not those that the program waited for itself
  int status = 0;       ///< of the program

  void add(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    user_seconds += seconds(usage.ru_utime);
    system_seconds += seconds(usage.ru_stime);
    peak_bytes += usage.ru_maxrss * 1024;
    ++processes;
  }
};

/// CPU seconds that the whole machine has been busy: the difference to the program's own is the others' load.
double machine_busy_seconds() {
  std::ifstream stat("/proc/stat");
  std::string label;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  stat >> label >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  return (user + nice + system + irq + softirq + steal) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Children of this process, those handed to it by PR_SET_CHILD_SUBREAPER among them.
void signal_children(int signal) {
  const std::string pid = std::to_string(getpid());
  std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
  for (pid_t child = 0; children >> child;) kill(child, signal);
}

[[noreturn]] void become(char** command, const char* output) {
  const int descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (descriptor >= 0) {
    dup2(descriptor, STDOUT_FILENO);
    dup2(descriptor, STDERR_FILENO);
    execvp(command[0], command);
  }
  std::fprintf(stderr, "%s: %s\n", descriptor < 0 ? output : command[0], std::strerror(errno));
  _exit(127);
}

/// Reaps until nothing is left; ends what has not ended by `deadline`. Returns whether it had to.
bool reap_all(pid_t program, Clock::time_point deadline, Usage& total) {
  bool late = false;
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
    if (pid < 0) return late;
    if (pid > 0) {
      total.add(usage);
      if (pid == program) {
        total.status = status;
        deadline = std::min(deadline, Clock::now() + kGraceAfterExit);
      }
      continue;
    }
    if (Clock::now() >= deadline) {
      signal_children(late ? SIGKILL : SIGTERM);
      late = true;
      deadline = Clock::now() + kGraceAfterTerm;
    }
    usleep(static_cast<useconds_t>(std::chrono::microseconds(kPollInterval).count()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  double timeout_seconds = 600;
  const char* output = "/dev/null";
  int at = 1;
  for (; at + 1 < argc && std::strncmp(argv[at], "--", 2) == 0; at += 2) {
    if (std::strcmp(argv[at], "--timeout") == 0)
      timeout_seconds = std::strtod(argv[at + 1], nullptr);
    else if (std::strcmp(argv[at], "--output") == 0)
      output = argv[at + 1];
    else
      break;
  }
  if (at >= argc || std::strncmp(argv[at], "--", 2) == 0 || timeout_seconds <= 0) {
    std::fputs("run_measured [--timeout SECONDS] [--output FILE] PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const double busy_before = machine_busy_seconds();
  const Clock::time_point begin = Clock::now();
  const pid_t program = fork();
  if (program == 0) become(argv + at, output);
  if (program < 0) {
    std::perror("fork");
    return 1;
  }
  Usage usage;
  const auto timeout =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeout_seconds));
  const bool timed_out = reap_all(program, begin + timeout, usage);
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const double others = machine_busy_seconds() - busy_before - usage.user_seconds - usage.system_seconds;
  std::printf(
      "{\"exit\":%d,\"signal\":%d,\"timed_out\":%s,\"wall_seconds\":%.4f,\"user_seconds\":%.4f,"
      "\"system_seconds\":%.4f,\"peak_bytes\":%ld,\"processes\":%d,\"others_cpu_seconds\":%.2f}\n",
      WIFEXITED(usage.status) ? WEXITSTATUS(usage.status) : -1,
      WIFSIGNALED(usage.status) ? WTERMSIG(usage.status) : 0, timed_out ? "true" : "false", wall,
      usage.user_seconds, usage.system_seconds, usage.peak_bytes, usage.processes, others > 0 ? others : 0);
  return 0;
}
