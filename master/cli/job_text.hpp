// What a job was, in a few words: "states apply", "cmd uptime".
#pragma once

#include <string>

#include "proto/value.hpp"

namespace prove {

// Of a job or a run as the API tells it.
std::string job_text(const Value& job);

}  // namespace prove
