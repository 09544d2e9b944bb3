// See secret_files.hpp.
#include "master/cli/secret_files.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::string_view begins = "<<<secret";
constexpr std::string_view ends = ">>>";

std::string line_at(const std::string& text, std::size_t at) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return "line " + std::to_string(line);
}

// Calls `make` for every ciphertext and puts what it gives in its place.
template <class Make>
std::string replaced(const std::string& text, Make make) {
    std::string result;
    std::size_t at = 0;
    for (const FoundSecret& found : find_secrets(text)) {
        result.append(text, at, found.begin - at);
        const std::string ciphertext = text.substr(found.begin, found.size);
        result += with_context([&] { return line_at(text, found.begin); }, [&] { return make(ciphertext); });
        at = found.begin + found.size;
    }
    return result.append(text, at);
}

// The number after "<<<secret"; 0 for a new one.
std::size_t number_of(std::string_view head, std::size_t known) {
    head = trim(head);
    if (head.empty()) return 0;
    const bool is_number = head.size() <= 6 && head.find_first_not_of("0123456789") == std::string_view::npos;
    const std::size_t number = is_number ? std::stoul(std::string(head)) : 0;
    if (number == 0 || number > known)
        throw Error(ErrorKind::invalid,
                    "there was no secret " + std::string(head) + " in this file; a new one is <<<secret: TEXT>>>");
    return number;
}

}  // namespace

OpenedFile opened_file(const std::string& text, const SecretKeys& keys) {
    OpenedFile opened;
    opened.text = replaced(text, [&](const std::string& ciphertext) {
        std::string secret = keys.decrypt(ciphertext);
        if (secret.find(ends) != std::string::npos)
            throw Error(ErrorKind::invalid, "a secret with '>>>' in it cannot be edited here; encrypt a new one");
        opened.ciphertexts.push_back(ciphertext);
        opened.secrets.push_back(secret);
        return std::string(begins) + " " + std::to_string(opened.secrets.size()) + ": " + secret + std::string(ends);
    });
    return opened;
}

std::string closed_file(const std::string& edited, const OpenedFile& opened, const PublicSealKey& key) {
    std::string result;
    std::size_t at = 0;
    for (std::size_t found = edited.find(begins); found != std::string::npos; found = edited.find(begins, at)) {
        with_context([&] { return line_at(edited, found); },
                     [&] {
                         const std::size_t colon = edited.find(": ", found);
                         const std::size_t end = edited.find(ends, found);
                         if (colon == std::string::npos || end == std::string::npos || colon > end)
                             throw Error(ErrorKind::invalid,
                                         "a secret is written <<<secret: TEXT>>>, with a blank after the colon");
                         const std::size_t head = found + begins.size();
                         const std::size_t number =
                             number_of(std::string_view(edited).substr(head, colon - head), opened.secrets.size());
                         const std::string secret = edited.substr(colon + 2, end - colon - 2);
                         const bool is_same = number > 0 && opened.secrets[number - 1] == secret;
                         result.append(edited, at, found - at);
                         result += is_same ? opened.ciphertexts[number - 1] : encrypt_secret(secret, key);
                         at = end + ends.size();
                     });
    }
    return result.append(edited, at);
}

std::string recrypted(const std::string& text, const SecretKeys& keys) {
    const std::string current = secret_key_name(keys.public_key());
    return replaced(text, [&](const std::string& ciphertext) {
        if (*key_of_secret(ciphertext) == current) return ciphertext;
        return encrypt_secret(keys.decrypt(ciphertext), keys.public_key());
    });
}

std::string with_secret_key(const std::string& text, const PublicSealKey& key, const PublicSealKey* replace) {
    std::string result = text;
    if (replace != nullptr) {
        const std::string old = secret_key_text(*replace);
        if (const std::size_t at = result.find(old); at != std::string::npos) {
            result.replace(at, old.size(), secret_key_text(key));
            return result;
        }
        if (result.find(secret_key_text(key)) != std::string::npos) return result;
    }
    if (result.find("\nsecrets:") != std::string::npos || result.rfind("secrets:", 0) == 0)
        throw Error(ErrorKind::refused,
                    "prove.yml has a section 'secrets' already; 'prove-cli secret rotate' changes its key");
    if (!result.empty() && result.back() != '\n') result += '\n';
    return result + "secrets:\n  public_key: " + secret_key_text(key) + "\n";
}

}  // namespace prove
