// Looking at what a rendering would read. Secrets are marks here (proto/secret_text.hpp), made of their ciphertexts:
// another ciphertext is another value.
#include "master/render/render_memory.hpp"
#include "master/render/template_source.hpp"
#include "master/render/value_bytes.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

// What a template can only print is one thing to it, whatever it is asked, and never the mapping that it is written as.
bool is_only_printed(const Value& value) {
    return is_secret(value) || (value.is_mapping() && value.mapping().size() == 1 && value.mapping().has("$hole"));
}

const Value* member(const Value& value, const std::string& key) {
    if (value.is_mapping()) return value.find(key);
    if (!value.is_list() || key.empty() || key.size() > 9 || key.find_first_not_of("0123456789") != std::string::npos)
        return nullptr;
    const auto at = static_cast<std::size_t>(std::stoul(key));
    return at < value.list().size() ? &value.list()[at] : nullptr;
}

}  // namespace

Hash ReadValues::begin() const {
    std::string bytes;
    for (const std::string* text : {&request_.engine, &request_.call, request_.path.get(), request_.text})
        add_text(*text, bytes);
    bytes += request_.yaml ? 'y' : '-';
    bytes += request_.collect_probes ? 'p' : '-';
    add_keys(*request_.names, bytes);
    return hash_of(bytes);
}

const Value* ReadValues::find(const Read& read) {
    const Value* at = request_.names;
    auto key = read.path.begin();
    if (*key == "targets" && read.path.size() > 1) {
        const std::string& expression = *++key;
        auto found = targets_.find(expression);
        if (found == targets_.end()) {
            std::shared_ptr<const Value> targets;
            try {
                targets = request_.targets ? request_.targets(expression) : std::make_shared<const Value>();
            } catch (const Error& error) {
                // What is wrong with it may have become another error.
                targets = std::make_shared<const Value>(error.text());
            }
            found = targets_.emplace(expression, std::move(targets)).first;
        }
        at = found->second.get();
        ++key;
    }
    for (; key != read.path.end() && at != nullptr; ++key) at = member(*at, *key);
    return at;
}

void ReadValues::add_template(const Read& read, std::string& bytes) const {
    const auto found = identify_template(catalog_, read.path.at(0), read.path.at(1));
    add_text(found ? found->first : "", bytes);
    // What is said about a text that is not there names what is.
    bytes += (found ? found->second : catalog_.hash()).view();
}

void ReadValues::add(const Read& read, std::string& bytes) {
    if (read.kind == Read::Kind::template_ || read.kind == Read::Kind::file) return add_template(read, bytes);
    const Value* value = find(read);
    if (value == nullptr) {
        bytes += '-';
    } else if (read.kind == Read::Kind::value) {
        add_value(*value, bytes);
    } else if (is_only_printed(*value)) {
        bytes += 'P';
        add_value(*value, bytes);
    } else {
        bytes += static_cast<char>('0' + static_cast<int>(value->kind()));
        if (read.kind == Read::Kind::keys) add_keys(*value, bytes);
    }
}

void ReadValues::tell_asked() const {
    if (!request_.asked) return;
    for (const auto& [expression, found] : targets_)
        if (found->is_list()) request_.asked(expression);
}

Hash ReadValues::after(const Hash& before, const std::vector<Read>& reads) {
    std::string bytes(before.view());
    for (const Read& read : reads) add(read, bytes);
    return hash_of(bytes);
}

}  // namespace prove
