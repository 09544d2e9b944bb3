// StateRuns from YAML as it stands in a catalog, for tests of the engine that need real functions. What the compiler
// does, as far as these tests need it: `content: text` becomes a content by its hash, and `${name}` of a state's probe
// is written once for each answer. Header only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "proto/state_run.hpp"
#include "tests/support/host_tests.hpp"

namespace prove::test {

class RunYaml {
  public:
    RunYaml(const std::string& text, prove::testing::MemoryContent& contents) : contents_(contents) {
        const Value states = parse(text);
        for (const auto& state : states.mapping()) {
            Node node;
            node.id = StateId(state.key);
            node.position = state.key_position;
            run_.nodes.push_back(node);
        }
        std::size_t index = 0;
        for (const auto& state : states.mapping()) {
            Node& node = run_.nodes[index++];
            read_node(node, state.value);
            const std::size_t variants = std::size_t{1} << node.probes.size();
            for (std::uint32_t mask = 0; mask < variants; ++mask) {
                std::string rendered = text;
                for (std::size_t i = 0; i < node.probes.size(); ++i)
                    rendered = replace_all(rendered, "${" + node.probes[i].name + "}",
                                           (mask >> i & 1) != 0 ? "true" : "false");
                const Value again = parse(rendered);
                node.variants.push_back(read_variant(again.at(state.key), mask));
            }
        }
        run_.target = TargetId("here");
    }
    StateRun run() const { return run_; }

  private:
    static Value parse(const std::string& text) {
        return read_yaml(text, std::make_shared<const std::string>("states/test.yml"));
    }
    static std::vector<std::string> texts(const Value* value) {
        std::vector<std::string> result;
        if (!value) return result;
        if (value->is_text()) return {value->text()};
        for (const Value& item : value->list()) result.push_back(item.text());
        return result;
    }
    std::vector<NodeIndex> nodes(const Value* value) const {
        std::vector<NodeIndex> result;
        for (const std::string& name : texts(value)) result.push_back(run_.find(StateId(name)).value());
        return result;
    }
    static Condition condition(const Value& value) {
        Condition condition;
        condition.position = value.position();
        condition.value = value;
        if (value.is_mapping()) {
            condition.kind = condition_kind(value.mapping().begin()->key);
            condition.value = value.mapping().begin()->value;
        }
        return condition;
    }
    static std::vector<Condition> conditions(const Value* value) {
        std::vector<Condition> result;
        if (!value) return result;
        const bool many = value->is_list() && !value->list().empty() && !value->list()[0].is_text();
        if (!many) return {condition(*value)};
        for (const Value& item : value->list()) result.push_back(condition(item));
        return result;
    }
    static bool flag(const Value& value, const char* name, bool fallback = false) {
        const Value* found = value.find(name);
        return found ? found->boolean() : fallback;
    }

    void read_node(Node& node, const Value& state) {
        if (state.is_list()) return;
        node.lazy = flag(state, "lazy");
        node.defer = flag(state, "defer");
        node.requirements = nodes(state.find("requires"));
        if (const Value* group = state.find("group")) {
            node.group = true;
            node.members = nodes(group);
        }
        if (const Value* body = state.find("block")) {
            node.group = node.block = true;
            node.members = nodes(body);
            node.rescue = nodes(state.find("rescue"));
            node.always = nodes(state.find("always"));
        }
        if (const Value* probes = state.find("probe"))
            for (const auto& probe : probes->mapping()) node.probes.push_back({probe.key, conditions(&probe.value)});
    }
    Variant read_variant(const Value& state, std::uint32_t mask) {
        Variant variant;
        variant.mask = mask;
        if (!state.is_list()) {
            variant.notify = nodes(state.find("notify"));
            variant.notify_failure = nodes(state.find("notify_failure"));
            variant.onlyif = conditions(state.find("onlyif"));
            variant.unless = conditions(state.find("unless"));
        }
        const Value* parts = state.is_list() ? &state : state.find("parts");
        if (parts)
            for (const Value& part : parts->list()) variant.parts.push_back(read_part(part));
        return variant;
    }
    StatePart read_part(const Value& value) {
        static const std::set<std::string> keys{"fn",      "notify", "notify_failure", "onlyif",    "unless",
                                                "timeout", "retry",  "verify",         "sensitive", "that"};
        StatePart part;
        part.function = value.at("fn").text();
        part.position = value.position();
        part.notify = nodes(value.find("notify"));
        part.notify_failure = nodes(value.find("notify_failure"));
        part.onlyif = conditions(value.find("onlyif"));
        part.unless = conditions(value.find("unless"));
        part.that = conditions(value.find("that"));
        if (const Value* state = value.find("state"); state && part.function == "meta.run")
            part.runs = nodes(state).at(0);
        part.verify = flag(value, "verify", true);
        part.sensitive = flag(value, "sensitive");
        if (const Value* timeout = value.find("timeout")) part.timeout = parse_duration(timeout->text()).value();
        if (const Value* retry = value.find("retry")) {
            part.retry.attempts = static_cast<int>(retry->at("attempts").integer());
            if (const Value* delay = retry->find("delay")) part.retry.delay = parse_duration(delay->text()).value();
            if (const Value* backoff = retry->find("backoff")) part.retry.backoff = backoff->real();
        }
        for (const auto& member : value.mapping()) {
            if (keys.count(member.key) != 0) continue;
            part.arguments.set(member.key, member.key == "content" && member.value.is_text()
                                               ? prove::testing::blob(contents_.add(member.value.text()))
                                               : member.value);
        }
        return part;
    }

    prove::testing::MemoryContent& contents_;
    StateRun run_;
};

}  // namespace prove::test
