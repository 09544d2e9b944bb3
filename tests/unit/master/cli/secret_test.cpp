// prove-cli secret: files of any format with their secrets opened and closed again, and the commands over a catalog.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/secret_files.hpp"
#include "tests/support/catalog_folder.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A catalog with a key of its own.
struct KeptCatalog {
    TemporaryFolder folder;
    CatalogFolder catalog{{{"targets.yml", "targets: []\n"}}};
    std::string key = folder.path() + "/keys/secret.key";
    KeptCatalog() { REQUIRE(secret("init").code == 0); }
    Ran secret(const std::string& command, std::vector<std::string> more = {}) const {
        std::vector<std::string> words = {"--catalog", catalog.path(), "secret", command, "--key", key};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    std::string read(const std::string& path) const { return read_whole_file(catalog.path() + "/" + path); }
    SecretKeys keys() const { return SecretKeys::load(key); }
    std::string encrypted(const std::string& plain) const { return encrypt_secret(plain, keys().public_key()); }
};

// A program that stands for an editor: a line of sed.
struct Editor {
    explicit Editor(const std::string& line) { ::setenv("VISUAL", ("sed -i " + line).c_str(), 1); }
    ~Editor() { ::unsetenv("VISUAL"); }
};

}  // namespace

TEST_CASE("secret init makes a key pair: the private key is a file of its own, the public one stands in prove.yml",
          "[secret]") {
    const KeptCatalog kept;
    CHECK(kept.read("prove.yml") == "secrets:\n  public_key: " + secret_key_text(kept.keys().public_key()) + "\n");
    CHECK(Catalog::load(kept.catalog.path())->targets().empty());
    const Ran again = kept.secret("init");
    CHECK(again.code == 2);
    CHECK(again.err.find("there is a key in " + kept.key + " already") != std::string::npos);
}

TEST_CASE("secret decrypt shows one secret to who has the private key", "[secret]") {
    const KeptCatalog kept;
    CHECK(kept.secret("decrypt", {"!secret " + kept.encrypted("canary")}).out == "canary");
    const Ran foreign = kept.secret("decrypt", {encrypt_secret("canary", SealKey::generate().public_key())});
    CHECK(foreign.code != 0);
    CHECK(foreign.err.find("which a secret was made for, is not here") != std::string::npos);
    CHECK(kept.secret("decrypt", {"nonsense"}).code == 2);
}

TEST_CASE("secret rotate brings every secret of the catalog to a new key, and nothing else changes", "[secret]") {
    const KeptCatalog kept;
    const std::string one = kept.encrypted("one"), two = kept.encrypted("two");
    kept.catalog.write("variables/a.yml", "# comment\na: !secret " + one + "   # kept\n");
    kept.catalog.write("variables/b.json", "{\"b\": {\"$secret\": \"" + two + "\"}}\n");
    const PublicSealKey before = kept.keys().public_key();
    const Ran rotated = kept.secret("rotate");
    CHECK(rotated.code == 0);
    CHECK(rotated.out.find("2 files changed") != std::string::npos);
    const SecretKeys keys = kept.keys();
    CHECK_FALSE(keys.public_key() == before);
    CHECK(kept.read("prove.yml") == "secrets:\n  public_key: " + secret_key_text(keys.public_key()) + "\n");
    const std::string text = kept.read("variables/a.yml");
    const auto found = find_secrets(text);
    REQUIRE(found.size() == 1);
    CHECK(replace_all(text, text.substr(found[0].begin, found[0].size), one) ==
          "# comment\na: !secret " + one + "   # kept\n");
    CHECK(keys.decrypt(text.substr(found[0].begin, found[0].size)) == "one");
    CHECK(keys.decrypt(two) == "two");  // until the next rotation
    CHECK(Catalog::load(kept.catalog.path())->targets().empty());
}

TEST_CASE("a rotation that was cut short is brought to its end by the next one", "[secret]") {
    const KeptCatalog kept;
    const std::string one = kept.encrypted("one");
    const std::string options = kept.read("prove.yml");
    kept.catalog.write("variables/a.yml", "a: !secret " + one + "\n");
    REQUIRE(kept.secret("rotate").code == 0);
    const PublicSealKey now = kept.keys().public_key();
    kept.catalog.write("variables/a.yml", "a: !secret " + one + "\n");  // as if it had died before these
    kept.catalog.write("prove.yml", options);
    const Ran again = kept.secret("rotate");
    CHECK(again.code == 0);
    CHECK(again.out.find("a rotation that was cut short is at its end now") != std::string::npos);
    CHECK(kept.keys().public_key() == now);
    CHECK(kept.read("prove.yml") == "secrets:\n  public_key: " + secret_key_text(now) + "\n");
    const std::string text = kept.read("variables/a.yml");
    CHECK(key_of_secret(text.substr(11, text.size() - 12)) == secret_key_name(now));
}

TEST_CASE("secret edit opens the secrets of a file in an editor, and encrypts what was changed or is new", "[secret]") {
    const KeptCatalog kept;
    const std::string one = kept.encrypted("one"), two = kept.encrypted("two");
    const std::string before = "a: !secret " + one + "\nb: !secret " + two + "\n";
    kept.catalog.write("variables/a.yml", before);
    {
        const Editor editor("'s/<<<secret 2: two>>>/<<<secret 2: zwei>>>/; $a c: !secret <<<secret: new>>>'");
        CHECK(kept.secret("edit", {"variables/a.yml"}).code == 0);
    }
    const std::string text = kept.read("variables/a.yml");
    const auto found = find_secrets(text);
    REQUIRE(found.size() == 3);
    CHECK(text.substr(found[0].begin, found[0].size) == one);
    CHECK(kept.keys().decrypt(text.substr(found[1].begin, found[1].size)) == "zwei");
    CHECK(kept.keys().decrypt(text.substr(found[2].begin, found[2].size)) == "new");
    CHECK(text.find("zwei") == std::string::npos);
    {
        const Editor editor("''");
        CHECK(kept.secret("edit", {"variables/a.yml"}).err.find("nothing was changed") != std::string::npos);
    }
    {
        const Editor editor("'s/<<<secret 1: /<<<secret 7: /'");
        const Ran wrong = kept.secret("edit", {"variables/a.yml"});
        CHECK(wrong.code != 0);
        CHECK(wrong.err.find("there was no secret 7 in this file") != std::string::npos);
    }
    CHECK(kept.read("variables/a.yml") == text);
}

TEST_CASE("a file is closed as it was opened, whatever stands in its secrets", "[secret]") {
    const KeptCatalog kept;
    const SecretKeys keys = kept.keys();
    const std::string text = kept.encrypted("a\nb: c <<< >>") + " x " + kept.encrypted("") + " <<< y >>>\n";
    const OpenedFile opened = opened_file(text, keys);
    CHECK(opened.text == "<<<secret 1: a\nb: c <<< >>>>> x <<<secret 2: >>> <<< y >>>\n");
    CHECK(closed_file("<<<secret 2: >>>", opened, keys.public_key()) == opened.ciphertexts[1]);
    CHECK_THROWS_AS(opened_file(kept.encrypted("x>>>y"), keys), Error);
    for (const char* wrong :
         {"<<<secret 1 a>>>", "<<<secret: x", "<<<secret 0: x>>>", "<<<secret two: x>>>", "<<<secret 99999999: x>>>"})
        CHECK_THROWS_AS(closed_file(wrong, opened, keys.public_key()), Error);
}

TEST_CASE("S91 compile and variables show three stars for a secret", "[secret]") {
    const KeptCatalog kept;
    const std::string canary = kept.encrypted("canary");
    kept.catalog.write("targets.yml", "targets: [{name: web1, states: [site], variables: {v: !secret " + canary +
                                          ", m: {k: !secret " + canary + "}}}]\n");
    kept.catalog.write("states/site.yml", "a: {fn: cmd.run, cmd: 'x ${vars.v}'}\n");
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"compile", "web1"},
                                               {"--output", "json", "compile", "web1"},
                                               {"variables", "web1"},
                                               {"--output", "yaml", "variables", "web1"},
                                               {"variables", "web1", "v", "--explain"},
                                               {"--output", "json", "variables", "web1", "--explain"}}) {
        std::vector<std::string> all = {"--catalog", kept.catalog.path()};
        all.insert(all.end(), words.begin(), words.end());
        const Ran ran = run(all);
        CHECK(ran.code == 0);
        CHECK(ran.out.find("***") != std::string::npos);
        CHECK(ran.out.find("canary") == std::string::npos);
        CHECK(ran.out.find("Secret<") == std::string::npos);
    }
}
