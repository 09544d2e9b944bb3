// Remembering what was read.
#include "master/compile/compiled_well.hpp"

#include <algorithm>
#include <optional>

#include "master/render/value_bytes.hpp"

namespace prove {

namespace {

void add_texts(const std::vector<std::string>& texts, std::string& bytes) {
    add_number(texts.size(), bytes);
    for (const std::string& text : texts) add_text(text, bytes);
}

void add_options(const RunOptions& options, std::string& bytes) {
    for (const int number :
         {static_cast<int>(options.on_failure), options.verify ? 1 : 0, options.max_invocations, options.parallelism})
        add_number(static_cast<std::uint64_t>(number), bytes);
}

std::size_t size_of(const CatalogReadSet& reads) {
    std::size_t result = 0;
    for (const CatalogRead& read : reads) result += sizeof read + read.name.size();
    return result;
}

}  // namespace

Hash hash_of_beginning(const ResolvedTarget& target, const Value& facts, const std::string& own_functions) {
    std::string bytes;
    add_text(own_functions, bytes);
    for (const std::string* text : {&target.target->id.text(), &target.target->host, &target.target->executor})
        add_text(*text, bytes);
    add_options(target.options, bytes);
    for (const auto* names : {&target.roles, &target.groups, &target.components}) add_texts(*names, bytes);
    add_number(target.states.size(), bytes);
    for (const auto& [state, position] : target.states) add_text(state, bytes);
    add_number(target.layers.size(), bytes);
    for (const VariableLayer& layer : target.layers) {
        add_text(layer.component, bytes);
        add_number(static_cast<std::uint64_t>(layer.secrets), bytes);
        add_value(layer.variables, bytes);
        if (layer.file == nullptr) continue;
        for (const std::string* text : {layer.file->path.get(), &layer.file->component}) add_text(*text, bytes);
        bytes += layer.file->hash.view();
    }
    add_value(facts, bytes);
    return hash_of(bytes);
}

std::shared_ptr<const CompiledWell::Reads> CompiledWell::find(const Hash& beginning) {
    const std::lock_guard lock(mutex_);
    const auto* found = compiled_.find(beginning);
    return found == nullptr ? nullptr : *found;
}

void CompiledWell::add(const Hash& beginning, CatalogReadSet catalog, std::map<std::string, Hash> asked) {
    const Hash hash = hash_of_reads(catalog);
    const std::lock_guard lock(mutex_);
    std::size_t bytes = sizeof(Reads) + asked.size() * 200;
    // They count for the first of those that share them.
    if (sets_.find(hash) == nullptr) bytes += size_of(catalog);
    auto reads = std::make_shared<const Reads>(Reads{sets_.keep(hash, std::move(catalog)), std::move(asked)});
    compiled_.put(beginning, std::move(reads), bytes);
}

bool HoldingReads::holds(const CompiledWell::Reads& reads, TargetAnswers& answers) {
    std::optional<bool> known;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = known_.find(reads.catalog); found != known_.end()) known = found->second;
    }
    if (!known) {
        known = prove::holds(*reads.catalog, catalog_);
        const std::lock_guard lock(mutex_);
        known_[reads.catalog] = *known;
    }
    if (!*known) return false;
    try {
        return std::all_of(reads.asked.begin(), reads.asked.end(),
                           [&](const auto& asked) { return answers.find(asked.first, false)->hash == asked.second; });
    } catch (const Error&) {
        return false;  // an expression that has become wrong
    }
}

}  // namespace prove
