# What a machine may lack. Each missing part is left out, and the program says so at run time.
find_package(Threads REQUIRED)

find_package(ZLIB QUIET)
if(ZLIB_FOUND)
  set(WIREGLASS_ZLIB ZLIB::ZLIB)
  add_compile_definitions(WIREGLASS_HAVE_ZLIB)
else()
  message(STATUS "Left out: gzip input (zlib's headers are missing; Debian: zlib1g-dev)")
endif()

find_path(PCAP_INCLUDE_DIR pcap/pcap.h)
find_library(PCAP_LIBRARY pcap)
if(PCAP_INCLUDE_DIR AND PCAP_LIBRARY)
  set(WIREGLASS_PCAP ${PCAP_LIBRARY})
  add_compile_definitions(WIREGLASS_HAVE_PCAP)
else()
  message(STATUS "Left out: libpcap backend and capture filters (its headers are missing; Debian: libpcap-dev)")
endif()
