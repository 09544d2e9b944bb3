// Where a job runs, as prove-cli sees it: through a master's API, or in this process on a catalog. What a job tells is
// the same in both cases, so nothing that prints asks which it is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/catalog/inventory.hpp"
#include "proto/value.hpp"

namespace prove {

struct JobWanted {
    std::string operation;               // "ping", "facts", "cmd", "states" ...
    std::string expression;              // a target expression
    Value options = Value::object();     // by operation
    bool in_force = false;  // of a master: the catalog in force, though a newer one is refused
    std::optional<std::int64_t> wait_ms;
    std::shared_ptr<const std::string> content;  // that `options` names by its hash; null: none
};

struct JobStarted {
    std::string id;                      // 26 characters
    std::size_t targets = 0;
    Value paused = {};                   // pauses of schedules on its targets, as the API shows them; null: none
};

// Events as docs/openapi.yml has them: {number, time_ms, event, target?, body}.
class JobSource {
 public:
    virtual ~JobSource() = default;
    // How many targets an expression means; for asking before a large change. Error(usage) where it means none.
    virtual std::size_t count(const std::string& expression) = 0;
    virtual JobStarted start(const JobWanted& wanted) = 0;
    // Calls `on_event` with every event after number `after` until the job has ended (true) or on_event gives false.
    // A signal that interrupts the wait shows as a null event.
    virtual bool follow(const std::string& job, std::uint64_t after, const std::function<bool(const Value&)>& on_event) = 0;
    // The body of a target's result; null where it has none. Asked for once.
    virtual Value result(const std::string& job, const std::string& target) = 0;
    virtual void cancel(const std::string& job) = 0;
    // The job goes on when we go away (a master keeps it).
    virtual bool detachable() const = 0;
};

std::unique_ptr<JobSource> make_master_jobs(const std::string& socket);

struct CatalogJobOptions {
    std::string catalog;        // its folder; empty: there are inventories only
    bool here = false;          // this machine is the target, whatever the catalog calls it
    std::size_t parallel = 20;  // so many targets at once
    std::vector<Inventory> inventories = {};
    std::string ssh_config = {};  // the file that ssh is given (-F); empty: its own
};
std::unique_ptr<JobSource> make_catalog_jobs(const CatalogJobOptions& options);

}  // namespace prove
