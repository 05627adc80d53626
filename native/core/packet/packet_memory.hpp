#pragma once

namespace wireglass {

/// Memory that captured packets lie in. Whoever was given it calls release() once, from any thread; the
/// packets in it are gone from then on.
class PacketMemory {
 public:
  virtual void release() = 0;

 protected:
  ~PacketMemory() = default;
};

}  // namespace wireglass
