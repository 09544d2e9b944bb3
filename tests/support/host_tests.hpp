// What tests of hosts and state functions share: contents in memory, arguments as they are written in a catalog, and
// one call that runs a function as a part.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/functions/registry.hpp"
#include "agent/host/host.hpp"
#include "common/yaml/yaml.hpp"

namespace prove::testing {

class MemoryContent final : public ContentSource {
  public:
    Content add(const std::string& bytes) {
        const Hash hash = hash_of(bytes);
        contents_[hash] = bytes;
        Content content;
        content.hash = hash;
        content.size = bytes.size();
        content.source = this;
        return content;
    }
    std::string fetch(const Hash& hash) override {
        ++fetches;
        const auto found = contents_.find(hash);
        if (found == contents_.end()) throw Error(ErrorKind::missing, "no such content");
        return found->second;
    }

    std::atomic<int> fetches = 0;

  private:
    std::map<Hash, std::string> contents_;
};

inline Value blob(const Content& content) {
    Value value = Value::object();
    value.set("$blob", content.hash.hex());
    value.set("size", Value(content.size));
    return value;
}

// A part's arguments from YAML; `content: text` is named by its hash, as the compiler does it.
inline Value arguments_of(const std::string& yaml, MemoryContent& contents) {
    Value values = read_yaml(yaml, std::make_shared<const std::string>("states/test.yml"));
    if (values.is_mapping() && values.find("content") != nullptr)
        values.set("content", blob(contents.add(values.at("content").text())));
    return values;
}

// Runs one part and gives what it recorded.
inline std::vector<Change> converge(const Function& function, const Value& values, MemoryContent& contents, Host& host,
                                    PartContext part = {}) {
    host.begin_part(std::move(part));
    try {
        function.converge(Arguments(function.schema, values, &contents), host);
    } catch (...) {
        (void)host.end_part();
        throw;
    }
    return host.end_part();
}

// "existence: absent -> file", for comparing what was recorded.
inline std::vector<std::string> shown(const std::vector<Change>& changes) {
    std::vector<std::string> lines;
    for (const Change& change : changes)
        lines.push_back(change.resource + " " + change.aspect +
                        (change.event ? "" : ": " + change.before + " -> " + change.after));
    return lines;
}

// Without the resource and without the content's hashes.
inline std::vector<std::string> aspects(const std::vector<Change>& changes) {
    std::vector<std::string> lines;
    for (const Change& change : changes)
        lines.push_back(change.aspect == "content" ? "content"
                                                   : change.aspect + ": " + change.before + " -> " + change.after);
    return lines;
}

}  // namespace prove::testing
