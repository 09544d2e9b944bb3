// How SQLite's codes become Errors: no space is `full` and may pass; a row that breaks a constraint is `invalid` and
// concerns its batch alone; everything else is `failed` and final (D3).
#include "master/store/sqlite.hpp"

#include <cerrno>

namespace prove::sqlite {

namespace {

// SQLite calls a shared index for which there is no space (the -shm file) an I/O error; nothing was written yet then.
bool finds_no_space(sqlite3* database, int code) {
    if ((code & 0xff) == SQLITE_FULL) return true;
    const bool opening = code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMSIZE;
    const int cause = database != nullptr ? sqlite3_system_errno(database) : 0;
    return opening && (cause == ENOSPC || cause == EDQUOT);
}

[[noreturn]] void fail(sqlite3* database, int code, const std::string& what) {
    if (database != nullptr) code = sqlite3_extended_errcode(database);
    if (finds_no_space(database, code)) throw Error(ErrorKind::full, what + ": no space left on its file system");
    const auto kind = (code & 0xff) == SQLITE_CONSTRAINT ? ErrorKind::invalid : ErrorKind::failed;
    const std::string detail = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    throw Error(kind, what + ": " + detail);
}

}  // namespace

Statement::Statement(sqlite3* database, const char* sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    handle_.reset(statement);
    if (code != SQLITE_OK) fail(database, code, "the database does not understand a statement");
}

Statement& Statement::reset() {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
    parameter_ = 1;
    column_ = 0;
    return *this;
}

Statement& Statement::bind(std::int64_t value) {
    sqlite3_bind_int64(handle_.get(), parameter_++, value);
    return *this;
}

Statement& Statement::bind(const std::string& text) {
    sqlite3_bind_text64(handle_.get(), parameter_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    sqlite3_bind_blob64(handle_.get(), parameter_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

bool Statement::step() {
    column_ = 0;
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(handle_.get());  // gives its lock back
        return false;
    }
    sqlite3_reset(handle_.get());
    fail(database_, code, "cannot use the database");
}

std::string Statement::text() {
    const int column = column_++;
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return bytes == nullptr ? std::string()
                            : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Connection::Connection(const std::string& file, Kind kind) {
    sqlite3* database = nullptr;
    const int access = kind == Kind::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(file.c_str(), &database, access | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) fail(database, code, "cannot open the database '" + file + "'");
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, 5000);
    if (kind == Kind::reader) script("PRAGMA query_only=ON");
}

Statement& Connection::prepare(const char* sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second.reset();
    return statements_.emplace(sql, Statement(database_.get(), sql)).first->second;
}

void Connection::script(const char* sql) {
    const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(database_.get(), code, "cannot set up the database");
}

}  // namespace prove::sqlite
