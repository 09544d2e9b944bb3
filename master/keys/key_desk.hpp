// Where keys are decided on: pending to accepted or rejected, accepted to revoked or conflict (section 4, S56, S68).
// What takes a right away counts at once and is then made durable; what gives one counts once it is durable. Every
// decision is in the audit log with it. One thread (the loop); the store's callbacks come in that thread too.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "master/keys/key_table.hpp"
#include "master/store/store.hpp"

namespace prove {

// Who decides, for the audit log.
struct Decider {
    std::string who, from;
};

class KeyDesk {
  public:
    using Done = std::function<void(const Error* error, const KeyRow& row)>;
    // Told of every key that may no longer do what it could: connections are cut and jobs ended there.
    using Lost = std::function<void(const KeyRow& row)>;

    // Loads all keys and tokens into `table` and memory.
    KeyDesk(Store& store, KeyTable& table, const Clock& clock, const Logger& log);
    void on_lost(Lost lost) { lost_ = std::move(lost); }

    // Throws Error(usage, refused or missing) at once where it cannot be; `done` comes once it is durable.
    void accept(const Decider& by, const std::string& which, const std::optional<TargetId>& name, bool replace,
                Done done);
    void reject(const Decider& by, const std::string& which, Done done);
    void revoke(const Decider& by, const std::string& which, Done done);
    // Two machines use one key (S56): it gets no jobs until an operator accepts it again or revokes it.
    void conflict(const KeyId& key, const std::string& why);

    // Enrolment's side: a new or returning key that waits, and one that a token brings in (one transaction: S23).
    void pend(KeyRow row);
    void accept_by_token(KeyRow row, TokenRow token, Done done);
    const TokenRow* token(const std::string& id) const;
    void add_token(const Decider& by, TokenRow token, std::function<void(const Error*)> done);
    // Pending keys that were not seen for a week go (S24).
    void drop_old();

  private:
    void decide(const Decider& by, KeyRow row, Batch more, const std::string& command, Done done);
    void check_undecided(const KeyRow& row) const;
    void lose(const KeyRow& row);
    bool is_durable(const KeyRow& row) const;
    AuditRow audit(const Decider& by, const std::string& command, const KeyRow& row) const;

    Store& store_;
    KeyTable& table_;
    const Clock& clock_;
    Logger log_;
    Lost lost_;
    std::map<std::string, TokenRow> tokens_;
    std::map<KeyId, std::size_t> deciding_;  // keys with decisions on their way to the store
};

// S13: letters, digits, dot, dash and underscore; throws Error(invalid) that says so.
void check_agent_name(const std::string& name);

}  // namespace prove
