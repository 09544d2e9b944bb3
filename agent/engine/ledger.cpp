// See ledger.hpp. A record is one debt as JSON, {"from": "vhost", "to": "nginx_reload"}; its type says owed or paid.
// What was applied is a file with a line for each state: the hash in hex, a space, the state's id.
#include "agent/engine/ledger.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "common/files/files.hpp"
#include "common/files/journal_format.hpp"
#include "proto/value.hpp"

namespace prove {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

constexpr std::uint8_t owed_record = 1;
constexpr std::uint8_t paid_record = 2;
constexpr JournalLimits limits{.bytes = 16u << 20, .record_bytes = 64u << 10};
constexpr std::size_t worth_compacting = 64u << 10;
constexpr const char* file_name = "debts";

constexpr std::size_t hex_size = 2 * Hash::size;

std::string applied_path(const std::string& folder) {
    return folder + "/applied";
}
std::string lock_path(const std::string& folder) {
    return folder + "/lock";
}
std::string queue_path(const std::string& folder) {
    return folder + "/queue";
}

std::string written(const Debt& debt) {
    Value value = Value::object();
    value.set("from", debt.from.text());
    value.set("to", debt.to.text());
    return write_json(value);
}

Debt debt_from(const std::string& payload) {
    const Value value = read_json(payload);
    Fields fields(value, "a record of the ledger");
    Debt debt{StateId(fields.text("from")), StateId(fields.text("to"))};
    fields.end();
    return debt;
}

void replay_into(std::set<Debt>& owed, const JournalRecord& record) {
    const Debt debt = debt_from(record.payload);
    if (record.type == owed_record)
        owed.insert(debt);
    else
        owed.erase(debt);
}

// A ledger with the disk that it stands on.
class FolderLedger final : public Ledger {
  public:
    explicit FolderLedger(const std::string& folder) : disk_(folder), ledger_(disk_, file_name) {}
    std::vector<Debt> owed() const override { return ledger_.owed(); }
    void add(const std::vector<Debt>& debts) override { ledger_.add(debts); }
    void strike(const std::vector<Debt>& debts) override { ledger_.strike(debts); }

  private:
    PosixDisk disk_;
    JournalLedger ledger_;
};

}  // namespace

JournalLedger::JournalLedger(Disk& disk, const std::string& name)
    : journal_(disk, name, limits, [this](const JournalRecord& record) { replay(record); }) {}

void JournalLedger::replay(const JournalRecord& record) {
    replay_into(owed_, record);
}

void JournalLedger::write(std::uint8_t type, const std::vector<Debt>& debts) {
    for (const Debt& debt : debts) journal_.append(type, written(debt));
    journal_.sync();
}

void JournalLedger::add(const std::vector<Debt>& debts) {
    std::vector<Debt> fresh;
    for (const Debt& debt : debts)
        if (owed_.count(debt) == 0) fresh.push_back(debt);
    if (fresh.empty()) return;
    write(owed_record, fresh);
    owed_.insert(fresh.begin(), fresh.end());
}

void JournalLedger::strike(const std::vector<Debt>& debts) {
    std::vector<Debt> there;
    for (const Debt& debt : debts)
        if (owed_.count(debt) != 0) there.push_back(debt);
    if (there.empty()) return;
    write(paid_record, there);
    for (const Debt& debt : there) owed_.erase(debt);
    compact_if_worth_it();
}

void JournalLedger::compact_if_worth_it() {
    if (journal_.bytes() < worth_compacting || !(owed_.empty() || journal_.is_filling())) return;
    std::vector<Journal::Entry> entries;
    for (const Debt& debt : owed_) entries.push_back({owed_record, written(debt)});
    journal_.compact(entries);
}

std::string host_ledger_folder() {
    if (::geteuid() == 0) return root_ledger_folder;
    const std::string state = environment("XDG_STATE_HOME");
    // A relative one is to be ignored, as the specification of these folders says.
    if (!state.empty() && state.front() == '/') return state + "/prove/ledger";
    const std::string home = environment("HOME");
    if (home.empty() || home.front() != '/')
        throw Error(ErrorKind::usage, "neither XDG_STATE_HOME nor HOME says where to keep what runs owe");
    return home + "/.local/state/prove/ledger";
}

std::unique_ptr<Ledger> open_ledger(const std::string& folder) {
    make_private_folder(folder);
    return std::make_unique<FolderLedger>(folder);
}

std::unique_ptr<Ledger> look_at_ledger(const std::string& folder) {
    // Not by a Journal: that mends what it opens, and an apply may be writing there at this moment.
    const auto file = find_whole_file(folder + "/" + file_name, limits.bytes);
    std::set<Debt> owed;
    if (file)
        journal_format::read(*file, limits.record_bytes, file_name,
                             [&](const JournalRecord& record) { replay_into(owed, record); });
    return std::make_unique<MemoryLedger>(std::vector<Debt>(owed.begin(), owed.end()));
}

AppliedStates read_applied(const std::string& folder) {
    AppliedStates applied;
    const auto text = find_whole_file(applied_path(folder));
    if (!text) return applied;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = text->find('\n', at);
        const auto wish = Hash::from_hex_text(text->substr(at, hex_size));
        if (!wish || end == std::string::npos || end < at + hex_size + 2 || (*text)[at + hex_size] != ' ')
            throw Error(ErrorKind::invalid, "'" + applied_path(folder) + "' is damaged");
        applied.emplace(StateId(text->substr(at + hex_size + 1, end - at - hex_size - 1)), *wish);
        at = end + 1;
    }
    return applied;
}

void write_applied(const std::string& folder, const AppliedStates& applied) {
    make_private_folder(folder);
    std::string text;
    for (const auto& [state, wish] : applied) text += wish.hex() + " " + state.text() + "\n";
    write_file_durably(applied_path(folder), text);
}

std::optional<RunLock> RunLock::lock_if_first(QueuePlace& place, const std::string& folder, const std::string& holder) {
    if (!place.is_first()) return std::nullopt;
    auto lock = FileLock::try_acquire(lock_path(folder), holder);
    if (!lock) return std::nullopt;
    return RunLock(std::move(place), std::move(*lock));
}

std::optional<RunLock> RunLock::try_acquire(const std::string& folder, const std::string& holder) {
    make_private_folder(folder);
    auto place = QueuePlace::take(queue_path(folder));
    return lock_if_first(place, folder, holder);
}

RunLock RunLock::acquire(const std::string& folder, const std::string& holder, const Cancellation* cancellation,
                         const std::function<void(const std::string& holder)>& waiting) {
    make_private_folder(folder);
    auto place = QueuePlace::take(queue_path(folder));
    auto lock = lock_if_first(place, folder, holder);
    if (!lock && waiting) waiting(RunLock::holder(folder));
    // The kernel's locks cannot be waited for and cancelled at once without a thread of its own, and runs take seconds:
    // the queue is looked at again and again, and a cancellation is heard at once.
    const Cancellation never;
    while (!lock) {
        if ((cancellation ? *cancellation : never).wait_for(std::chrono::milliseconds(50)))
            throw Error(ErrorKind::cancelled, "cancelled while waiting for another run on this host");
        lock = lock_if_first(place, folder, holder);
    }
    return std::move(*lock);
}

std::string RunLock::holder(const std::string& folder) {
    return FileLock::note_of(lock_path(folder));
}

}  // namespace prove
