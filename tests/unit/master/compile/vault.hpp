// Catalogs with secrets in a test, and what a target would see of them: compiling is never given the private key, so
// the table of ciphertexts is opened afterwards.
#pragma once

#include "master/catalog/secret_token.hpp"
#include "master/compile/secret_values.hpp"
#include "tests/unit/master/compile/compiling.hpp"

namespace prove::test {

using Files = std::map<std::string, std::string>;

// A key, and catalogs with secrets for it.
struct Vault {
    SealKey key = SealKey::generate();
    std::string secret(const std::string& plain) const { return "!secret " + encrypt_secret(plain, key.public_key()); }
    std::string json_secret(const std::string& plain) const {
        return R"({"$secret": ")" + encrypt_secret(plain, key.public_key()) + "\"}";
    }
    std::string options() const { return "secrets: {public_key: " + secret_key_text(key.public_key()) + "}\n"; }
    // A catalog whose target web1 has the variables v (a secret, "canary"), url (with it inside), db (a mapping with
    // it) and plain.
    Compiling site(const std::string& states, Files files = {},
                   const std::shared_ptr<CompileMemory>& memory = std::make_shared<CompileMemory>()) const {
        files.emplace("prove.yml", options());
        files.emplace("targets.yml", "targets: [{name: web1, states: [site], variable_files: [more], variables: {v: " +
                                         secret("canary") + ", db: {user: me, password: " + secret("canary") +
                                         "}, plain: text}}]\n");
        files.emplace("variables/more.yml", "url: 'http://${vars.low}@db'\n");
        files.emplace("variables/base.yml", "");
        if (files["prove.yml"].find("variables:") == std::string::npos)
            files["prove.yml"] += "variables: {low: " + secret("canary") + "}\n";
        files.emplace("states/site.yml", states);
        return Compiling(std::move(files), memory);
    }
    // With the secrets in the place of the marks.
    std::string opened(const Compiled& compiled, const std::string& text) const {
        SecretTable secrets;
        for (const auto& [mark, ciphertext] : compiled.secrets)
            secrets.emplace(mark, *key.open(from_base64(ciphertext.substr(ciphertext.rfind('.') + 1))));
        return with_secrets(text, secrets);
    }
};

inline std::string argument(const Compiled& compiled, const std::string& id, const std::string& name) {
    const Value& value = node(compiled, id).variants.at(0).parts.at(0).arguments.at(name);
    return is_secret(value) ? secret_text(value) : write_json(value);
}

}  // namespace prove::test
