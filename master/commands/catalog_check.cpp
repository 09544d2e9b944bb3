// First the files that need no target, then one target after another in each lane.
#include "master/commands/catalog_check.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace prove {

namespace {

constexpr std::size_t looked_at_more = 100;

// What is wrong with the states of one target. One that was never seen has no facts yet, which its templates may read.
Diagnostics errors_of(const Snapshot& snapshot, const TargetId& target, const Value& facts) {
    try {
        return snapshot.compiler->errors_of(target, facts);
    } catch (const Error& error) {
        Diagnostics diagnostics;
        diagnostics.error(error.position(), "", error.text()).contexts = error.contexts();
        return diagnostics;
    } catch (const std::exception& fault) {
        Diagnostics diagnostics;
        diagnostics.error({}, target.text(), std::string("a fault of Prove's own: ") + fault.what());
        return diagnostics;
    }
}

std::set<std::string> files_of(const Diagnostics& diagnostics) {
    std::set<std::string> files;
    for (const Diagnostic& diagnostic : diagnostics.all()) files.insert(diagnostic.position.file_name());
    return files;
}

}  // namespace

void CatalogCheck::use(Post post, std::size_t lanes) {
    const std::lock_guard lock(mutex_);
    post_ = std::move(post);
    lanes_ = std::max<std::size_t>(lanes, 1);
}

bool CatalogCheck::is_possible() const {
    const std::lock_guard lock(mutex_);
    return post_ != nullptr;
}

void CatalogCheck::begin(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const Snapshot> in_force,
                         Decided decided) {
    auto check = std::make_shared<One>();
    check->snapshot = std::move(snapshot);
    check->in_force = std::move(in_force);
    check->decided = std::move(decided);
    const std::lock_guard lock(mutex_);
    current_ = check;
    if (!post_) return;
    check->lanes = lanes_;
    post_([this, check] {
        check_files(check);
        const std::lock_guard begun(mutex_);
        for (std::size_t lane = 0; lane < check->lanes; ++lane) post_([this, check] { step(check); });
    });
}

// A target that is in no run yet has its state files as well: they are right or wrong whoever will have them.
void CatalogCheck::check_files(const std::shared_ptr<One>& check) {
    const Diagnostics errors = check->snapshot->compiler->check_files();
    if (!errors.has_errors()) return;
    std::set<std::string> broken = files_of(errors);
    if (check->in_force)
        for (const auto& file : files_of(check->in_force->compiler->check_files())) broken.erase(file);
    add(*check, errors, check->in_force != nullptr && !broken.empty());
}

void CatalogCheck::step(const std::shared_ptr<One>& check) {
    const auto& targets = check->snapshot->catalog->targets();
    std::size_t index = 0;
    std::shared_ptr<const Snapshot> in_force;  // null: whatever is wrong, it refuses nothing (any more)
    {
        const std::lock_guard lock(mutex_);
        index = check->next++;
        if (!check->refused) in_force = check->in_force;
    }
    if (index >= targets.size()) return lane_ended(check);
    const auto& target = targets[index].id;
    const auto facts = targets_.facts_of(target);
    if (!facts.is_null()) {
        const Diagnostics errors = errors_of(*check->snapshot, target, facts);
        if (errors.has_errors())
            add(*check, errors, in_force && !errors_of(*in_force, target, facts).has_errors());
    }
    std::optional<Found> found;
    {
        const std::lock_guard lock(mutex_);
        ++check->looked_at;
        check->compiled += facts.is_null() ? 0 : 1;
        if (current_ != check) return;
        post_([this, check] { step(check); });
        if (check->refused && !check->is_decided && check->looked_at >= check->refused_at + looked_at_more) {
            check->is_decided = true;
            found = found_by(*check);
        }
    }
    if (found) decide(*check, *found);
}

void CatalogCheck::add(One& check, const Diagnostics& errors, bool refuses) {
    const std::lock_guard lock(mutex_);
    // Together at once: a broken file has the same errors for ten thousand targets.
    Diagnostics all = check.errors;
    all.append(errors);
    check.errors = Diagnostics();
    for (auto& diagnostic : all.sorted())
        if (diagnostic.severity == Diagnostic::Severity::error) check.errors.add(std::move(diagnostic));
    if (!refuses || check.refused) return;
    check.refused = true;
    check.refused_at = check.looked_at;
}

void CatalogCheck::lane_ended(const std::shared_ptr<One>& check) {
    std::vector<std::function<void()>> done;
    std::optional<Found> found;
    {
        const std::lock_guard lock(mutex_);
        if (--check->lanes > 0 || current_ != check) return;
        check->in_force.reset();
        if (!check->is_decided) found = found_by(*check);
        check->is_decided = true;
        done.swap(waiting_);
    }
    if (found) decide(*check, *found);
    for (const auto& one : done) one();
}

void CatalogCheck::decide(One& check, const Found& found) const {
    if (!found.errors.empty()) {
        const auto& first = found.errors.front();
        log_.warning(found.refused ? "a new catalog is refused: its states do not compile"
                                   : "states of this catalog do not compile",
                     {{"errors", found.errors.size()}, {"first", first.position.text() + ": " + first.text}});
    }
    if (check.decided) check.decided(found);
}

CatalogCheck::Found CatalogCheck::found_by(const One& check) {
    return {check.looked_at, check.compiled, check.lanes == 0, check.refused, check.errors.sorted()};
}

CatalogCheck::Found CatalogCheck::found() const {
    const std::lock_guard lock(mutex_);
    return current_ && post_ ? found_by(*current_) : Found{};
}

void CatalogCheck::when_finished(std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        if (current_ && post_ && current_->lanes > 0) {
            waiting_.push_back(std::move(done));
            return;
        }
    }
    done();
}

}  // namespace prove
