#include "traffic/ai_content.hpp"

#include <algorithm>
#include <array>

#include "traffic/random.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kMaxBodyBytes = 52 * 1024;

struct WorkloadKind {
  AiWorkload workload;
  std::string_view type;
  std::string_view path;
  std::array<std::string_view, 2> models;
};
constexpr std::array<WorkloadKind, 4> kWorkloads = {{
    {AiWorkload::kChat, "chat", "/v1/chat/completions", {"llama-3.1-8b", "mistral-7b-instruct"}},
    {AiWorkload::kCompletion, "completion", "/v1/completions", {"qwen2.5-14b", "llama-3.1-8b"}},
    {AiWorkload::kEmbedding, "embedding", "/v1/embeddings", {"bge-large-en", "nomic-embed-text"}},
    {AiWorkload::kImage, "image", "/v1/images/generations", {"stable-diffusion-xl", "flux-1-schnell"}},
}};

const WorkloadKind& kind_of(AiWorkload workload) { return kWorkloads[static_cast<std::size_t>(workload)]; }

std::string_view metadata_lead(TextWriter& writer, const AiRequest& request) {
  writer.text("{\"model\":\"").text(request.model);
  writer.text("\",\"workload_type\":\"").text(request.workload_type).text("\"");
  return writer.view();
}

void write_request_body(TextWriter& body, const AiRequest& request, std::uint64_t seed,
                        const TextPools& pools) {
  metadata_lead(body, request);
  const std::string_view prompt = pools.words(mix_bits(seed), request.prompt_bytes);
  body.text(",\"request_id\":\"req-").hex(mix_bits(seed ^ 1), 16).text("\"");
  switch (request.workload) {
    case AiWorkload::kChat:
      body.text(",\"stream\":true,\"max_tokens\":").number(request.answer_size * 4);
      body.text(",\"messages\":[{\"role\":\"user\",\"content\":\"").text(prompt).text("\"}]}");
      break;
    case AiWorkload::kCompletion:
      body.text(",\"max_tokens\":").number(request.answer_size / 4);
      body.text(",\"prompt\":\"").text(prompt).text("\"}");
      break;
    case AiWorkload::kEmbedding:
      body.text(",\"input\":[\"").text(prompt).text("\"]}");
      break;
    case AiWorkload::kImage:
      body.text(",\"n\":1,\"response_format\":\"b64_json\",\"prompt\":\"").text(prompt).text("\"}");
      break;
  }
}

void write_answer_body(TextWriter& body, const AiRequest& request, std::uint64_t seed,
                       const TextPools& pools) {
  const std::uint64_t draw = mix_bits(seed ^ 2);
  body.text("{\"model\":\"").text(request.model).text("\",");
  if (request.workload == AiWorkload::kEmbedding) {
    body.text("\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[");
    body.text(pools.floats(draw, request.answer_size)).text("]}]");
  } else if (request.workload == AiWorkload::kImage) {
    body.text("\"data\":[{\"b64_json\":\"").text(pools.base64(draw, request.answer_size)).text("\"}]");
  } else {
    body.text("\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"");
    body.text(pools.words(draw, request.answer_size)).text("\",\"finish_reason\":\"stop\"}]");
  }
  body.text(",\"usage\":{\"prompt_tokens\":").number(request.prompt_bytes / 4 + 1).text("}}");
}

/// A chunk of chunked transfer coding (RFC 9112 section 7.1).
void write_chunk(TextWriter& writer, std::string_view event) {
  writer.hex(event.size()).text("\r\n").text(event).text("\r\n");
}

void write_stream_event(TextWriter& writer, const AiRequest& request, std::uint64_t seed,
                        std::uint32_t number, const TextPools& pools) {
  if (number == 0) {
    writer.text("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n");
    writer.text("Transfer-Encoding: chunked\r\n\r\n");
  }
  if (number == request.answer_size) {
    write_chunk(writer, "data: [DONE]\n\n");
    writer.text("0\r\n\r\n");
    return;
  }
  std::array<std::byte, 512> buffer;
  TextWriter event(buffer);
  const std::uint64_t draw = mix_bits(seed + number + 3);
  event.text("data: {\"id\":\"chatcmpl-").hex(mix_bits(seed ^ 2), 16);
  event.text("\",\"object\":\"chat.completion.chunk\",\"model\":\"").text(request.model);
  event.text("\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
  event.text(pools.words(draw, 8 + static_cast<std::uint32_t>(draw >> 58))).text("\"}}]}\n\n");
  write_chunk(writer, event.view());
}

}  // namespace

AiRequest ai_request(std::uint64_t seed) {
  constexpr std::array<AiWorkload, 10> kMix = {
      AiWorkload::kChat,       AiWorkload::kChat,      AiWorkload::kChat,      AiWorkload::kChat,
      AiWorkload::kChat,       AiWorkload::kEmbedding, AiWorkload::kEmbedding, AiWorkload::kCompletion,
      AiWorkload::kCompletion, AiWorkload::kImage};
  Random random(seed);
  AiRequest request;
  request.workload = kMix[random.below(kMix.size())];
  const WorkloadKind& kind = kind_of(request.workload);
  request.workload_type = kind.type;
  request.model = kind.models[random.below(4) == 0 ? 1 : 0];
  request.prompt_bytes = random.between(60, random.below(8) == 0 ? 6000 : 900);
  switch (request.workload) {
    case AiWorkload::kChat:
      request.answer_size = random.between(5, 36);
      break;
    case AiWorkload::kCompletion:
      request.answer_size = random.between(200, 3000);
      break;
    case AiWorkload::kEmbedding:
      request.answer_size = 256U << random.below(3);
      break;
    case AiWorkload::kImage:
      request.answer_size = random.between(2000, 11000) * 4;
      break;
  }
  return request;
}

std::uint32_t write_inference(const Conversation& conversation, std::uint32_t message, const TextPools& pools,
                              std::span<std::byte> into) {
  const AiRequest request = ai_request(conversation.seed);
  TextWriter writer(into);
  if (message > 0 && request.workload == AiWorkload::kChat) {
    write_stream_event(writer, request, conversation.seed, message - 1, pools);
    return writer.size();
  }
  // The body's length stands in front of it: it is written behind the room that the header needs at most,
  // then moved.
  constexpr std::size_t kHeaderRoom = 512;
  TextWriter body(into.subspan(kHeaderRoom, std::min<std::size_t>(kMaxBodyBytes, into.size() - kHeaderRoom)));
  if (message == 0) {
    write_request_body(body, request, conversation.seed, pools);
    writer.text("POST ").text(kind_of(request.workload).path);
    writer.text(" HTTP/1.1\r\nHost: inference.example:8000\r\nUser-Agent: assistant/1.4\r\n");
  } else {
    write_answer_body(body, request, conversation.seed, pools);
    writer.text("HTTP/1.1 200 OK\r\nServer: inference\r\n");
  }
  writer.text("Content-Type: application/json\r\nContent-Length: ").number(body.size()).text("\r\n\r\n");
  std::copy_n(body.at(0), body.size(), writer.at(writer.size()));
  return writer.size() + body.size();
}

void plan_inference(Conversation& conversation, const TextPools& pools, std::span<std::byte> scratch) {
  const AiRequest request = ai_request(conversation.seed);
  Random random(conversation.seed ^ 0x9a95);
  const bool streamed = request.workload == AiWorkload::kChat;
  const std::uint32_t answers = streamed ? request.answer_size + 1 : 1;
  const std::uint32_t compute_us =
      request.workload == AiWorkload::kImage       ? random.between(1'500'000, 6'000'000)
      : request.workload == AiWorkload::kEmbedding ? random.between(8'000, 60'000)
                                                   : random.between(90'000, 900'000);
  for (std::uint32_t message = 0; message <= answers; ++message) {
    const std::uint32_t bytes = write_inference(conversation, message, pools, scratch);
    std::uint32_t gap_us = random.between(15'000, 70'000);
    if (message == 0) gap_us = random.between(100, 2'000);
    if (message == 1) gap_us = compute_us;
    conversation.add_message(message > 0, bytes, gap_us);
  }
}

std::uint32_t write_usage_report(const Conversation& conversation, std::uint32_t message,
                                 std::span<std::byte> into) {
  const AiRequest request = ai_request(conversation.seed);
  Random random(conversation.seed + message);
  TextWriter writer(into);
  if (message % 2 == 1) {
    writer.text("{\"status\":\"accepted\",\"report\":").number(message / 2).text("}");
    return writer.size();
  }
  metadata_lead(writer, request);
  writer.text(",\"event\":\"usage\",\"report\":").number(message / 2);
  writer.text(",\"prompt_tokens\":").number(random.between(20, 4000));
  writer.text(",\"completion_tokens\":").number(random.between(1, 900));
  writer.text(",\"queue_ms\":").number(random.between(0, 250)).text("}");
  return writer.size();
}

void plan_usage_report(Conversation& conversation, std::span<std::byte> scratch) {
  Random random(conversation.seed ^ 0x05a6);
  const std::uint32_t messages = random.between(1, 4) * 2;
  for (std::uint32_t message = 0; message < messages; ++message) {
    const bool answer = message % 2 == 1;
    const std::uint32_t gap_us = answer ? conversation.rtt_us : random.between(500'000, 4'000'000);
    conversation.add_message(answer, write_usage_report(conversation, message, scratch), gap_us);
  }
}

}  // namespace wireglass
