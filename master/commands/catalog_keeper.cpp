// Loading aside, checking, and swapping.
#include "master/commands/catalog_keeper.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t look_again_ms = 2'000;
constexpr int most_loads = 3;  // of one that is written to while it is read

[[noreturn]] void rethrow(const Error& error) {
    if (const auto* catalog = dynamic_cast<const CatalogError*>(&error)) throw CatalogError(*catalog);
    throw Error(error);
}

}  // namespace

CatalogKeeper::CatalogKeeper(std::string directory, LoadSnapshot load, const TargetDirectory& targets,
                             const Clock& clock, const Logger& log)
    : directory_(std::move(directory)), load_(std::move(load)), clock_(clock), log_(log), check_(targets, log) {
    refresh(true);
}

void CatalogKeeper::check_in(CatalogCheck::Post post, std::size_t lanes) {
    check_.use(std::move(post), lanes);
    if (const auto snapshot = current()) check_.begin(snapshot, nullptr, nullptr);
}

std::shared_ptr<const Snapshot> CatalogKeeper::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void CatalogKeeper::look(std::function<void()> done) {
    refresh(false);
    {
        const std::lock_guard lock(mutex_);
        if (candidate_) {
            waiting_.push_back(std::move(done));
            return;
        }
    }
    done();
}

std::shared_ptr<const Snapshot> CatalogKeeper::newest() const {
    const std::lock_guard lock(mutex_);
    if (broken_) rethrow(*broken_);
    return current_;
}

std::shared_ptr<const Snapshot> CatalogKeeper::in_force() const {
    const std::lock_guard lock(mutex_);
    if (!current_ && broken_) rethrow(*broken_);
    return current_;
}

std::shared_ptr<const Snapshot> CatalogKeeper::usable() {
    {
        const std::lock_guard lock(mutex_);
        if ((current_ || broken_) && clock_.boot_ms() - checked_boot_ms_ < look_again_ms) return current_;
    }
    refresh(false);
    return current();
}

void CatalogKeeper::reload(std::function<void(CatalogStatus)> answer) {
    refresh(true);
    bool is_unreadable = false;
    {
        const std::lock_guard lock(mutex_);
        is_unreadable = broken_ && !refused_;
    }
    if (is_unreadable) return answer(status());
    check_.when_finished([this, answer = std::move(answer)] { answer(status()); });
}

CatalogStatus CatalogKeeper::looked() {
    refresh(false);
    return status();
}

CatalogStatus CatalogKeeper::status() const {
    const std::lock_guard lock(mutex_);
    CatalogStatus status;
    status.directory = directory_;
    const auto found = check_.found();
    if (current_) {
        status.hash = current_->catalog->hash().hex();
        status.revision = current_->catalog->revision();
        status.loaded_ms = loaded_ms_;
        status.targets = current_->catalog->targets().size();
    }
    if (candidate_) status.next = candidate_->catalog->hash().hex();
    status.checking = !found.finished;
    status.looked_at = found.looked_at;
    status.compiled = found.compiled;
    status.refused = broken_ != nullptr;
    const Loaded& checked = candidate_ ? candidate_ : refused_ ? refused_ : current_;
    if (checked && (!broken_ || refused_)) {
        status.problems = checked->catalog->warnings();
        status.problems.insert(status.problems.end(), found.errors.begin(), found.errors.end());
    } else if (const auto* catalog = dynamic_cast<const CatalogError*>(broken_.get())) {
        status.problems = catalog->diagnostics().sorted();
    } else if (broken_) {
        Diagnostics diagnostics;
        diagnostics.error(broken_->position(), "", broken_->text());
        status.problems = diagnostics.sorted();
    }
    return status;
}

// Compared with the last that could be loaded. What could not even be loaded is read again, which costs no more than it did.
bool CatalogKeeper::is_there_news() const {
    Loaded newest;
    {
        const std::lock_guard lock(mutex_);
        newest = candidate_ ? candidate_ : broken_ ? refused_ : current_;
    }
    return !newest || newest->catalog->changed_on_disk();
}

void CatalogKeeper::refresh(bool forced) {
    const std::lock_guard one(loading_);
    if (forced || is_there_news()) {
        bool was_broken = false;
        {
            const std::lock_guard lock(mutex_);
            was_broken = broken_ != nullptr;
        }
        load(was_broken);
    }
    const std::lock_guard lock(mutex_);
    checked_boot_ms_ = clock_.boot_ms();
}

// One that is written to meanwhile may have half of each: it is read again, and so is one that is wrong for the first
// time. Whoever writes on and on gets what can be read, and the next look sees that it has changed.
void CatalogKeeper::load(bool was_broken) {
    Loaded loaded;
    std::shared_ptr<const Error> broken;
    for (int attempt = 1; attempt <= most_loads; ++attempt) {
        loaded.reset();
        broken.reset();
        try {
            loaded = load_(directory_);
        } catch (const CatalogError& error) {
            broken = std::make_shared<CatalogError>(error);
        } catch (const Error& error) {
            broken = std::make_shared<Error>(error);
        }
        if (loaded ? !loaded->catalog->changed_on_disk() : was_broken || attempt > 1) break;
    }
    if (!loaded) return refuse(std::move(broken));
    Loaded before = current();
    const bool same = before && before->catalog->hash() == loaded->catalog->hash();
    const bool check = before && !same && check_.is_possible();
    take(std::move(loaded), check);
    if (check) return;
    tell_waiting();
    if (!same && changed_) changed_();
}

void CatalogKeeper::refuse(std::shared_ptr<const Error> why) {
    {
        const std::lock_guard lock(mutex_);
        if (!broken_) {
            // With the place of the first error, and without the stories of all of them.
            const Error first(why->kind(), why->position(), why->text());
            log_.warning("the catalog cannot be used", {{"directory", directory_}, {"reason", first.full_text()}});
        }
        broken_ = std::move(why);
        candidate_.reset();
        refused_.reset();
    }
    tell_waiting();
}

// `check`: it waits for its check, beside the one in force; else it is in force now, and is only looked through.
void CatalogKeeper::take(Loaded loaded, bool check) {
    Loaded before;
    {
        const std::lock_guard lock(mutex_);
        const bool same = current_ && current_->catalog->hash() == loaded->catalog->hash();
        if (!check && (!same || broken_))
            log_.info("catalog loaded", {{"directory", directory_},
                                         {"hash", loaded->catalog->hash().hex().substr(0, 16)},
                                         {"targets", loaded->catalog->targets().size()}});
        broken_.reset();
        refused_.reset();
        before = current_;
        (check ? candidate_ : current_) = loaded;
        if (!check) candidate_.reset();
        if (!check && !same) loaded_ms_ = clock_.wall_ms();
    }
    if (!check) return check_.begin(loaded, nullptr, nullptr);
    check_.begin(loaded, before, [this, loaded](const CatalogCheck::Found& found) { decided(loaded, found); });
}

void CatalogKeeper::decided(const Loaded& loaded, const CatalogCheck::Found& found) {
    bool is_in_force = false;
    {
        const std::lock_guard lock(mutex_);
        if (candidate_ != loaded) return;
        candidate_.reset();
        if (found.refused) {
            Diagnostics errors;
            for (const Diagnostic& diagnostic : found.errors) errors.add(diagnostic);
            broken_ = std::make_shared<CatalogError>(std::move(errors));
            refused_ = loaded;
        } else {
            current_ = loaded;
            is_in_force = true;
            loaded_ms_ = clock_.wall_ms();
            log_.info("catalog loaded", {{"directory", directory_},
                                         {"hash", loaded->catalog->hash().hex().substr(0, 16)},
                                         {"targets", loaded->catalog->targets().size()}});
        }
    }
    tell_waiting();
    if (is_in_force && changed_) changed_();
}

void CatalogKeeper::tell_waiting() {
    std::vector<std::function<void()>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (const auto& one : waiting) one();
}

}  // namespace prove
