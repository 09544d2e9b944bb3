// Walking includes.
#include "master/compile/gather_files.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/lints.hpp"
#include "master/compile/nested_files.hpp"

namespace prove {

namespace {

class Gatherer {
  public:
    Gatherer(const Catalog& catalog, StateFileReader& reader, Diagnostics& diagnostics)
        : catalog_(catalog),
          reader_(reader),
          diagnostics_(diagnostics),
          nested_(catalog, reader, diagnostics, result_, [this](const Reference& include) { add(include); }) {}

    GatheredFiles gather(const ResolvedTarget& target) {
        for (const auto& [name, position] : target.states) add({name, position});
        nested_.add_runs();
        check_required();
        return std::move(result_);
    }

  private:
    enum class State { open, done };

    void add(const Reference& reference) {
        const SourceFile* source = catalog_.state_file(reference.text);
        if (source == nullptr) return unknown(reference);
        const auto [state, fresh] = states_.emplace(source->name, State::open);
        if (!fresh) {
            if (state->second == State::open) report_cycle(reference);
            return;
        }
        auto file = reader_.read(*source);
        if (!file) {
            result_.complete = false;
            states_[source->name] = State::done;
            return;
        }
        lint_file(*source, *file, diagnostics_);
        path_.push_back(source->name);
        const auto draft = file->draft;
        for (const Reference& include : draft->includes) add(include);
        path_.pop_back();
        const std::size_t index = result_.files.size();
        result_.files.push_back(std::move(*file));
        nested_.add_includes(index);
        states_[source->name] = State::done;
        result_.order.push_back(index);
    }

    void unknown(const Reference& reference) {
        const std::string near = nearest(reference.text, catalog_.state_file_names());
        diagnostics_.error(reference.position, "",
                           "there is no state file " + quoted(reference.text) +
                               (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        result_.complete = false;
    }

    void report_cycle(const Reference& reference) {
        std::vector<std::string> names(std::find(path_.begin(), path_.end(), reference.text), path_.end());
        names.push_back(reference.text);
        for (std::string& name : names) name = quoted(name);
        diagnostics_.error(reference.position, "",
                           "state files include each other in a circle: " + join(names, " includes "));
    }

    void check_required() {
        for (const CompiledFile& file : result_.files)
            for (const Reference& required : file.draft->required_files) {
                const bool there = std::any_of(result_.files.begin(), result_.files.end(),
                                               [&](const CompiledFile& other) { return other.name == required.text; });
                if (there || states_.count(required.text) != 0) continue;
                if (catalog_.state_file(required.text) == nullptr) {
                    unknown(required);
                    continue;
                }
                diagnostics_.error(required.position, "",
                                   quoted(file.name) + " needs the state file " + quoted(required.text) +
                                       " in the same run (_require), and this target does not have it");
            }
    }

    const Catalog& catalog_;
    StateFileReader& reader_;
    Diagnostics& diagnostics_;
    GatheredFiles result_;
    NestedFiles nested_;
    std::map<std::string, State> states_;
    std::vector<std::string> path_;  // of files whose includes are being read
};

}  // namespace

GatheredFiles gather_files(const Catalog& catalog, const ResolvedTarget& target, StateFileReader& reader,
                           Diagnostics& diagnostics) {
    return Gatherer(catalog, reader, diagnostics).gather(target);
}

}  // namespace prove
