// Secrets in the files of a catalog, whatever their format: ciphertexts are found by their own form and replaced where
// they stand, so that nothing else of a file changes.
#pragma once

#include <string>
#include <vector>

#include "master/catalog/secret_token.hpp"

namespace prove {

// A file as an editor shows it: "<<<secret 1: TEXT>>>" in the place of the first ciphertext, and so on.
struct OpenedFile {
    std::string text;
    std::vector<std::string> ciphertexts, secrets;
};
// Throws Error as SecretKeys::decrypt() does, with the line.
OpenedFile opened_file(const std::string& text, const SecretKeys& keys);
// What the editor left, encrypted again: secrets that did not change keep their ciphertext, and "<<<secret: TEXT>>>" is
// a new one. Throws Error(invalid) with the line of what cannot be read.
std::string closed_file(const std::string& edited, const OpenedFile& opened, const PublicSealKey& key);

// All ciphertexts of a text for one key; those that are for it already stay.
std::string recrypted(const std::string& text, const SecretKeys& keys);

// The catalog's prove.yml with this key in it: a section `secrets` at its end, or another key in the place of the one
// that it names. Throws Error(refused) where it names one already and `replace` is null.
std::string with_secret_key(const std::string& text, const PublicSealKey& key, const PublicSealKey* replace);

}  // namespace prove
