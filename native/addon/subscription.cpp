#include "addon/subscription.hpp"

#include <utility>

#include "addon/interval_object.hpp"

namespace wireglass {

namespace {

/// The batch's columns as an ArrayBuffer over the core's own memory, which lives until it is collected.
Napi::ArrayBuffer columns_of(Napi::Env env, const FlowBatchPtr& batch) {
  auto owner = std::make_unique<FlowBatchPtr>(batch);
  const auto buffer = Napi::ArrayBuffer::New(
      env, batch->columns(), FlowColumns::kSizeBytes,
      [](Napi::Env /*env*/, void* /*data*/, FlowBatchPtr* held) { delete held; }, owner.get());
  [[maybe_unused]] const FlowBatchPtr* owned_by_finalizer = owner.release();
  return buffer;
}

Napi::Object object_of(Napi::Env env, const FlowBatchPtr& batch) {
  Napi::Object object = Napi::Object::New(env);
  object["kind"] = Napi::String::New(env, batch->kind == FlowBatch::Kind::kRecords ? "records" : "snapshot");
  object["rows"] = Napi::Number::New(env, static_cast<double>(batch->rows()));
  object["columns"] = columns_of(env, batch);
  object["snapshotId"] = Napi::Number::New(env, batch->snapshot_id);
  object["last"] = Napi::Boolean::New(env, batch->last);
  return object;
}

Napi::Object object_of(Napi::Env env, const IntervalReportPtr& report) { return to_js(env, *report); }

}  // namespace

Subscription::Subscription(std::shared_ptr<EnvChannel> channel, std::shared_ptr<BatchHub> hub,
                           const Napi::Function& callback, std::size_t queue_batches, Topic topic)
    : channel_(std::move(channel)),
      hub_(std::move(hub)),
      queue_batches_(queue_batches),
      topic_(topic),
      callback_(Napi::Persistent(callback)) {}

void Subscription::take(const FlowBatchPtr& batch) { enqueue(batch); }

void Subscription::take_report(const IntervalReportPtr& report) { enqueue(report); }

template <class Item>
void Subscription::enqueue(const Item& item) {
  queued_.fetch_add(1, std::memory_order_acq_rel);
  const bool posted =
      channel_->post([self = shared_from_this(), item](Napi::Env env) { self->deliver(env, item); });
  // Only an environment that is going away refuses; its cleanup removes this subscription from the hub.
  if (!posted) queued_.fetch_sub(1, std::memory_order_acq_rel);
}

template <class Item>
void Subscription::deliver(Napi::Env env, const Item& item) {
  struct HandedOver {
    Subscription* subscription;
    ~HandedOver() {
      if (subscription != nullptr) subscription->handed_over();
    }
  } handed_over_at_return{this};
  if (callback_.IsEmpty()) return;
  const Napi::Value result = callback_.Call({object_of(env, item)});
  if (!result.IsPromise()) return;
  const Napi::Function settled = Napi::Function::New(
      env, [self = shared_from_this()](const Napi::CallbackInfo&) { self->handed_over(); });
  // `finally`, because a rejection stays the subscriber's mistake and is reported as unhandled.
  result.As<Napi::Object>().Get("finally").As<Napi::Function>().Call(result, {settled});
  handed_over_at_return.subscription = nullptr;
}

void Subscription::handed_over() {
  if (queued_.fetch_sub(1, std::memory_order_acq_rel) == 1) hub_->became_idle();
}

void Subscription::close() {
  callback_.Reset();
  hub_->remove(this);
}

}  // namespace wireglass
