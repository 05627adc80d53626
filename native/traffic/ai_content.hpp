#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "traffic/conversation.hpp"
#include "traffic/text.hpp"

namespace wireglass {

enum class AiWorkload : std::uint8_t { kChat, kCompletion, kEmbedding, kImage };

/// An inference request and how it is answered; all of it follows from the seed.
struct AiRequest {
  AiWorkload workload = AiWorkload::kChat;
  std::string_view model;
  std::string_view workload_type;
  std::uint32_t prompt_bytes = 0;
  std::uint32_t answer_size = 0;  ///< text bytes, chunks, numbers or base64 digits, as the workload has it
};
AiRequest ai_request(std::uint64_t seed);

/// Plans the messages of an HTTP/1.1 exchange with an inference server (RFC 9112): a POST whose JSON body
/// begins with the metadata header `{"model":…,"workload_type":…`, and the answer; a chat is streamed as
/// server-sent events.
void plan_inference(Conversation& conversation, const TextPools& pools, std::span<std::byte> scratch);

/// Plans usage reports in UDP: each datagram is a JSON metadata header, each answered in short.
void plan_usage_report(Conversation& conversation, std::span<std::byte> scratch);

/// Writes a message of either plan; returns its length, which is the one that was planned.
std::uint32_t write_inference(const Conversation& conversation, std::uint32_t message, const TextPools& pools,
                              std::span<std::byte> into);
std::uint32_t write_usage_report(const Conversation& conversation, std::uint32_t message,
                                 std::span<std::byte> into);

}  // namespace wireglass
