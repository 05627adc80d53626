#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "pcapng/byte_source.hpp"
#include "pcapng/compression.hpp"

namespace wireglass {

/// Unpacks the members that `packed` holds, one after another; what follows the last member is ignored, as
/// gzip(1) does. Damage is told after all that came before it, with the packed byte it was found at.
/// Errors: "compression_unsupported" (built without the library).
Result<std::unique_ptr<ByteSource>> make_unpacking_source(std::unique_ptr<ByteSource> packed,
                                                          const std::string& file_name,
                                                          const Compression& compression);

}  // namespace wireglass
