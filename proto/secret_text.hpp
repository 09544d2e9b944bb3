// A text that has secrets in it. In a catalog `!secret x` is {"$secret": "x"}, a ciphertext. Once compiled it is
// {"$secret": TEXT}, wherever a value may stand: TEXT is what will be said, with a mark in the place of every secret.
// Secrets themselves travel beside the states, by mark (StatesBody), and are put in where a part runs: what is
// rendered, compared, shown and stored until then holds marks only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto/value.hpp"

namespace prove {

// By mark: ciphertexts on the master, secrets on a target.
using SecretTable = std::map<std::string, std::string>;

// What stands for this ciphertext in rendered text: plain in YAML and JSON, quoted or not, and changed by whatever
// escapes, quotes or folds a text, so that this is noticed.
std::string secret_mark(std::string_view ciphertext);
// The marks in a text, in order.
std::vector<std::string> marks_in(std::string_view text);
// What a mark became that a filter changed; empty where all that looks like one of these marks is one.
std::string changed_mark(std::string_view text, const SecretTable& known);
// "***" in the place of every mark: for messages, and for whatever shows a run.
std::string without_marks(std::string_view text);
// The marks' secrets in their place, in one pass: what a secret says is never looked into. Throws Error(missing) for a
// mark that `secrets` does not have.
std::string with_secrets(std::string_view text, const SecretTable& secrets);

bool is_secret(const Value& value);
const std::string& secret_text(const Value& value);
bool holds_secret(const Value& value);
// The output of another state, or a secret: not known before a part runs.
bool is_known_later(const Value& value);
bool holds_what_is_known_later(const Value& value);
// A copy for eyes: "***" in the place of every secret.
Value shown(const Value& value);

}  // namespace prove
