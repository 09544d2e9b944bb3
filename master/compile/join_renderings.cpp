// The renderings of one file, for every combination of its probes, as one draft with variants.
#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/state_files.hpp"
#include "master/compile/state_keys.hpp"

namespace prove {

namespace {

constexpr std::size_t most_probes = 3;

class Joiner {
  public:
    Joiner(std::vector<DraftFile> renderings, const std::vector<std::string>& probes, Diagnostics& diagnostics)
        : renderings_(std::move(renderings)), probes_(probes), diagnostics_(diagnostics) {}

    DraftFile join(const SourceFile& source) {
        // Most files read no probe: their only rendering is the draft, and is not copied.
        DraftFile result = renderings_.size() == 1 ? std::move(renderings_.front()) : renderings_.front();
        if (!same_shape(result, source)) return result;
        std::vector<std::string> names = probes_;
        for (std::size_t index = 0; index < result.states.size(); ++index) {
            DraftState& state = result.states[index];
            count_names(state, names);
            if (renderings_.size() == 1) {
                state.variants.resize(variants_of(state), state.variants.front());
                continue;
            }
            check_same_elsewhere(state, index);
            fill_variants(state, index);
        }
        return result;
    }

  private:
    // What no probe may change: which states there are, in which order, and which files come along.
    bool same_shape(const DraftFile& first, const SourceFile& source) {
        for (std::size_t mask = 1; mask < renderings_.size(); ++mask) {
            const DraftFile& other = renderings_[mask];
            if (!same_references(first.includes, other.includes) ||
                !same_references(first.required_files, other.required_files)) {
                diagnostics_.error(
                    {source.path, 1, 1}, "",
                    "_include and _require must not depend on probes, which are known only on the target");
                return false;
            }
            for (std::size_t i = 0; i < std::max(first.states.size(), other.states.size()); ++i) {
                if (i < first.states.size() && i < other.states.size() && first.states[i].id == other.states[i].id)
                    continue;
                const DraftState& state = i < first.states.size() ? first.states[i] : other.states[i];
                diagnostics_.error(state.position, state.id.text(),
                                   "which states there are must not depend on probes (" + join_words(probes_) +
                                       "), which are known only on the target; make the difference within a state");
                return false;
            }
        }
        return true;
    }

    void count_names(const DraftState& state, std::vector<std::string>& names) {
        for (const Probe& probe : state.probes) {
            if (std::find(names.begin(), names.end(), probe.name) != names.end()) continue;
            names.push_back(probe.name);
            if (names.size() == most_probes + 1)
                diagnostics_.error(state.position, state.id.text(),
                                   "a fourth name of a probe in this file, after " +
                                       join_words({names.begin(), names.begin() + most_probes}) +
                                       "; three are the most, since every one doubles the variants of a state");
        }
    }

    void check_same_elsewhere(const DraftState& state, std::size_t index) {
        for (std::size_t mask = 1; mask < renderings_.size(); ++mask) {
            const DraftState& other = renderings_[mask].states[index];
            const auto differs = [&](const std::string& key) {
                diagnostics_.error(other.position, state.id.text(),
                                   key + " must not depend on probes (" + join_words(probes_) +
                                       "): they hold for every invocation of a state");
            };
            if (!same_probes(state.probes, other.probes)) return differs("'probe'");
            if (!same_references(state.requirements, other.requirements)) return differs("'requires'");
            if (!same_references(state.listen, other.listen)) return differs("'listen'");
            if (!same_references(state.listen_failure, other.listen_failure)) return differs("'listen_failure'");
            if (!same_references(state.members, other.members)) return differs("'states'");
            if (state.lazy != other.lazy) return differs("'lazy'");
            if (state.defer != other.defer) return differs("'defer'");
            if (state.block != other.block || state.stand != other.stand) return differs("its place in blocks");
            if (!same_call(state.include, other.include)) return differs("'file', 'as' and 'with' of meta.include");
            if (state.include && !(*state.common == *other.common)) return differs("the keys of meta.include");
        }
    }

    // The file's mask in which the state's own probes have these answers and all others are false.
    std::uint32_t file_mask(const DraftState& state, std::uint32_t own) const {
        std::uint32_t result = 0;
        for (std::size_t i = 0; i < state.probes.size(); ++i) {
            const auto at = std::find(probes_.begin(), probes_.end(), state.probes[i].name);
            if (at != probes_.end() && ((own >> i) & 1) != 0) result |= 1u << (at - probes_.begin());
        }
        return result;
    }

    static std::size_t variants_of(const DraftState& state) {
        return state.group ? 1 : std::size_t{1} << std::min(state.probes.size(), most_probes);
    }

    void fill_variants(DraftState& state, std::size_t index) {
        const std::uint32_t declared = file_mask(state, ~0u);
        for (std::uint32_t mask = 0; mask < renderings_.size(); ++mask) {
            const DraftVariant& written = renderings_[mask].states[index].variants.front();
            if (!same_variant(written, renderings_[mask & declared].states[index].variants.front()))
                return undeclared(state, mask & ~declared);
        }
        std::vector<DraftVariant> variants;
        for (std::uint32_t own = 0; own < variants_of(state); ++own)
            variants.push_back(renderings_[file_mask(state, own)].states[index].variants.front());
        state.variants = std::move(variants);
    }

    void undeclared(const DraftState& state, std::uint32_t differing) {
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            if (((differing >> i) & 1) == 0) continue;
            diagnostics_.error(state.position, state.id.text(),
                               "this state differs by the probe " + quoted(probes_[i]) +
                                   ", which it does not declare; give it its own 'probe: {" + probes_[i] + ": ...}'");
            return;
        }
    }

    std::vector<DraftFile> renderings_;
    const std::vector<std::string>& probes_;
    Diagnostics& diagnostics_;
};

}  // namespace

DraftFile join_renderings(std::vector<DraftFile> renderings, const std::vector<std::string>& probes,
                          const SourceFile& source, Diagnostics& diagnostics) {
    return Joiner(std::move(renderings), probes, diagnostics).join(source);
}

}  // namespace prove
