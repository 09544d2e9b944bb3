// Opening the database, and the one thread that writes.
#include "master/store/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/store/schema.hpp"

namespace prove {

using sqlite::Connection;
using sqlite::Statement;

namespace {

constexpr std::size_t rows_per_commit = 2000;  // a bound on how long one commit may take
constexpr const char* head_setting = "audit.head";

// The file must be ours alone (S94): SQLite makes its other files with the same mode.
void check_private(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw system_error("cannot open the database '" + file + "'", errno);
    struct stat info {};
    const int result = ::fstat(fd, &info);
    ::close(fd);
    if (result != 0) throw system_error("cannot look at the database '" + file + "'", errno);
    if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
        throw Error(ErrorKind::refused, "the database '" + file +
                                            "' must belong to the user that runs the master and be closed to all "
                                            "others; try: chown and chmod 600");
}

void prepare_schema(Connection& database, const std::string& file) {
    // auto_vacuum counts only before anything is written.
    database.script(
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA trusted_schema=OFF; "
        "PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=1000;");
    auto& version = database.prepare("PRAGMA user_version");
    version.step();
    const auto found = version.integer();
    version.reset();
    if (found > schema_version)
        throw Error(ErrorKind::refused, "the database '" + file + "' has format " + std::to_string(found) +
                                            ", which is newer than this prove-master knows (" +
                                            std::to_string(schema_version) + "); start the newer version");
    if (found == schema_version) return;
    database.script("BEGIN IMMEDIATE");
    if (found < 1) database.script(schema_1);
    if (found < 2) database.script(schema_2);
    if (found < 3) database.script(schema_3);
    database.script(("PRAGMA user_version=" + std::to_string(schema_version) + "; COMMIT").c_str());
}

}  // namespace

SqliteStore::SqliteStore(const std::string& file, const Logger& log)
    : log_(log), writer_((check_private(file), file), Connection::Kind::writer) {
    prepare_schema(writer_, file);
    reader_ = std::make_unique<Connection>(file, Connection::Kind::reader);
    load_audit_head();
    thread_ = std::thread([this] { run(); });
}

SqliteStore::~SqliteStore() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    thread_.join();
}

void SqliteStore::write(Batch batch, Done done) {
    std::optional<Error> refused;
    {
        const std::lock_guard lock(mutex_);
        if (failure_)
            refused = failure_;
        else
            queue_.push_back({std::move(batch), std::move(done)});
    }
    if (refused) return done(&*refused);
    arrived_.notify_one();
}

void SqliteStore::run() {
    for (;;) {
        auto batches = take();
        if (batches.empty()) return;
        const auto errors = commit(batches);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            const auto& error = errors[i];
            if (error && error->kind() == ErrorKind::failed) close(*error);
            batches[i].done(error ? &*error : nullptr);
        }
    }
}

void SqliteStore::close(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    log_.error("the database failed; the master must be started again", {{"reason", error.text()}});
    failure_ = error;
}

// What waits, up to the bound; empty once the store is to stop and nothing is left.
std::vector<SqliteStore::Waiting> SqliteStore::take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    std::vector<Waiting> batches;
    std::size_t rows = 0;
    while (!queue_.empty() && (batches.empty() || rows + queue_.front().batch.size() <= rows_per_commit)) {
        rows += queue_.front().batch.size();
        batches.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batches;
}

// One transaction for all; a batch that breaks a constraint is taken out of it alone.
SqliteStore::Errors SqliteStore::commit(const std::vector<Waiting>& batches) {
    const std::lock_guard lock(writer_mutex_);
    {
        const std::lock_guard state(mutex_);
        if (failure_) return Errors(batches.size(), failure_);
    }
    const auto number = audit_number_;
    const auto hash = audit_hash_;
    Errors errors;
    try {
        writer_.run("BEGIN IMMEDIATE");
        for (const auto& waiting : batches) errors.push_back(put_batch(waiting.batch));
        if (audit_number_ != number)
            sqlite::put(writer_, SettingRow{head_setting, std::to_string(audit_number_) + " " + audit_hash_.hex()});
        writer_.run("COMMIT");
        // Not before: who asks meanwhile still gets the facts of before.
        for (const auto& waiting : batches) facts_version_ += has_facts(waiting.batch) ? 1 : 0;
        return errors;
    } catch (const Error& error) {
        audit_number_ = number;
        audit_hash_ = hash;
        roll_back();
        return Errors(batches.size(), error);
    }
}

void SqliteStore::roll_back() {
    try {
        writer_.run("ROLLBACK");
    } catch (const Error&) {
        // SQLite has rolled back by itself already, as it does when a write to the disk fails.
    }
}

std::optional<Error> SqliteStore::put_batch(const Batch& batch) {
    const auto number = audit_number_;
    const auto hash = audit_hash_;
    writer_.run("SAVEPOINT batch");
    try {
        for (const auto& row : batch) {
            if (const auto* record = std::get_if<AuditRow>(&row))
                add_audit(*record);
            else
                sqlite::put(writer_, row);
        }
        writer_.run("RELEASE batch");
        return std::nullopt;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) throw;
        writer_.run("ROLLBACK TO batch");
        writer_.run("RELEASE batch");
        audit_number_ = number;
        audit_hash_ = hash;
        return error;
    }
}

void SqliteStore::add_audit(AuditRow row) {
    row.number = audit_number_ + 1;
    row.hash = audit_hash(audit_hash_, row);
    sqlite::put_audit(writer_, row);
    audit_number_ = row.number;
    audit_hash_ = row.hash;
}

void SqliteStore::load_audit_head() {
    std::tie(audit_number_, audit_hash_) = head();
}

std::pair<std::uint64_t, Hash> SqliteStore::head() const {
    const auto text = setting(head_setting);
    if (!text) return {0, Hash{}};
    const auto space = text->find(' ');
    const auto hash = space == std::string::npos ? std::nullopt : Hash::from_hex_text(text->substr(space + 1));
    if (!hash) throw Error(ErrorKind::failed, "the database is damaged: the head of the audit log cannot be read");
    return {std::stoull(text->substr(0, space)), *hash};
}

std::unique_ptr<Store> open_sqlite_store(const std::string& file, const Logger& log) {
    try {
        return std::make_unique<SqliteStore>(file, log);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        throw Error(ErrorKind::full, "there is no space left for the database '" + file +
                                         "': make some on its file system and start again; nothing is lost");
    }
}

}  // namespace prove
