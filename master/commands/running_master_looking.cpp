// Keys, tokens, targets, the catalog, the audit log.
#include <algorithm>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "master/commands/fleet_standing.hpp"
#include "master/commands/running_master.hpp"

namespace prove {

namespace {

constexpr std::int64_t longest_token_ms = 24LL * 3600 * 1000;  // S22
constexpr std::int64_t gone_for_ms = 24LL * 3600 * 1000;
constexpr std::size_t gone_at_once = 200;

// "host" or "host:port", where the port is that of enrolment.
void set_address(MasterPin& pin, const std::string& address) {
    if (address.empty()) return;
    const auto colon = address.find(':');
    if (colon == std::string::npos || address.find(':', colon + 1) != std::string::npos) {
        pin.host = address;  // a name, or an IPv6 address
        return;
    }
    const auto port = address.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(port) < 1 || std::stoi(port) > 65'535)
        throw Error(ErrorKind::usage, quoted(address) + " is no address; it takes a host, or host:port of enrolment");
    pin.host = address.substr(0, colon);
    pin.enrol_port = static_cast<std::uint16_t>(std::stoi(port));
}

}  // namespace

std::vector<TargetRow> RunningMaster::targets(const Permit& permit, const std::string& expression) const {
    permit.expect(Permission::targets_read);
    const auto snapshot = catalog_.usable();
    auto rows = targets_.rows(expression, snapshot.get());
    std::map<TargetId, TargetRow*> by_name;
    std::vector<TargetId> names;
    for (auto& row : rows) {
        by_name[row.name] = &row;
        names.push_back(row.name);
    }
    for (const auto& view : pauses_.views(names, snapshot.get()))
        for (const auto& name : view.targets) by_name.at(name)->pauses.push_back(view.row);
    return rows;
}

Value RunningMaster::drift(const Permit& permit, const std::string& expression, std::int64_t from_ms) const {
    permit.expect(Permission::jobs_read);
    return fleet_standing(targets_.contacts(catalog_.usable().get(), expression), store_.standings(), from_ms);
}

// A target that somebody takes out of the catalog by mistake is back with all that was known of it. Without a catalog
// nobody knows who there is.
void RunningMaster::forget_gone() {
    if (stopping_) return;
    front_([this] {
        const auto snapshot = catalog_.usable();
        if (!snapshot) return;
        const auto names = targets_.names(snapshot.get());
        Batch batch;
        for (const auto& name : store_.remembered(clock_.wall_ms() - gone_for_ms))
            if (batch.size() < gone_at_once && !std::binary_search(names.begin(), names.end(), name))
                batch.push_back(ForgetTarget{name});
        if (!batch.empty()) store_.write(std::move(batch), [](const Error*) {});  // else the next time
    });
}

std::vector<RunRow> RunningMaster::runs(const Permit& permit, const RunFilter& filter) const {
    permit.expect(Permission::jobs_read);
    auto runs = store_.runs(filter);
    // Of a target that is not known any more there is history; of a slip of the hand there is none.
    if (!runs.empty() || filter.before || filter.notable_only || !filter.operation.empty()) return runs;
    if (!is_target_name(filter.target.text()))
        throw Error(ErrorKind::usage, quoted(filter.target.text()) + " is not the name of one target");
    targets_.check(filter.target.text(), catalog_.usable().get());
    return runs;
}

std::optional<RunRow> RunningMaster::run(const Permit& permit, const JobId& id, const TargetId& target) const {
    permit.expect(Permission::jobs_read);
    auto job = store_.job(id);
    auto row = store_.job_target(id, target);
    if (!job || !row) return std::nullopt;
    return RunRow{std::move(*job), std::move(*row)};
}

CatalogStatus RunningMaster::catalog(const Permit& permit) const {
    permit.expect(Permission::catalog_read);
    return catalog_.looked();
}

void RunningMaster::reload_catalog(const Permit& permit, Reply<CatalogStatus> reply) {
    permit.expect(Permission::catalog_write);
    front_([this, reply = std::move(reply)] {
        catalog_.reload([reply](CatalogStatus status) { reply({std::move(status), nullptr}); });
    });
}

std::vector<KeyRow> RunningMaster::keys(const Permit& permit) const {
    permit.expect(Permission::keys_read);
    return keys_.all();
}

void RunningMaster::decide(Reply<KeyRow> reply, std::function<void(KeyDesk::Done)> decision) {
    loop_([this, reply = std::move(reply), decision = std::move(decision)] {
        try {
            decision([reply](const Error* error, const KeyRow& row) {
                if (error != nullptr)
                    reply({std::nullopt, std::make_shared<Error>(*error)});
                else
                    reply({row, nullptr});
            });
        } catch (const Error& error) {
            reply({std::nullopt, std::make_shared<Error>(error)});
        }
        dispatch_.settle();
    });
}

void RunningMaster::accept_key(const Permit& permit, std::string which, std::optional<TargetId> name, bool replace,
                               Reply<KeyRow> reply) {
    permit.expect(Permission::keys_write);
    const Decider by{permit.who(), permit.from()};
    decide(std::move(reply), [this, by, which = std::move(which), name = std::move(name), replace](KeyDesk::Done done) {
        desk_.accept(by, which, name, replace, std::move(done));
    });
}

void RunningMaster::reject_key(const Permit& permit, std::string which, Reply<KeyRow> reply) {
    permit.expect(Permission::keys_write);
    const Decider by{permit.who(), permit.from()};
    decide(std::move(reply),
           [this, by, which = std::move(which)](KeyDesk::Done done) { desk_.reject(by, which, std::move(done)); });
}

void RunningMaster::revoke_key(const Permit& permit, std::string which, Reply<KeyRow> reply) {
    permit.expect(Permission::keys_write);
    const Decider by{permit.who(), permit.from()};
    decide(std::move(reply),
           [this, by, which = std::move(which)](KeyDesk::Done done) { desk_.revoke(by, which, std::move(done)); });
}

void RunningMaster::make_token(const Permit& permit, TokenAsked asked, Reply<TokenMade> reply) {
    permit.expect(Permission::tokens_write);
    if (asked.lifetime_ms <= 0 || asked.lifetime_ms > longest_token_ms)
        throw Error(ErrorKind::usage, "a token lives more than 0 and at most 24 hours");
    if (!asked.pattern.empty() && !is_glob(asked.pattern)) check_agent_name(asked.pattern);
    if (is_glob(asked.pattern) && !is_valid_glob(asked.pattern))
        throw Error(ErrorKind::usage, quoted(asked.pattern) + " is no pattern for names");
    JoinToken token;
    token.pin = pin_;
    set_address(token.pin, asked.address);
    token.id = random_.bytes<TokenId>();
    token.seed = random_.bytes<TokenSeed>();
    token.expires_ms = clock_.wall_ms() + asked.lifetime_ms;
    TokenRow row;
    row.id = token.id.hex();
    row.key = public_key_of(token.seed);
    row.pattern = asked.pattern;
    row.made_by = permit.who();
    row.created_ms = clock_.wall_ms();
    row.expires_ms = token.expires_ms;
    const Decider by{permit.who(), permit.from()};
    const TokenMade made{row.id, to_text(token), row.expires_ms};
    loop_([this, by, row, made, reply = std::move(reply)] {
        desk_.add_token(by, row, [made, reply](const Error* error) {
            if (error != nullptr)
                reply({std::nullopt, std::make_shared<Error>(*error)});
            else
                reply({made, nullptr});
        });
    });
}

std::vector<TokenRow> RunningMaster::tokens(const Permit& permit) const {
    permit.expect(Permission::tokens_write);
    return store_.tokens();
}

std::vector<AuditRow> RunningMaster::audit(const Permit& permit, const AuditAsked& asked) const {
    permit.expect(Permission::audit_read);
    // Records are numbered from 1 on without a gap.
    const auto end = asked.before == 0 ? 0 : std::min(asked.before - 1, store_.audit_count());
    const auto after = asked.after.value_or(end > asked.limit ? end - asked.limit : 0);
    auto rows = store_.audit(after, asked.limit);
    std::erase_if(rows, [&](const AuditRow& row) { return row.number > end; });
    return rows;
}

AuditCheck RunningMaster::check_audit(const Permit& permit) const {
    permit.expect(Permission::audit_read);
    return {store_.audit_count(), store_.audit_head().hex(), first_bad_audit(store_)};
}

}  // namespace prove
