// See flapping.hpp.
#include "agent/engine/flapping.hpp"

#include <algorithm>

namespace prove {

std::string FlapWatch::look(const StateId& state, std::uint32_t variant, const std::vector<Change>& changes,
                            const std::function<bool(const StateId&)>& may_undo) {
    std::string found;
    const std::lock_guard lock(mutex_);
    for (const Change& change : changes) {
        if (change.event) continue;
        auto& history = written_[{change.resource, change.aspect}];
        const bool wrote_before = std::any_of(history.begin(), history.end(), [&](const Written& written) {
            return written.state == state && written.variant == variant;
        });
        for (const Written& written : history) {
            const bool own = written.state == state;
            if (written.before != change.after || (own && (written.variant == variant || !wrote_before))) continue;
            if (!found.empty()) break;
            if (may_undo && may_undo(written.state)) continue;
            found = "flapping: this put the " + change.aspect + " of " + change.resource +
                    " back to what it was before '" + written.state.text() + "' changed it in this run";
        }
        history.push_back({state, variant, change.before});
    }
    return found;
}

}  // namespace prove
