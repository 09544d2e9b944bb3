// The catalog that is in force. A new one, on disk or as a commit, is loaded aside, checked whole and then taken; a
// broken one is refused with its errors, and the one before it stays in force. Thread-safe; loading happens in the
// caller's thread, checking in others.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
    // Where new catalogs are compiled for their targets. Without it they are taken when they are loaded.
    void check_in(CatalogCheck::Post post, std::size_t lanes = 1);

    // Called from any thread when there is another one in force; set before there are threads.
    void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

    // The one in force; null where none could be loaded yet.
    std::shared_ptr<const Snapshot> current() const;
    // Looks at the disk, and calls `done` when what is there now is in force or refused: at once where nothing has
    // changed, else from the thread that ends the check.
    void look(std::function<void()> done);
    // The one in force. Throws what is wrong with what is on disk, if that is refused, and where none is in force.
    std::shared_ptr<const Snapshot> newest() const;
    // The one in force, or where there is none, why.
    std::shared_ptr<const Snapshot> in_force() const;
    // For what only chooses targets: looks at the disk, but not more often than every two seconds, and waits for no check.
    std::shared_ptr<const Snapshot> usable();
    // Answers when the newest has been compiled for its targets, or cannot even be loaded.
    void reload(std::function<void(CatalogStatus)> answer);
    // Looks at the disk, and says how it stands now: for who has just edited it.
    CatalogStatus looked();
    CatalogStatus status() const;

  private:
    using Loaded = std::shared_ptr<const Snapshot>;
    void refresh(bool forced);
    bool is_there_news() const;
    void load(bool was_broken);
    void take(Loaded loaded, bool check);
    void refuse(std::shared_ptr<const Error> why);
    void decided(const Loaded& loaded, const CatalogCheck::Found& found);
    void tell_waiting();

    std::string directory_;
    LoadSnapshot load_;
    const Clock& clock_;
    Logger log_;
    CatalogCheck check_;
    std::function<void()> changed_;
    std::mutex loading_;        // one load at a time
    mutable std::mutex mutex_;  // over all below
    Loaded current_;
    Loaded candidate_;                     // loaded, and being checked
    Loaded refused_;                       // loaded, but its states do not compile: what the disk is compared with
    std::shared_ptr<const Error> broken_;  // why the newest on disk is not in force
    std::vector<std::function<void()>> waiting_;  // for the candidate
    std::int64_t loaded_ms_ = 0;
    std::int64_t checked_boot_ms_ = 0;
};

}  // namespace prove
