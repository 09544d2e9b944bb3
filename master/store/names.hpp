// Looking up an enumerator by its name, for what comes back from the database.
#pragma once

#include <initializer_list>
#include <string>

#include "proto/error.hpp"

namespace prove {

template <class Enum>
Enum from_name(const std::string& name, std::initializer_list<Enum> all, const char* what) {
    for (const auto one : all)
        if (name == name_of(one)) return one;
    throw Error(ErrorKind::invalid, "'" + name + "' is no " + what);
}

}  // namespace prove
