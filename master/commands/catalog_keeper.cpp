// Loading aside, and swapping.
#include "master/commands/catalog_keeper.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t look_again_ms = 2'000;

}  // namespace

CatalogKeeper::CatalogKeeper(std::string directory, LoadSnapshot load, const TargetDirectory& targets,
                             const Clock& clock, const Logger& log)
    : directory_(std::move(directory)), load_(std::move(load)), clock_(clock), log_(log), check_(targets, log) {
    refresh(true);
}

std::shared_ptr<const Snapshot> CatalogKeeper::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::shared_ptr<const Snapshot> CatalogKeeper::newest() {
    refresh(false);
    const std::lock_guard lock(mutex_);
    if (const auto* catalog = dynamic_cast<const CatalogError*>(broken_.get())) throw CatalogError(*catalog);
    if (broken_) throw Error(*broken_);
    return current_;
}

std::shared_ptr<const Snapshot> CatalogKeeper::usable() {
    {
        const std::lock_guard lock(mutex_);
        if (current_ && clock_.boot_ms() - checked_boot_ms_ < look_again_ms) return current_;
    }
    refresh(false);
    return current();
}

void CatalogKeeper::reload(std::function<void(CatalogStatus)> answer) {
    refresh(true);
    if (status().refused) return answer(status());
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
    if (current_) {
        status.hash = current_->catalog->hash().hex();
        status.loaded_ms = loaded_ms_;
        status.targets = current_->catalog->targets().size();
        status.problems = current_->catalog->warnings();
        auto found = check_.found();
        status.compiled = found.compiled;
        status.checking = !found.finished;
        status.problems.insert(status.problems.end(), found.errors.begin(), found.errors.end());
    }
    status.refused = broken_ != nullptr;
    if (const auto* catalog = dynamic_cast<const CatalogError*>(broken_.get())) {
        status.problems = catalog->diagnostics().sorted();
    } else if (broken_) {
        Diagnostics diagnostics;
        diagnostics.error(broken_->position(), "", broken_->text());
        status.problems = diagnostics.sorted();
    }
    return status;
}

void CatalogKeeper::refresh(bool forced) {
    const std::lock_guard one(loading_);
    std::shared_ptr<const Snapshot> before;
    bool broken = false;
    {
        const std::lock_guard lock(mutex_);
        before = current_;
        broken = broken_ != nullptr;
    }
    // A broken one has nothing to be compared with: it is read again, which costs no more than it did.
    if (forced || broken || !before || before->catalog->changed_on_disk()) load();
    const std::lock_guard lock(mutex_);
    checked_boot_ms_ = clock_.boot_ms();
}

void CatalogKeeper::load() {
    std::shared_ptr<const Snapshot> loaded;
    std::shared_ptr<const Error> broken;
    try {
        loaded = load_(directory_);
    } catch (const CatalogError& error) {
        broken = std::make_shared<CatalogError>(error);
    } catch (const Error& error) {
        broken = std::make_shared<Error>(error);
    }
    const std::lock_guard lock(mutex_);
    const bool was_broken = broken_ != nullptr;
    broken_ = broken;
    if (broken) {
        // With the place of the first error, and without the stories of all of them.
        const Error first(broken->kind(), broken->position(), broken->text());
        if (!was_broken)
            log_.warning("the catalog cannot be used", {{"directory", directory_}, {"reason", first.full_text()}});
        return;
    }
    const bool same = current_ && current_->catalog->hash() == loaded->catalog->hash();
    if (!same || was_broken)
        log_.info("catalog loaded", {{"directory", directory_},
                                     {"hash", loaded->catalog->hash().hex().substr(0, 16)},
                                     {"targets", loaded->catalog->targets().size()}});
    current_ = std::move(loaded);
    loaded_ms_ = clock_.wall_ms();
    check_.begin(current_);
}

}  // namespace prove
