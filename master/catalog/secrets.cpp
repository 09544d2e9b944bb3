// The section `secrets` of prove.yml: the public key that the catalog's secrets are encrypted with. A secret for
// another key is told while the catalog is loaded, wherever it stands, and without any private key.
#include <algorithm>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/catalog/parts.hpp"
#include "master/catalog/secret_token.hpp"

namespace prove {

namespace {

SourcePosition position_in(const std::string& path, const std::string& text, std::size_t at) {
    const std::size_t newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return {std::make_shared<const std::string>(path), static_cast<std::uint32_t>(line),
            static_cast<std::uint32_t>(utf8_length(std::string_view(text).substr(begin, at - begin)) + 1)};
}

void check_text(const std::string& path, const std::string& text, const std::string& key, Diagnostics& diagnostics) {
    for (const FoundSecret& found : find_secrets(text)) {
        const auto name = key_of_secret(std::string_view(text).substr(found.begin, found.size));
        if (*name == key) continue;
        const auto position = position_in(path, text, found.begin);
        if (key.empty())
            return void(diagnostics.error(position, "",
                                          "prove.yml names no key for secrets; 'prove-cli secret init' makes one"));
        diagnostics.error(position, "",
                          "this secret is for the key " + *name + ", and prove.yml names " + key +
                              "; 'prove-cli secret rotate' brings all of them to one key");
    }
}

}  // namespace

void read_secrets_section(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    Shape shape(value, "secrets", diagnostics);
    const auto text = shape.required_text("public_key");
    shape.end();
    if (text.empty()) return;
    try {
        parts.secret_key = secret_key_from(text);
    } catch (const Error& error) {
        diagnostics.error(shape.find("public_key")->position(), "secrets", error.text());
    }
}

void check_secret_keys(const CatalogParts& parts, Diagnostics& diagnostics) {
    const std::string key = parts.secret_key ? secret_key_name(*parts.secret_key) : "";
    for (const auto& [path, text] : parts.plain_texts) check_text(path, text, key, diagnostics);
    for (const auto& [path, source] : parts.sources) check_text(path, source.text, key, diagnostics);
}

}  // namespace prove
