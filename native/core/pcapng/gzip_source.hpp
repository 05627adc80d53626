#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "pcapng/byte_source.hpp"

namespace wireglass {

/// Unpacks the gzip members (RFC 1952) that `packed` holds, one after another; what follows the last member
/// is ignored, as gzip(1) does. Errors: "gzip_unsupported" (built without zlib).
Result<std::unique_ptr<ByteSource>> make_gzip_source(std::unique_ptr<ByteSource> packed,
                                                     const std::string& file_name);

}  // namespace wireglass
