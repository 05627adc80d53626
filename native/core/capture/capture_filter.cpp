#include "capture/capture_filter.hpp"

#ifdef WIREGLASS_HAVE_PCAP
#include <pcap/pcap.h>

#include "capture/libpcap/pcap_handle.hpp"
#endif

namespace wireglass {

Result<std::vector<sock_filter>> compile_capture_filter(const std::string& interface,
                                                        const std::string& expression,
                                                        std::uint32_t snaplen) {
  if (expression.empty()) return std::vector<sock_filter>{{BPF_RET | BPF_K, 0, 0, snaplen}};
#ifdef WIREGLASS_HAVE_PCAP
  LiveOptions options;
  options.interface = interface;
  options.snaplen = snaplen;
  options.buffer_size_mb = 2;
  options.promiscuous = false;
  Result<PcapHandle> handle = activate_pcap(options);
  if (!handle.ok()) return handle.error();

  bpf_program program{};
  if (pcap_compile(handle.value().get(), &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return Error{"bad_capture_filter",
                 "capture filter '" + expression + "': " + pcap_geterr(handle.value().get())};
  }
  std::vector<sock_filter> instructions;
  instructions.reserve(program.bf_len);
  for (unsigned i = 0; i < program.bf_len; ++i) {
    const bpf_insn& instruction = program.bf_insns[i];
    instructions.push_back({instruction.code, instruction.jt, instruction.jf, instruction.k});
  }
  pcap_freecode(&program);
  return instructions;
#else
  static_cast<void>(interface);
  return Error{
      "backend_unavailable",
      "capture filters need libpcap, which this build lacks. Debian: apt-get install libpcap-dev, then build "
      "again (npm run build)."};
#endif
}

}  // namespace wireglass
