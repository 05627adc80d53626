#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wireglass {

/// Why an operation failed. `code` is stable snake_case that the API hands on (a string literal); `message`
/// says what was wrong, where, and what to do next. For control paths only: nothing that runs per packet
/// makes one.
struct Error {
  std::string_view code;
  std::string message;
};

/// A value or the error that kept it from being made.
template <class Value>
class [[nodiscard]] Result {
 public:
  Result(Value value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<Value>(state_); }
  Value& value() { return std::get<Value>(state_); }
  const Value& value() const { return std::get<Value>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<Value, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_{};
  bool ok_ = true;
};

}  // namespace wireglass
