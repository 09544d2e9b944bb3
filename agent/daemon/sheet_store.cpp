// Two files, replaced whole. First the file, then the number in the journal: a crash between them leaves a file that is
// newer than its number, never one that is refused for being older.
#include "agent/daemon/sheet_store.hpp"

#include "proto/sealed.hpp"

namespace prove {

namespace {

constexpr const char* sheet_file = "sheet";
constexpr const char* state_run_file = "staterun";
constexpr std::size_t signature_bytes = 64;

// What is kept under a number that is not the newest was put back by somebody.
void refuse_older(std::uint64_t number, std::uint64_t newest, const std::string& what) {
    if (number < newest) throw Error(ErrorKind::refused, what + " kept here are older than the newest that came");
}

SheetStore::Trouble trouble_of(const Error& error) {
    return {error.text(), error.kind() != ErrorKind::missing};
}

}  // namespace

// Sheets are told apart by the number of their envelope, which rises whatever the master's clock does.
void SheetStore::keep_sheet(const Verified& verified, const std::vector<std::string>& frames) {
    const auto number = verified.header().sequence;
    if (number < journal_.kept(Kept::sheet))
        throw Error(ErrorKind::refused, "the schedules that came are older than those that are kept here");
    write(sheet_file, frames);
    journal_.raise_kept(Kept::sheet, number);
}

void SheetStore::keep_state_run(std::uint64_t generation, const std::vector<std::string>& frames) {
    write(state_run_file, frames);
    journal_.raise_kept(Kept::state_run, generation);
}

void SheetStore::write(const char* name, const std::vector<std::string>& frames) {
    std::string bytes;
    for (const auto& frame : frames) bytes += frame;
    const std::string fresh = std::string(name) + ".new";
    disk_.remove(fresh);
    try {
        disk_.append(fresh, bytes);
        disk_.sync(fresh);
    } catch (const Error&) {
        disk_.remove(fresh);
        throw;
    }
    disk_.rename(fresh, name);
}

Verified SheetStore::load(const char* name, Kept which, MessageType type, const std::string& what) {
    const auto bytes = disk_.read(name);
    if (!bytes && journal_.kept(which) == 0) throw Error(ErrorKind::missing, "no " + what + " were ever kept here");
    if (!bytes) throw Error(ErrorKind::refused, what + " that were kept here are gone");
    constexpr auto front = Header::size + signature_bytes;
    std::optional<Verified> verified;
    if (bytes->size() > front)
        verified = mail_.open_kept(
            {bytes->substr(0, Header::size), bytes->substr(Header::size, signature_bytes), bytes->substr(front)}, type);
    if (!verified)
        throw Error(ErrorKind::refused, what + " kept here are damaged, or signed by a key that does not count any more");
    // A journal that was lost knows no number: then nothing can tell an older copy.
    if (journal_.kept(which) == 0) throw Error(ErrorKind::refused, what + " kept here are not those of this journal");
    return std::move(*verified);
}

SheetStore::Sheet SheetStore::load_sheet() {
    Sheet loaded;
    try {
        const auto verified = load(sheet_file, Kept::sheet, MessageType::schedules, "schedules");
        refuse_older(verified.header().sequence, journal_.kept(Kept::sheet), "schedules");
        loaded.sheet = schedule_sheet_from(read_body(verified));
    } catch (const Error& error) {
        loaded.trouble = trouble_of(error);
    }
    return loaded;
}

SheetStore::StateRun SheetStore::load_state_run() {
    StateRun loaded;
    try {
        const auto verified = load(state_run_file, Kept::state_run, MessageType::staterun, "states");
        const auto command = open_command(verified, self_.opener, self_.key);
        refuse_older(command.generation, journal_.kept(Kept::state_run), "states");
        loaded.body = states_body_from(command.body);
    } catch (const Error& error) {
        loaded.trouble = trouble_of(error);
    }
    return loaded;
}

}  // namespace prove
