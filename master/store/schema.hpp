// The database's schema, one file per version; `PRAGMA user_version` says which one a database has.
#pragma once

namespace prove {

constexpr int schema_version = 3;
extern const char* const schema_1;
extern const char* const schema_2;  // what changes from version 1
extern const char* const schema_3;

}  // namespace prove
