// The one data model of Prove: what YAML, JSON, templates and messages hold. A Value is a plain value (copyable,
// comparable) that remembers where it was written. Mappings keep the order in which they were written.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proto/error.hpp"
#include "proto/position.hpp"

namespace prove {

class Value;

// An ordered mapping from text to Value. Look-up is by linear search in small ones and by an index in large ones.
class Mapping {
  public:
    struct Member;
    Mapping() noexcept;
    Mapping(const Mapping&);
    Mapping(Mapping&&) noexcept;
    Mapping& operator=(const Mapping&);
    Mapping& operator=(Mapping&&) noexcept;
    ~Mapping();
    using const_iterator = std::vector<Member>::const_iterator;
    using iterator = std::vector<Member>::iterator;

    const Value* find(std::string_view key) const;  // null where absent; valid until the mapping changes
    Value* find(std::string_view key);
    bool has(std::string_view key) const { return find(key) != nullptr; }
    // Sets or replaces; a new key goes to the end.
    Value& set(std::string key, Value value);
    Value& set(std::string key, SourcePosition key_position, Value value);
    bool erase(std::string_view key);
    std::size_t size() const;
    bool empty() const;
    const_iterator begin() const;
    const_iterator end() const;
    iterator begin();
    iterator end();
    const Member* member(std::string_view key) const;
    bool operator==(const Mapping& other) const;  // order and positions do not count

  private:
    std::size_t index_of(std::string_view key) const;
    void index_members();
    std::vector<Member> members_;
    // Filled by set() when large; never by a look-up, so that a const Mapping may be read from several threads.
    std::map<std::string, std::size_t, std::less<>> index_;
};

class Value {
  public:
    enum class Kind : std::uint8_t { null, boolean, integer, real, text, list, mapping };
    using List = std::vector<Value>;

    Value() = default;
    Value(bool v) : data_(v) {}
    Value(int v) : data_(static_cast<std::int64_t>(v)) {}
    Value(std::int64_t v) : data_(v) {}
    Value(std::uint64_t v);  // throws Error(invalid) above the largest int64
    Value(double v) : data_(v) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(std::string_view v) : data_(std::string(v)) {}
    Value(List v);
    Value(Mapping v);
    template <class T>
    Value(const T*) = delete;  // a pointer is not a boolean

    Kind kind() const { return static_cast<Kind>(data_.index()); }
    bool is_null() const { return kind() == Kind::null; }
    bool is_boolean() const { return kind() == Kind::boolean; }
    bool is_integer() const { return kind() == Kind::integer; }
    bool is_text() const { return kind() == Kind::text; }
    bool is_list() const { return kind() == Kind::list; }
    bool is_mapping() const { return kind() == Kind::mapping; }

    // Each throws Error(invalid, position) with what was expected and what was found.
    bool boolean() const;
    std::int64_t integer() const;
    double real() const;  // an integer is a real too
    const std::string& text() const;
    const List& list() const;
    List& list();
    const Mapping& mapping() const;
    Mapping& mapping();

    // Members of a mapping; `at` throws Error(missing) where it is absent.
    const Value* find(std::string_view key) const { return mapping().find(key); }
    const Value& at(std::string_view key) const;
    Value& set(std::string key, Value value) { return mapping().set(std::move(key), std::move(value)); }
    void push(Value value) { list().push_back(std::move(value)); }
    static Value object() { return Value(Mapping{}); }
    static Value array() { return Value(List{}); }

    const SourcePosition& position() const { return position_; }
    void set_position(SourcePosition position) { position_ = std::move(position); }
    // "a mapping", "the text 'yes'", "the integer 5": for messages.
    std::string described() const;
    bool operator==(const Value& other) const { return data_ == other.data_; }  // positions do not count

  private:
    // List and mapping are held by pointer, so that a Value is small and this class may be recursive.
    template <class T>
    struct Box {
        std::unique_ptr<T> held;
        Box() : held(std::make_unique<T>()) {}
        explicit Box(T value) : held(std::make_unique<T>(std::move(value))) {}
        Box(const Box& other) : held(std::make_unique<T>(*other.held)) {}
        Box(Box&& other) noexcept = default;
        Box& operator=(const Box& other) {
            held = std::make_unique<T>(*other.held);
            return *this;
        }
        Box& operator=(Box&& other) noexcept = default;
        bool operator==(const Box& other) const { return *held == *other.held; }
    };
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Box<List>, Box<Mapping>> data_;
    SourcePosition position_;
};

struct Mapping::Member {
    std::string key;
    SourcePosition key_position;
    Value value;
};

// Below Member, since a vector cannot be looked into before its element is known.
inline Mapping::Mapping() noexcept = default;
inline Mapping::Mapping(const Mapping&) = default;
inline Mapping::Mapping(Mapping&&) noexcept = default;
inline Mapping& Mapping::operator=(const Mapping&) = default;
inline Mapping& Mapping::operator=(Mapping&&) noexcept = default;
inline Mapping::~Mapping() = default;
inline std::size_t Mapping::size() const { return members_.size(); }
inline bool Mapping::empty() const { return members_.empty(); }
inline Mapping::const_iterator Mapping::begin() const { return members_.begin(); }
inline Mapping::const_iterator Mapping::end() const { return members_.end(); }
inline Mapping::iterator Mapping::begin() { return members_.begin(); }
inline Mapping::iterator Mapping::end() { return members_.end(); }

// What a reader accepts at most (security.md section 15); crossing one is an Error(invalid) that names it.
struct JsonLimits {
    std::size_t bytes = 8u << 20;
    std::size_t depth = 32;
    std::size_t nodes = 100'000;
    std::size_t string_bytes = 1u << 20;
    std::size_t keys_per_object = 1'000;
    std::size_t key_bytes = 256;
    static JsonLimits state_run() {
        JsonLimits limits;
        limits.nodes = 1'000'000;
        limits.keys_per_object = 20'000;
        return limits;
    }
};

// JSON text to Value (S46): refuses duplicate keys, invalid UTF-8, numbers out of range, NaN, trailing bytes.
// With `file`, values carry that file's lines and columns (columns in code points).
Value read_json(std::string_view text, const JsonLimits& limits = {}, const FileName& file = nullptr);
// Value to JSON on one line; bytes that are not UTF-8 are written as U+FFFD (S47). Never throws.
std::string write_json(const Value& value);
std::string write_json_pretty(const Value& value);
// Value to YAML in block style, for --output yaml and docs; strings are quoted where plain would change them.
std::string write_yaml(const Value& value);

// Reads the members of a mapping one by one and refuses what is left over (S46: unknown fields).
//     Fields fields(value, "ping"); reply.nonce = fields.text("nonce"); fields.end();
class Fields {
  public:
    Fields(const Value& mapping, std::string what);
    const Value& required(std::string_view key);
    const Value* optional(std::string_view key);  // null where absent or null
    std::string text(std::string_view key) { return required(key).text(); }
    std::string text(std::string_view key, std::string fallback);
    std::int64_t integer(std::string_view key) { return required(key).integer(); }
    std::int64_t integer(std::string_view key, std::int64_t fallback);
    bool boolean(std::string_view key, bool fallback);
    std::vector<std::string> texts(std::string_view key);  // a list of texts; empty where absent
    void end() const;  // throws Error(invalid): unknown field, with the nearest known one

  private:
    const Mapping& mapping_;
    std::string what_;
    std::vector<std::string> asked_;
};

}  // namespace prove
