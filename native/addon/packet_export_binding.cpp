#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "addon/async_call.hpp"
#include "addon/bindings.hpp"
#include "addon/capture_options.hpp"
#include "addon/convert.hpp"
#include "filter/packet_fields.hpp"
#include "pipeline/file_scan.hpp"
#include "pipeline/packet_export.hpp"

namespace wireglass {

namespace {

/// What an export reads and as what; opened by the first call that needs it, off the event loop.
struct ExportRequest {
  std::string directory;  ///< empty: `paths`
  std::vector<std::string> paths;
  TimeRange range;
  ExportOptions options;
  bool measure = false;
};

Result<std::unique_ptr<PacketScan>> open_scan(const ExportRequest& request) {
  if (request.directory.empty()) return scan_files(request.paths, request.range);
  return scan_segments(request.directory, request.range);
}

/// Counts after a step, with the bytes it gave.
struct ExportStep {
  PcapngWriter::Buffer data;
  bool done = false;
  bool begun = true;
  std::uint64_t packets = 0;
  std::uint64_t captured_bytes = 0;
  std::uint64_t scanned_packets = 0;
  std::uint64_t scanned_bytes = 0;
  std::uint64_t evicted_segments = 0;
  std::uint64_t failure_count = 0;
  std::vector<Error> failures;
  double progress = 0;
  std::optional<ExportMeasure::Sizes> sizes;
};

class ExportJob {
 public:
  explicit ExportJob(ExportRequest request) : request_(std::move(request)) {}

  Result<ExportStep> next() {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return Error{"bad_argument", "the export is closed"};
    if (Result<void> opened = open(); !opened.ok()) return opened.error();
    return request_.measure ? measure_step() : export_step();
  }

  /// A step that runs ends soon, and what it holds open is closed.
  void close() {
    cancelled_ = true;
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock) release();
  }

 private:
  Result<void> open() {
    if (export_ || measure_) return {};
    Result<std::unique_ptr<PacketScan>> scan = open_scan(request_);
    if (!scan.ok()) return scan.error();
    if (request_.measure) {
      measure_ = std::make_unique<ExportMeasure>(std::move(scan.value()), request_.options);
    } else {
      export_ = std::make_unique<PacketExport>(std::move(scan.value()), request_.options);
    }
    return {};
  }

  Result<ExportStep> export_step() {
    ExportStep step;
    if (Result<void> next = export_->next(step.data, cancelled_); !next.ok()) return next.error();
    step.done = export_->done();
    step.begun = export_->begun();
    count(*export_, step);
    if (cancelled_) release();
    return step;
  }

  Result<ExportStep> measure_step() {
    const Result<bool> more = measure_->next(cancelled_);
    if (!more.ok()) return more.error();
    ExportStep step;
    step.done = !more.value();
    step.sizes = measure_->sizes();
    count(*measure_, step);
    if (cancelled_) release();
    return step;
  }

  template <class Reading>
  static void count(const Reading& reading, ExportStep& step) {
    step.packets = reading.packets();
    step.captured_bytes = reading.captured_bytes();
    const PacketScan& scan = reading.scan();
    step.scanned_packets = scan.scanned_packets();
    step.scanned_bytes = scan.scanned_bytes();
    step.evicted_segments = scan.evicted_segments();
    step.failure_count = scan.failure_count();
    step.failures = scan.failures();
    step.progress = scan.progress();
  }

  void release() {
    export_.reset();
    measure_.reset();
  }

  std::mutex mutex_;
  std::atomic<bool> cancelled_{false};
  const ExportRequest request_;
  std::unique_ptr<PacketExport> export_;
  std::unique_ptr<ExportMeasure> measure_;
};

using JobHandle = Napi::External<std::shared_ptr<ExportJob>>;

ExportFormat read_format(const std::string& name) {
  if (name == "pcap") return ExportFormat::kPcap;
  if (name == "pcap_ns") return ExportFormat::kPcapNanoseconds;
  if (name == "json") return ExportFormat::kJson;
  if (name == "csv") return ExportFormat::kCsv;
  return ExportFormat::kPcapng;
}

Result<ExportRequest> read_request(const Napi::Object& options, const Napi::Object& decoder) {
  ExportRequest request;
  read_option(options, "directory", request.directory);
  if (const Napi::Value paths = options.Get("paths"); paths.IsArray()) {
    const auto array = paths.As<Napi::Array>();
    for (std::uint32_t index = 0; index < array.Length(); ++index)
      request.paths.push_back(array.Get(index).As<Napi::String>().Utf8Value());
  }
  request.range = {read_bigint(options, "fromNs"), read_bigint(options, "toNs")};
  std::string format = "pcapng";
  read_option(options, "format", format);
  request.measure = format == "measure";
  request.options.format = read_format(format);
  read_option(options, "limit", request.options.limit);
  request.options.decoder = read_decoder_config(decoder);
  std::string program;
  read_option(options, "filter", program);
  if (program.empty()) return request;
  Result<PacketFilter> filter = PacketFilter::compile(program);
  if (!filter.ok()) return filter.error();
  request.options.filter = std::move(filter.value());
  return request;
}

Napi::Value sizes_to_js(Napi::Env env, const ExportMeasure::Sizes& sizes) {
  Napi::Object object = Napi::Object::New(env);
  object["pcap"] = sizes.pcap ? Napi::Value(to_js(env, *sizes.pcap)) : env.Null();
  object["pcapng"] = to_js(env, sizes.pcapng);
  object["json"] = to_js(env, sizes.json);
  object["csv"] = to_js(env, sizes.csv);
  return object;
}

Napi::Value step_to_js(Napi::Env env, ExportStep& step) {
  Napi::Object object = Napi::Object::New(env);
  object["data"] = Napi::Buffer<std::byte>::Copy(env, step.data.data(), step.data.size());
  object["done"] = Napi::Boolean::New(env, step.done);
  object["begun"] = Napi::Boolean::New(env, step.begun);
  object["packets"] = to_js(env, step.packets);
  object["captured_bytes"] = to_js(env, step.captured_bytes);
  object["scanned_packets"] = to_js(env, step.scanned_packets);
  object["scanned_bytes"] = to_js(env, step.scanned_bytes);
  object["evicted_segments"] = to_js(env, step.evicted_segments);
  object["failure_count"] = to_js(env, step.failure_count);
  Napi::Array failures = Napi::Array::New(env, step.failures.size());
  for (std::uint32_t index = 0; index < step.failures.size(); ++index) {
    Napi::Object failure = Napi::Object::New(env);
    failure["code"] = to_js(env, step.failures[index].code);
    failure["message"] = to_js(env, step.failures[index].message);
    failures[index] = failure;
  }
  object["failures"] = failures;
  object["progress"] = step.progress < 0 ? env.Null() : Napi::Value(Napi::Number::New(env, step.progress));
  object["sizes"] = step.sizes ? sizes_to_js(env, *step.sizes) : env.Null();
  return object;
}

/// exportOpen(options, decoder): handle
Napi::Value export_open(const Napi::CallbackInfo& info) {
  Result<ExportRequest> request = read_request(info[0].As<Napi::Object>(), info[1].As<Napi::Object>());
  if (!request.ok()) throw to_js_error(info.Env(), request.error());
  auto job =
      std::make_unique<std::shared_ptr<ExportJob>>(std::make_shared<ExportJob>(std::move(request.value())));
  return JobHandle::New(info.Env(), job.release(), [](Napi::Env, std::shared_ptr<ExportJob>* held) {
    (*held)->close();
    delete held;  // NOLINT(cppcoreguidelines-owning-memory): JavaScript held it
  });
}

/// exportNext(handle): Promise<ExportStep>
Napi::Value export_next(const Napi::CallbackInfo& info) {
  const std::shared_ptr<ExportJob> job = *info[0].As<JobHandle>().Data();
  return AsyncCall<ExportStep>::run(info.Env(), [job] { return job->next(); }, step_to_js);
}

/// exportClose(handle): void
void export_close(const Napi::CallbackInfo& info) { (*info[0].As<JobHandle>().Data())->close(); }

/// packetFields(): {name, kind, place}[]
Napi::Value list_packet_fields(const Napi::CallbackInfo& info) {
  constexpr std::array<std::string_view, 3> kKinds = {"number", "address", "text"};
  constexpr std::array<std::string_view, 3> kPlaces = {"packet", "layer", "innermost"};
  Napi::Array list = Napi::Array::New(info.Env());
  for (const PacketField& field : packet_fields()) {
    Napi::Object object = Napi::Object::New(info.Env());
    object["name"] = to_js(info.Env(), field.name);
    object["kind"] = to_js(info.Env(), kKinds[static_cast<std::size_t>(field.kind)]);
    object["place"] = to_js(info.Env(), kPlaces[static_cast<std::size_t>(field.place)]);
    list[list.Length()] = object;
  }
  return list;
}

/// decodeStatuses(): string[]
Napi::Value decode_statuses(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  for (const std::string_view name : kDecodeStatusNames) list[list.Length()] = to_js(info.Env(), name);
  return list;
}

}  // namespace

void export_packet_export(Napi::Env env, Napi::Object exports) {
  exports["exportOpen"] = Napi::Function::New(env, export_open, "exportOpen");
  exports["exportNext"] = Napi::Function::New(env, export_next, "exportNext");
  exports["exportClose"] = Napi::Function::New(env, export_close, "exportClose");
  exports["packetFields"] = Napi::Function::New(env, list_packet_fields, "packetFields");
  exports["decodeStatuses"] = Napi::Function::New(env, decode_statuses, "decodeStatuses");
}

}  // namespace wireglass
