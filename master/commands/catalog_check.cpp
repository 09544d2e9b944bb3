// One target after another.
#include "master/commands/catalog_check.hpp"

namespace prove {

namespace {

bool is_done(const std::size_t next, const Snapshot& snapshot) {
    return next >= snapshot.catalog->targets().size();
}

// What is wrong with the states of one target. One that was never seen has no facts yet, which its templates may read.
Diagnostics errors_of(const Snapshot& snapshot, const TargetId& target, const Value& facts) {
    CompileRequest request;
    request.target = target;
    request.facts = facts;
    try {
        snapshot.compiler->compile(request);
        return {};
    } catch (const CatalogError& error) {
        return error.diagnostics();
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

}  // namespace

void CatalogCheck::use(Post post) {
    std::shared_ptr<One> check;
    {
        const std::lock_guard lock(mutex_);
        post_ = std::move(post);
        check = current_;
    }
    if (check) begin(check->snapshot);
}

void CatalogCheck::begin(std::shared_ptr<const Snapshot> snapshot) {
    auto check = std::make_shared<One>();
    check->snapshot = std::move(snapshot);
    const std::lock_guard lock(mutex_);
    current_ = check;
    if (post_) post_([this, check] { step(check); });
}

void CatalogCheck::step(const std::shared_ptr<One>& check) {
    const Snapshot& snapshot = *check->snapshot;
    Diagnostics errors;
    bool seen = false;
    if (!is_done(check->next, snapshot)) {
        const auto& target = snapshot.catalog->targets()[check->next].id;
        const auto facts = targets_.facts_of(target);
        seen = !facts.is_null();
        if (seen) errors = errors_of(snapshot, target, facts);
    }
    std::vector<std::function<void()>> done;
    {
        const std::lock_guard lock(mutex_);
        if (current_ != check) return;
        ++check->next;
        check->compiled += seen ? 1 : 0;
        if (errors.has_errors()) {
            // Together at once: a broken file has the same errors for ten thousand targets.
            errors.append(check->errors);
            check->errors = Diagnostics();
            for (auto& diagnostic : errors.sorted())
                if (diagnostic.severity == Diagnostic::Severity::error) check->errors.add(std::move(diagnostic));
        }
        if (!is_done(check->next, snapshot)) return post_([this, check] { step(check); });
        done.swap(waiting_);
    }
    finish(*check);
    for (const auto& one : done) one();
}

void CatalogCheck::finish(const One& check) {
    if (!check.errors.has_errors()) return;
    const auto first = check.errors.sorted().front();
    log_.warning("states of this catalog do not compile",
                 {{"errors", check.errors.error_count()}, {"first", first.position.text() + ": " + first.text}});
}

CatalogCheck::Found CatalogCheck::found() const {
    const std::lock_guard lock(mutex_);
    if (!current_ || !post_) return {};
    return {current_->compiled, is_done(current_->next, *current_->snapshot), current_->errors.sorted()};
}

void CatalogCheck::when_finished(std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        if (current_ && post_ && !is_done(current_->next, *current_->snapshot)) {
            waiting_.push_back(std::move(done));
            return;
        }
    }
    done();
}

}  // namespace prove
