// SQLite as owned values: a connection, and prepared statements that are kept by their text. Only this room includes
// it. A connection belongs to one thread at a time. No SQL is ever made from data: values are bound.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "proto/bytes.hpp"
#include "proto/error.hpp"

namespace prove::sqlite {

class Statement {
  public:
    Statement(sqlite3* database, const char* sql);
    // Starts over: forgets the last row and all values.
    Statement& reset();
    Statement& bind(std::int64_t value);
    Statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(const std::string& text);
    template <std::size_t N, class Tag>
    Statement& bind(const Bytes<N, Tag>& bytes) {
        return bind_blob(bytes.view());
    }
    Statement& bind_blob(std::string_view bytes);
    // True when there is a row. Throws Error: full, invalid or failed.
    bool step();
    // The columns of the row, one after the other.
    std::int64_t integer() { return sqlite3_column_int64(handle_.get(), column_++); }
    bool boolean() { return integer() != 0; }
    std::string text();
    template <class B>
    B bytes() {
        const auto result = B::from(text());
        if (!result)
            throw Error(ErrorKind::failed, "the database is damaged: a key or hash in it has the wrong length");
        return *result;
    }

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int parameter_ = 1;
    int column_ = 0;
};

class Connection {
  public:
    enum class Kind { writer, reader };
    Connection(const std::string& file, Kind kind);
    // The statement of this text, reset; `sql` is a literal.
    Statement& prepare(const char* sql);
    void run(const char* sql) { prepare(sql).step(); }
    // Several statements at once, for schemas.
    void script(const char* sql);

  private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
    std::map<const char*, Statement> statements_;  // by address: each literal once
};

}  // namespace prove::sqlite
