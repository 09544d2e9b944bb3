// The catalog that is in use. A new one on disk is loaded aside and taken only when it is whole; a broken one is shown,
// and the one before it stays in use for what needs no states. Thread-safe; loading happens in the caller's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "master/commands/catalog_check.hpp"
#include "master/commands/master.hpp"
#include "master/commands/snapshot.hpp"

namespace prove {

class CatalogKeeper {
  public:
    CatalogKeeper(std::string directory, LoadSnapshot load, const TargetDirectory& targets, const Clock& clock,
                  const Logger& log);
    // Where the states of a new catalog are compiled for its targets; before, they are not.
    void check_in(CatalogCheck::Post post) { check_.use(std::move(post)); }

    // The one in use; null where none could be loaded yet.
    std::shared_ptr<const Snapshot> current() const;
    // Looks at the disk first. Throws what is wrong with what is there now.
    std::shared_ptr<const Snapshot> newest();
    // The same without throwing, and not more often than every two seconds: for what only chooses targets.
    std::shared_ptr<const Snapshot> usable();
    // Answers when the newest has been compiled for its targets, or is found broken.
    void reload(std::function<void(CatalogStatus)> answer);
    // Looks at the disk, and says how it stands now: for who has just edited it.
    CatalogStatus looked();
    CatalogStatus status() const;

  private:
    void refresh(bool forced);
    void load();

    std::string directory_;
    LoadSnapshot load_;
    const Clock& clock_;
    Logger log_;
    CatalogCheck check_;
    std::mutex loading_;        // one load at a time
    mutable std::mutex mutex_;  // over all below
    std::shared_ptr<const Snapshot> current_;
    std::shared_ptr<const Error> broken_;  // why the newest on disk is not in use
    std::int64_t loaded_ms_ = 0;
    std::int64_t checked_boot_ms_ = 0;
};

}  // namespace prove
