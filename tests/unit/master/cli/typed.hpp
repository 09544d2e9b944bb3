// prove-cli as typed by somebody whose master answers as it was told to.
#pragma once

#include "tests/unit/master/api/api_world.hpp"
#include "tests/unit/master/cli/captured.hpp"

namespace prove::test {

struct Typed : ApiWorld {
    Ran operator()(std::vector<std::string> words) {
        words.insert(words.begin(), {"--master", folder.socket()});
        return run(std::move(words));
    }
    // What the master was asked last.
    std::string asked() const { return master.asked().empty() ? "" : master.asked().back(); }
};

}  // namespace prove::test
