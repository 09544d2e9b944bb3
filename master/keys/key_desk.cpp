// The states of a key and who may move it between them.
#include "master/keys/key_desk.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t most_pending = 1'000;
constexpr std::int64_t pending_life_ms = 7LL * 24 * 3600 * 1000;

}  // namespace

void check_agent_name(const std::string& name) {
    if (!is_target_name(name))
        throw Error(ErrorKind::invalid, quoted(name) +
                                            " cannot be an agent's name; it takes small letters, digits and . _ - "
                                            "within, at most 253 of them");
}

KeyDesk::KeyDesk(Store& store, KeyTable& table, const Clock& clock, const Logger& log)
    : store_(store), table_(table), clock_(clock), log_(log) {
    for (const auto& row : store_.keys()) table_.put(row);
    for (auto& row : store_.tokens()) tokens_[row.id] = row;
}

AuditRow KeyDesk::audit(const Decider& by, const std::string& command, const KeyRow& row) const {
    AuditRow record;
    record.time_ms = clock_.wall_ms();
    record.who = by.who;
    record.from = by.from;
    record.command = command;
    record.decision = "allowed";
    record.targets = {row.name.text()};
    record.detail = "key " + row.fingerprint + (row.note.empty() ? "" : ": " + row.note);
    return record;
}

// Makes a decision durable; `row` goes into the table once it is.
void KeyDesk::decide(const Decider& by, KeyRow row, Batch more, const std::string& command, Done done) {
    row.decided_by = by.who;
    row.decided_ms = clock_.wall_ms();
    more.push_back(row);
    more.push_back(audit(by, command, row));
    ++deciding_[row.id];
    const auto before = table_.find(row.id);
    store_.write(std::move(more), [this, row, before, command, done = std::move(done)](const Error* error) {
        if (--deciding_[row.id] == 0) deciding_.erase(row.id);
        if (error != nullptr) return done(error, row);
        // What takes a right away counts at once. It is stored after this one, and must not be undone here.
        const auto now = table_.find(row.id);
        if (before && now && now->state != before->state) {
            const Error lost(ErrorKind::refused, "key " + row.fingerprint + " became " + name_of(now->state) +
                                                     " while this was being stored");
            return done(&lost, *now);
        }
        table_.put(row);
        log_.info("key decided", {{"what", command}, {"name", row.name.text()}, {"key", row.fingerprint}});
        done(nullptr, row);
    });
}

// One decision that gives or withholds a right at a time: the second would be made on what the first is about to change.
void KeyDesk::check_undecided(const KeyRow& row) const {
    if (deciding_.contains(row.id))
        throw Error(ErrorKind::unavailable,
                    "a decision on key " + row.fingerprint + " is just being stored; look at it, and try again");
}

bool KeyDesk::is_durable(const KeyRow& row) const {
    const auto stored = store_.keys();
    return std::any_of(stored.begin(), stored.end(),
                       [&](const KeyRow& one) { return one.id == row.id && one.state == row.state; });
}

void KeyDesk::lose(const KeyRow& row) {
    table_.put(row);
    if (lost_) lost_(row);
}

void KeyDesk::accept(const Decider& by, const std::string& which, const std::optional<TargetId>& name, bool replace,
                     Done done) {
    auto row = table_.select(which);
    if (row.state == KeyState::revoked)
        throw Error(
            ErrorKind::refused,
            "key " + row.fingerprint + " was revoked, which is final; the agent needs a new key: prove-agent reset");
    check_undecided(row);
    if (name) row.name = *name;
    check_agent_name(row.name.text());
    Batch more;
    const auto holder = table_.holder(row.name);
    if (holder && holder->id != row.id) {
        if (!replace)
            throw Error(ErrorKind::refused, "the name " + quoted(row.name.text()) + " belongs to key " +
                                                holder->fingerprint +
                                                "; to have this one take its place, accept it with --replace");
        auto old = *holder;
        old.state = KeyState::revoked;
        old.note = "replaced by " + row.fingerprint;
        old.decided_by = by.who;
        old.decided_ms = clock_.wall_ms();
        lose(old);  // the old key is refused at once (E2)
        more.push_back(old);
        more.push_back(audit(by, "keys.revoke", old));
    }
    if (row.state == KeyState::conflict) {
        // From here on whoever says hello next is the one (S56).
        auto agent = store_.agent(row.id).value_or(AgentRow{row.id, "", 0, {}, "", "", 0, 0});
        agent.journal.clear();
        agent.old_journals.clear();
        agent.counter = 0;
        more.push_back(agent);
    }
    row.state = KeyState::accepted;
    row.note.clear();
    decide(by, row, std::move(more), "keys.accept", std::move(done));
}

void KeyDesk::reject(const Decider& by, const std::string& which, Done done) {
    auto row = table_.select(which);
    if (row.state != KeyState::pending)
        throw Error(ErrorKind::usage,
                    "key " + row.fingerprint + " is " + name_of(row.state) +
                        ", and only a pending one can be rejected; to cut off an agent: prove-cli keys "
                        "revoke");
    check_undecided(row);
    row.state = KeyState::rejected;
    decide(by, row, {}, "keys.reject", std::move(done));
}

void KeyDesk::revoke(const Decider& by, const std::string& which, Done done) {
    auto row = table_.select(which);
    // One whose revocation found no space is revoked until the next start only: asked again, it is written again.
    const bool again = row.state == KeyState::revoked && !is_durable(row);
    if (row.state != KeyState::accepted && row.state != KeyState::conflict && !again)
        throw Error(ErrorKind::usage, "key " + row.fingerprint + " is " + name_of(row.state) +
                                          ", and only an accepted one can be revoked");
    row.state = KeyState::revoked;
    row.note.clear();
    lose(row);  // at once (S68), whatever the disk says next
    decide(by, row, {}, "keys.revoke", std::move(done));
}

void KeyDesk::conflict(const KeyId& key, const std::string& why) {
    auto row = table_.find(key);
    if (!row || row->state != KeyState::accepted) return;
    row->state = KeyState::conflict;
    row->note = why;
    log_.warning("two machines use one key", {{"name", row->name.text()}, {"key", row->fingerprint}, {"why", why}});
    lose(*row);
    auto record = audit({"prove-master", "itself"}, "keys.conflict", *row);
    record.decision = "noticed";
    store_.write({*row, record}, [](const Error*) {});  // kept in memory either way; a full disk is told elsewhere
}

void KeyDesk::pend(KeyRow row) {
    const auto known = table_.find(row.id);
    if (known && known->state != KeyState::pending) return;
    if (deciding_.contains(row.id)) return;  // its row would be stored over the decision
    if (!known && table_.count(KeyState::pending) >= most_pending) {
        log_.warning("too many pending keys; a new one was not taken", {{"address", row.address}});
        return;
    }
    row.first_seen_ms = known ? known->first_seen_ms : clock_.wall_ms();
    row.last_seen_ms = clock_.wall_ms();
    const auto holder = table_.holder(row.name);
    if (holder && holder->id != row.id) row.note = "asks for the name of key " + holder->fingerprint;
    // A key that asks again and again is not written each time.
    if (known && known->name == row.name && row.last_seen_ms - known->last_seen_ms < 60'000) return;
    table_.put(row);
    if (!known)
        log_.info("a key waits for a decision",
                  {{"name", row.name.text()}, {"key", row.fingerprint}, {"address", row.address}});
    store_.write({row}, [](const Error*) {});  // it asks again; nothing depends on this row
}

void KeyDesk::accept_by_token(KeyRow row, TokenRow token, Done done) {
    if (deciding_.contains(row.id)) {
        const Error busy(ErrorKind::unavailable, "a decision on this key is just being stored");
        return done(&busy, row);
    }
    const auto now = clock_.wall_ms();
    const auto known = table_.find(row.id);
    row.first_seen_ms = known ? known->first_seen_ms : now;
    row.last_seen_ms = now;
    row.state = KeyState::accepted;
    token.used_ms = now;
    token.used_by = row.id;
    tokens_[token.id] = token;  // from here on nobody else can use it, even before it is durable
    decide({"token " + token.id, row.address}, row, {token}, "keys.accept",
           [this, token, done = std::move(done)](const Error* error, const KeyRow& accepted) {
               if (error != nullptr) {
                   tokens_[token.id].used_ms = 0;
                   tokens_[token.id].used_by = KeyId{};
               }
               done(error, accepted);
           });
}

const TokenRow* KeyDesk::token(const std::string& id) const {
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : &found->second;
}

void KeyDesk::add_token(const Decider& by, TokenRow token, std::function<void(const Error*)> done) {
    AuditRow record;
    record.time_ms = clock_.wall_ms();
    record.who = by.who;
    record.from = by.from;
    record.command = "tokens.make";
    record.decision = "allowed";
    record.detail = "token " + token.id + (token.pattern.empty() ? "" : " for names like " + token.pattern);
    store_.write({token, record}, [this, token, done = std::move(done)](const Error* error) {
        if (error == nullptr) tokens_[token.id] = token;
        done(error);
    });
}

void KeyDesk::drop_old() {
    const auto oldest = clock_.wall_ms() - pending_life_ms;
    for (const auto& row : table_.all()) {
        if (row.state != KeyState::pending || row.last_seen_ms >= oldest) continue;
        table_.drop(row.id);
        store_.write({DropKey{row.id}}, [](const Error*) {});
    }
}

}  // namespace prove
