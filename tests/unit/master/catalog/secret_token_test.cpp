// Ciphertexts and their keys, and which of them a catalog takes.
#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "master/catalog/secret_token.hpp"
#include "tests/support/catalog_folder.hpp"

using namespace prove;
using prove::test::CatalogFolder;

namespace {

std::string errors_of(const CatalogFolder& folder) {
    std::string result;
    try {
        folder.load();
    } catch (const CatalogError& error) {
        for (const Diagnostic& diagnostic : error.diagnostics().sorted())
            result += diagnostic.position.text() + ": " + diagnostic.text + "\n";
    }
    return result;
}

std::string error_of(const SecretKeys& keys, const std::string& ciphertext) {
    try {
        return keys.decrypt(ciphertext);
    } catch (const Error& error) {
        return error.text();
    }
}

}  // namespace

TEST_CASE("S94a what is encrypted with the public key is read with the private one alone", "[secrets]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/keys/secret.key";
    const SealKey key = SealKey::generate();
    key.save(path);
    const std::string ciphertext = encrypt_secret("canary\nwith lines", key.public_key());
    CHECK(ciphertext.find("canary") == std::string::npos);
    CHECK(ciphertext != encrypt_secret("canary\nwith lines", key.public_key()));
    CHECK(key_of_secret(ciphertext) == secret_key_name(key.public_key()));
    const SecretKeys keys = SecretKeys::load(path);
    CHECK(keys.decrypt(ciphertext) == "canary\nwith lines");
    CHECK(keys.decrypt(encrypt_secret("", key.public_key())).empty());

    std::string changed = ciphertext;
    changed[40] = changed[40] == 'A' ? 'B' : 'A';
    CHECK(error_of(keys, changed) == "a secret was changed after it was made, or only a part of it was copied");
    CHECK(error_of(keys, "prove1.0123") == "this is not what 'prove-cli secret encrypt' prints");
    const SealKey foreign = SealKey::generate();
    CHECK(error_of(keys, encrypt_secret("x", foreign.public_key())) ==
          "the private key " + secret_key_name(foreign.public_key()) + ", which a secret was made for, is not here");
}

TEST_CASE("the key before the one in force opens what it encrypted", "[secrets]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/keys/secret.key";
    const SealKey now = SealKey::generate(), before = SealKey::generate();
    now.save(path);
    before.save(path + ".old");
    CHECK(SecretKeys::load(path).decrypt(encrypt_secret("old", before.public_key())) == "old");
    CHECK(SecretKeys::load(path).public_key() == now.public_key());
}

TEST_CASE("S94 a private key that others may read is refused", "[secrets]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/keys/secret.key";
    SealKey::generate().save(path);
    write_file_durably(path, read_whole_file(path), 0644);
    CHECK_THROWS_AS(SecretKeys::load(path), Error);
}

TEST_CASE("a run without secrets asks for no key, one with secrets says where it should be", "[secrets]") {
    CHECK(opened_secrets({}, "/nowhere/secret.key").empty());
    CHECK_THROWS_WITH(
        opened_secrets({{"m", "c"}}, "/nowhere/secret.key"),
        "these states need 1 secret, and the private key that opens them is not there: /nowhere/secret.key");
}

TEST_CASE("ciphertexts are found in a file of any format", "[secrets]") {
    const std::string one = encrypt_secret("1", SealKey::generate().public_key());
    const std::string two = encrypt_secret("22", SealKey::generate().public_key());
    const std::string text = "a: !secret " + one + "\n{\"$secret\": \"" + two + "\"}, prove1. prove1.01234567.";
    const auto found = find_secrets(text);
    REQUIRE(found.size() == 2);
    CHECK(text.substr(found[0].begin, found[0].size) == one);
    CHECK(text.substr(found[1].begin, found[1].size) == two);
}

TEST_CASE("a secret for another key than that of prove.yml is told while the catalog is loaded", "[secrets]") {
    const SealKey key = SealKey::generate(), other = SealKey::generate();
    const std::string options = "secrets: {public_key: " + secret_key_text(key.public_key()) + "}\n";
    const std::string good = encrypt_secret("x", key.public_key()), bad = encrypt_secret("x", other.public_key());
    const std::string targets = "targets: [{name: a, variable_files: [db], variables: {k: !secret " + good + "}}]\n";
    CHECK(errors_of(CatalogFolder({{"prove.yml", options},
                                   {"targets.yml", targets},
                                   {"variables/db.yml", "a: !secret " + good + "\n"}}))
              .empty());
    CHECK(
        errors_of(CatalogFolder(
            {{"prove.yml", options}, {"targets.yml", targets}, {"variables/db.yml", "\na: !secret " + bad + "\n"}})) ==
        "variables/db.yml:2:12: this secret is for the key " + secret_key_name(other.public_key()) +
            ", and prove.yml names " + secret_key_name(key.public_key()) +
            "; 'prove-cli secret rotate' brings all of them to one key\n");
    CHECK(errors_of(CatalogFolder({{"targets.yml", targets}, {"variables/db.yml", ""}})) ==
          "targets.yml:1:66: prove.yml names no key for secrets; 'prove-cli secret init' makes one\n");
    CHECK(errors_of(CatalogFolder(
              {{"prove.yml", "secrets: {public_key: prove-secret-key-00, other: 1}\n"}, {"targets.yml", ""}})) ==
          "prove.yml:1:23: expected a key such as 'prove-cli secret init' makes it, 'prove-secret-key-...'\n"
          "prove.yml:1:44: unknown key 'other'; there are public_key\n");
}
