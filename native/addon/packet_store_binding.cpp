#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/async_call.hpp"
#include "addon/bindings.hpp"
#include "addon/capture_options.hpp"
#include "addon/convert.hpp"
#include "addon/packet_rows.hpp"
#include "base/clock.hpp"
#include "decode/dissection.hpp"
#include "pipeline/packet_summary.hpp"
#include "segment/packet_store.hpp"
#include "segment/segment_recovery.hpp"

namespace wireglass {

namespace {

struct ListedPacket {
  StoredPacket packet;
  PacketSummary summary;
};

struct ListedPage {
  std::vector<ListedPacket> rows;
  std::optional<PacketId> next_before;
};

struct DetailedPacket {
  ListedPacket listed;
  std::vector<DissectedHeader> headers;
};

struct PcapDownload {
  PcapngWriter::Buffer bytes;
  std::size_t packets = 0;
};

Error unknown_id(const std::string& id) {
  return {"packet_not_found", "There is no packet \"" + id + "\": that is no id that this program gives."};
}

Napi::Object row_to_js(Napi::Env env, const ListedPacket& listed) {
  const auto& [packet, summary] = listed;
  Napi::Object row = Napi::Object::New(env);
  row["id"] = to_js(env, packet.id.to_string());
  row["time_ns"] = to_js(env, std::to_string(packet.timestamp_ns));
  row["captured_length"] = to_js(env, static_cast<std::uint64_t>(packet.data.size()));
  row["original_length"] = to_js(env, static_cast<std::uint64_t>(packet.original_length));
  row["interface"] = to_js(env, packet.interface);
  row["link_type"] = to_js(env, link_type_name(packet.link_type));
  add_summary(row, summary);
  return row;
}

Napi::Object header_to_js(Napi::Env env, const DissectedHeader& header) {
  Napi::Array fields = Napi::Array::New(env, header.fields.size());
  for (std::uint32_t index = 0; index < header.fields.size(); ++index) {
    const DissectedField& field = header.fields[index];
    Napi::Object object = Napi::Object::New(env);
    object["name"] = to_js(env, field.name);
    object["value"] = to_js(env, field.value);
    object["offset"] = Napi::Number::New(env, field.offset);
    object["length"] = Napi::Number::New(env, field.length);
    fields[index] = object;
  }
  Napi::Object object = Napi::Object::New(env);
  object["protocol"] = to_js(env, header.protocol);
  object["offset"] = Napi::Number::New(env, header.offset);
  object["length"] = Napi::Number::New(env, header.length);
  object["fields"] = fields;
  return object;
}

/// A detail's bytes come as `data`; hex and digest are made from them in TypeScript.
Napi::Value detail_to_js(Napi::Env env, const DetailedPacket& detailed) {
  Napi::Object detail = row_to_js(env, detailed.listed);
  Napi::Array headers = Napi::Array::New(env, detailed.headers.size());
  for (std::uint32_t index = 0; index < detailed.headers.size(); ++index) {
    headers[index] = header_to_js(env, detailed.headers[index]);
  }
  detail["headers"] = headers;
  const std::vector<std::byte>& data = detailed.listed.packet.data;
  detail["data"] = Napi::Buffer<std::byte>::Copy(env, data.data(), data.size());
  return detail;
}

Result<PacketListing> read_listing(const Napi::Object& options) {
  PacketListing listing;
  read_option(options, "limit", listing.limit);
  std::string kind = "any";
  read_option(options, "kind", kind);
  listing.kind = kind == "lisp" ? PacketKind::kLisp : PacketKind::kAny;
  std::string before;
  read_option(options, "before", before);
  if (!before.empty()) {
    listing.before = PacketId::parse(before);
    if (!listing.before) return unknown_id(before);
  }
  listing.from_ns = read_bigint(options, "fromNs");
  listing.to_ns = read_bigint(options, "toNs");
  std::string program;
  read_option(options, "filter", program);
  if (!program.empty()) {
    Result<PacketFilter> filter = PacketFilter::compile(program);
    if (!filter.ok()) return filter.error();
    listing.filter = std::move(filter.value());
  }
  return listing;
}

Result<std::vector<StoredPacket>> read_packets(const PacketStore& store,
                                               const std::vector<std::string>& ids) {
  std::vector<StoredPacket> packets;
  packets.reserve(ids.size());
  for (const std::string& text : ids) {
    const std::optional<PacketId> id = PacketId::parse(text);
    if (!id) return unknown_id(text);
    Result<StoredPacket> packet = store.read(*id);
    if (!packet.ok()) return packet.error();
    packets.push_back(std::move(packet.value()));
  }
  return packets;
}

Result<PcapDownload> download(const Result<std::vector<StoredPacket>>& packets) {
  if (!packets.ok()) return packets.error();
  Result<PcapngWriter::Buffer> bytes = make_pcap(packets.value());
  if (!bytes.ok()) return bytes.error();
  return PcapDownload{std::move(bytes.value()), packets.value().size()};
}

Napi::Value download_to_js(Napi::Env env, PcapDownload& download) {
  Napi::Object object = Napi::Object::New(env);
  object["pcap"] = Napi::Buffer<std::byte>::Copy(env, download.bytes.data(), download.bytes.size());
  object["packets"] = to_js(env, static_cast<std::uint64_t>(download.packets));
  return object;
}

/// storePage(directory, options, decoder): Promise<PacketPage>
Napi::Value store_page(const Napi::CallbackInfo& info) {
  Result<PacketListing> listing = read_listing(info[1].As<Napi::Object>());
  if (!listing.ok()) throw to_js_error(info.Env(), listing.error());
  auto work = [directory = info[0].As<Napi::String>().Utf8Value(), listing = std::move(listing.value()),
               config = read_decoder_config(info[2].As<Napi::Object>())]() -> Result<ListedPage> {
    Result<PacketListPage> page = PacketStore(directory, config).page(listing);
    if (!page.ok()) return page.error();
    const Decoder decoder(config);
    ListedPage listed;
    listed.next_before = page.value().next_before;
    listed.rows.reserve(page.value().packets.size());
    for (StoredPacket& packet : page.value().packets) {
      const PacketSummary summary = summarize_packet(decoder, view_of(packet));
      listed.rows.push_back({std::move(packet), summary});
    }
    return listed;
  };
  return AsyncCall<ListedPage>::run(info.Env(), std::move(work), [](Napi::Env env, ListedPage& listed) {
    Napi::Array list = Napi::Array::New(env, listed.rows.size());
    for (std::uint32_t index = 0; index < listed.rows.size(); ++index)
      list[index] = row_to_js(env, listed.rows[index]);
    Napi::Object page = Napi::Object::New(env);
    page["packets"] = list;
    page["nextBefore"] =
        listed.next_before ? Napi::Value(to_js(env, listed.next_before->to_string())) : env.Null();
    return page;
  });
}

/// storeDetail(directory, id, decoder): Promise<PacketDetail, with `data` in place of hex and sha256>
Napi::Value store_detail(const Napi::CallbackInfo& info) {
  auto work = [directory = info[0].As<Napi::String>().Utf8Value(),
               text = info[1].As<Napi::String>().Utf8Value(),
               config = read_decoder_config(info[2].As<Napi::Object>())]() -> Result<DetailedPacket> {
    Result<std::vector<StoredPacket>> packets = read_packets(PacketStore(directory), {text});
    if (!packets.ok()) return packets.error();
    const Decoder decoder(config);
    StoredPacket& packet = packets.value().front();
    const PacketView view = view_of(packet);
    const PacketSummary summary = summarize_packet(decoder, view);
    std::vector<DissectedHeader> headers = dissect(decoder, view);
    return DetailedPacket{{std::move(packet), summary}, std::move(headers)};
  };
  return AsyncCall<DetailedPacket>::run(
      info.Env(), std::move(work),
      [](Napi::Env env, DetailedPacket& detailed) { return detail_to_js(env, detailed); });
}

/// storePcapByIds(directory, ids): Promise<{pcap, packets}>
Napi::Value store_pcap_by_ids(const Napi::CallbackInfo& info) {
  const auto array = info[1].As<Napi::Array>();
  std::vector<std::string> ids;
  ids.reserve(array.Length());
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    ids.push_back(array.Get(index).As<Napi::String>().Utf8Value());
  }
  auto work = [directory = info[0].As<Napi::String>().Utf8Value(),
               ids = std::move(ids)]() -> Result<PcapDownload> {
    return download(read_packets(PacketStore(directory), ids));
  };
  return AsyncCall<PcapDownload>::run(info.Env(), std::move(work), download_to_js);
}

/// storePcapByListing(directory, options, decoder): Promise<{pcap, packets}>
Napi::Value store_pcap_by_listing(const Napi::CallbackInfo& info) {
  const Result<PacketListing> listing = read_listing(info[1].As<Napi::Object>());
  if (!listing.ok()) throw to_js_error(info.Env(), listing.error());
  auto work = [directory = info[0].As<Napi::String>().Utf8Value(), listing = listing.value(),
               config = read_decoder_config(info[2].As<Napi::Object>())]() -> Result<PcapDownload> {
    return download(PacketStore(directory, config).list(listing));
  };
  return AsyncCall<PcapDownload>::run(info.Env(), std::move(work), download_to_js);
}

/// storeSegments(directory): Promise<SegmentRow[]>
Napi::Value store_segments(const Napi::CallbackInfo& info) {
  using Segments = std::vector<StoredSegment>;
  auto work = [directory = info[0].As<Napi::String>().Utf8Value()] {
    return PacketStore(directory).segments();
  };
  return AsyncCall<Segments>::run(info.Env(), std::move(work), [](Napi::Env env, Segments& segments) {
    Napi::Array list = Napi::Array::New(env, segments.size());
    for (std::uint32_t index = 0; index < segments.size(); ++index) {
      const StoredSegment& segment = segments[index];
      Napi::Object row = Napi::Object::New(env);
      row["sequence"] = to_js(env, std::to_string(segment.sequence));
      row["packets"] = to_js(env, segment.packets);
      row["file_bytes"] = to_js(env, segment.file_bytes);
      row["first_ns"] = to_js(env, std::to_string(segment.first_ns));
      row["last_ns"] = to_js(env, std::to_string(segment.last_ns));
      row["open"] = Napi::Boolean::New(env, segment.open);
      list[index] = row;
    }
    return list;
  });
}

Napi::Value time_or_null(Napi::Env env, const std::optional<TimeNs>& time) {
  return time ? Napi::Value(to_js(env, std::to_string(*time))) : env.Null();
}

/// storeTotals(directory): Promise<PacketTotals>
Napi::Value store_totals(const Napi::CallbackInfo& info) {
  auto work = [directory = info[0].As<Napi::String>().Utf8Value()] {
    return PacketStore(directory).totals();
  };
  return AsyncCall<PacketStoreTotals>::run(info.Env(), std::move(work),
                                           [](Napi::Env env, PacketStoreTotals& totals) {
                                             Napi::Object object = Napi::Object::New(env);
                                             object["segments"] = to_js(env, totals.segments);
                                             object["packets"] = to_js(env, totals.packets);
                                             object["file_bytes"] = to_js(env, totals.file_bytes);
                                             object["first_ns"] = time_or_null(env, totals.first_ns);
                                             object["last_ns"] = time_or_null(env, totals.last_ns);
                                             return object;
                                           });
}

/// storeRecover(directory, sensor): Promise<{segments_completed, failures}>
Napi::Value store_recover(const Napi::CallbackInfo& info) {
  auto work = [directory = info[0].As<Napi::String>().Utf8Value(),
               sensor = info[1].As<Napi::Number>().Uint32Value()] {
    return recover_segments(SegmentFiles{directory}, sensor, SystemClock().now());
  };
  return AsyncCall<Recovery>::run(info.Env(), std::move(work), [](Napi::Env env, Recovery& recovery) {
    Napi::Object object = Napi::Object::New(env);
    object["segments_completed"] = to_js(env, recovery.segments_completed);
    Napi::Array failures = Napi::Array::New(env, recovery.failures.size());
    for (std::uint32_t index = 0; index < recovery.failures.size(); ++index) {
      failures[index] = to_js(env, recovery.failures[index].message);
    }
    object["failures"] = failures;
    return object;
  });
}

}  // namespace

void export_packet_store(Napi::Env env, Napi::Object exports) {
  exports["storePage"] = Napi::Function::New(env, store_page, "storePage");
  exports["storeDetail"] = Napi::Function::New(env, store_detail, "storeDetail");
  exports["storePcapByIds"] = Napi::Function::New(env, store_pcap_by_ids, "storePcapByIds");
  exports["storePcapByListing"] = Napi::Function::New(env, store_pcap_by_listing, "storePcapByListing");
  exports["storeSegments"] = Napi::Function::New(env, store_segments, "storeSegments");
  exports["storeRecover"] = Napi::Function::New(env, store_recover, "storeRecover");
  exports["storeTotals"] = Napi::Function::New(env, store_totals, "storeTotals");
}

}  // namespace wireglass
