// See output_holes.hpp.
#include "master/compile/output_holes.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "proto/output_ref.hpp"

namespace prove {

namespace {

constexpr std::string_view core = "prove-out-";

// Blanks, quotes and brackets around it: whatever quotes, escapes or trims a text would change it, which is noticed.
std::string hole_for(const Value& output) {
    return " <'&\"" + std::string(core) + hash_of(write_json(output)).hex().substr(0, 32) + "\"&'> ";
}

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
        ++count;
    return count;
}

// Whether every mention of this hole is the hole itself.
bool is_whole(const std::string& text, const std::string& lowered, const std::string& hole) {
    const std::size_t begins = hole.find(core);
    return count_of(lowered, hole.substr(begins, core.size() + 32)) == count_of(text, hole);
}

}  // namespace

OutputHoles::OutputHoles(std::vector<Node>& nodes) {
    for (Node& node : nodes)
        for (Variant& variant : node.variants)
            for (StatePart& part : variant.parts) {
                const auto* context = part.arguments.mapping().member("context");
                if (context == nullptr || !holds_output(context->value)) continue;
                Dug& dug = dug_.emplace_back(Dug{&part, node.id, context->key_position, {}});
                part.arguments.set("context", dig(context->value, dug.holes));
            }
}

Value OutputHoles::dig(const Value& value, std::map<std::string, Value>& holes) {
    Value result = value;
    if (is_output(value)) {
        const std::string hole = hole_for(value);
        holes[hole] = value;
        result = Value::object();
        result.set_position(value.position());
        result.set("$hole", hole);
    } else if (result.is_list()) {
        for (Value& member : result.list()) member = dig(member, holes);
    } else if (result.is_mapping()) {
        for (Mapping::Member& member : result.mapping()) member.value = dig(member.value, holes);
    }
    return result;
}

void OutputHoles::mark(const std::map<Hash, Blob>& blobs, Diagnostics& diagnostics) {
    for (Dug& dug : dug_) {
        Value* content = dug.part->arguments.mapping().find("content");
        if (content == nullptr || !content->is_mapping() || content->find("$blob") == nullptr) continue;
        const auto blob = blobs.find(*Hash::from_hex_text(content->at("$blob").text()));
        if (blob == blobs.end()) continue;
        const std::string& text = *blob->second;
        const std::string lowered = lower(text);
        Value holes = content->find("holes") != nullptr ? content->at("holes") : Value::object();
        for (const auto& [hole, output] : dug.holes) {
            if (!is_whole(text, lowered, hole))
                diagnostics.error(
                    dug.position, dug.state.text(),
                    "the template passes " + quoted(output_ref(output).text()) +
                        " through a filter; it is known only during the run, so a template can print it as "
                        "it is, and nothing else");
            if (text.find(hole) != std::string::npos) holes.set(hole, output);
        }
        if (!holes.mapping().empty()) content->set("holes", std::move(holes));
    }
}

}  // namespace prove
