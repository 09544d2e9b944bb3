// prove-cli secret: the key pair of a catalog's secrets, and the secrets themselves. A secret comes by standard input
// or from the terminal without being shown, never as an argument, and goes to standard output only where that is asked
// for (S91).
#include <CLI/CLI.hpp>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <iterator>

#include "common/files/files.hpp"
#include "common/keys/secret.hpp"
#include "common/process/foreground.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/yaml.hpp"
#include "master/catalog/tree.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/secret_files.hpp"

namespace prove {

namespace {

constexpr std::size_t largest_file = 32u << 20;

// The catalog's prove.yml; its place where there is none yet.
std::string options_file(const std::string& catalog) {
    const std::string other = catalog + "/prove.yaml";
    return exists(other) ? other : catalog + "/prove.yml";
}

PublicSealKey public_key_of(const std::string& catalog) {
    const std::string path = options_file(catalog);
    const Value options =
        read_yaml(find_whole_file(path, largest_file).value_or(""), std::make_shared<const std::string>(path));
    const Value* const secrets = options.is_mapping() ? options.find("secrets") : nullptr;
    const Value* const key = secrets != nullptr && secrets->is_mapping() ? secrets->find("public_key") : nullptr;
    if (key == nullptr)
        throw Error(ErrorKind::missing,
                    path + " names no key for secrets; 'prove-cli --catalog " + catalog + " secret init' makes one");
    return secret_key_from(key->text());
}

// Keeps the file's own mode: a catalog is for its readers, whoever they are.
void write_back(const std::string& path, const std::string& text) {
    const bool is_new = !exists(path);
    const auto mode = is_new ? 0644u : static_cast<unsigned>(std::filesystem::status(path).permissions()) & 07777u;
    write_file_durably(std::filesystem::exists(path) ? std::filesystem::canonical(path).string() : path, text, mode);
}

// What is typed is not shown.
class HiddenTyping {
  public:
    HiddenTyping() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~HiddenTyping() {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    HiddenTyping(const HiddenTyping&) = delete;
    HiddenTyping& operator=(const HiddenTyping&) = delete;

  private:
    termios before_{};
    bool is_terminal_;
};

// All of standard input as it is; of a terminal one line.
std::string read_secret(Console& console) {
    if (::isatty(STDIN_FILENO) == 0)
        return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    console.note("the secret (it is not shown), then Enter:");
    std::string secret;
    const HiddenTyping hidden;
    std::getline(std::cin, secret);
    return secret;
}

ExitCode init(Invocation& invocation, const std::string& key_path) {
    const std::string path = options_file(invocation.catalog());
    if (!is_folder(invocation.catalog())) throw Error(ErrorKind::missing, "there is no folder " + invocation.catalog());
    if (exists(key_path))
        throw Error(ErrorKind::refused, "there is a key in " + key_path + " already; '--key FILE' names another place");
    const SealKey key = SealKey::generate();
    const std::string text =
        with_secret_key(find_whole_file(path, largest_file).value_or(""), key.public_key(), nullptr);
    key.save(key_path);
    write_back(path, text);
    invocation.console.line("private key " + secret_key_name(key.public_key()) + ": " + key_path +
                            "; keep a copy: without it the secrets are lost");
    invocation.console.line("public key: in " + path);
    invocation.console.note(
        "the master needs the private key in its keys/secret.key (or `secret_key:` in master.yml), mode 0600 and its "
        "own");
    return ExitCode::well;
}

ExitCode encrypt(Invocation& invocation) {
    const PublicSealKey key = public_key_of(invocation.catalog());
    std::string secret = read_secret(invocation.console);
    if (!is_utf8(secret)) throw Error(ErrorKind::usage, "a secret is text in UTF-8");
    const std::string ciphertext = encrypt_secret(secret, key);
    wipe(secret);
    if (invocation.console.text()) {
        invocation.console.line("!secret " + ciphertext);
        return ExitCode::well;
    }
    Value value = Value::object();
    value.set("$secret", ciphertext);
    invocation.console.object(value);
    return ExitCode::well;
}

ExitCode decrypt(Invocation& invocation, const std::string& key_path, std::string ciphertext) {
    if (ciphertext.empty())
        ciphertext = std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
    const auto found = find_secrets(ciphertext);
    if (found.size() != 1)
        throw Error(ErrorKind::usage, "expected one secret such as 'prove-cli secret encrypt' prints it");
    std::string secret =
        SecretKeys::load(key_path).decrypt(std::string_view(ciphertext).substr(found[0].begin, found[0].size));
    const bool needs_line_end = ::isatty(STDOUT_FILENO) != 0 && (secret.empty() || secret.back() != '\n');
    invocation.console.raw(needs_line_end ? secret + "\n" : secret, false);
    wipe(secret);
    return ExitCode::well;
}

// A key file's place taken by another key at once; what was there is `path`.old.
void replace_key(const std::string& path, const SealKey& key) {
    const std::string fresh = path + ".new";
    remove_file(fresh);
    key.save(fresh);
    const SealKey before = SealKey::load(path);
    remove_file(path + ".old");
    before.save(path + ".old");
    std::filesystem::rename(fresh, path);
    sync_folder(parent_of(path));
}

std::size_t recrypt_all(const std::string& catalog, const SecretKeys& keys) {
    Diagnostics diagnostics;
    std::size_t changed = 0;
    for (const TreeFile& file : read_tree(catalog, {}, diagnostics)) {
        if (file.size > largest_file || is_served_path(file.path)) continue;
        const std::string path = catalog + "/" + file.path;
        const std::string text = read_whole_file(path, largest_file);
        const std::string fresh = with_context([&] { return "in " + path; }, [&] { return recrypted(text, keys); });
        if (fresh == text) continue;
        write_back(path, fresh);
        ++changed;
    }
    if (diagnostics.has_errors()) throw CatalogError(std::move(diagnostics));
    return changed;
}

// Where a rotation was cut short it is brought to its end first: the old key is needed for that, and kept until then.
ExitCode rotate(Invocation& invocation, const std::string& key_path) {
    const std::string catalog = real_directory(invocation.catalog());
    const std::string options = options_file(catalog);
    const SecretKeys before = SecretKeys::load(key_path);
    const PublicSealKey named = public_key_of(catalog);
    const bool unfinished = recrypt_all(catalog, before) > 0 || !(named == before.public_key());
    if (!unfinished) replace_key(key_path, SealKey::generate());
    const SecretKeys keys = SecretKeys::load(key_path);
    const std::size_t changed = recrypt_all(catalog, keys);
    write_back(options, with_secret_key(read_whole_file(options, largest_file), keys.public_key(), &named));
    Console& console = invocation.console;
    if (unfinished)
        console.line("a rotation that was cut short is at its end now; the key is " +
                     secret_key_name(keys.public_key()));
    else
        console.line("the key is " + secret_key_name(keys.public_key()) + " now; " + counted(changed, "file") +
                     " changed");
    console.note("give the master " + key_path + " and " + key_path + ".old before it gets this catalog");
    return ExitCode::well;
}

// In memory where that can be had: what is deleted from a disk is still on it.
std::string folder_for_editing() {
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
        if (const char* folder = std::getenv(name); folder != nullptr && *folder == '/' && is_folder(folder))
            return folder;
    return is_folder("/dev/shm") ? "/dev/shm" : "/tmp";
}

// Removed however editing ends.
struct EditedCopy {
    explicit EditedCopy(const std::string& name)
        : folder(folder_for_editing() + "/prove-secret-" + random_name()), path(folder + "/" + name) {
        make_private_folder(folder);
    }
    ~EditedCopy() {
        try {
            remove_tree(folder);
        } catch (const Error&) {
            // It is ours alone; there is nobody to tell who could do more.
        }
    }
    EditedCopy(const EditedCopy&) = delete;
    EditedCopy& operator=(const EditedCopy&) = delete;
    const std::string folder, path;
};

ExitCode edit(Invocation& invocation, const std::string& key_path, const std::string& file) {
    const SecretKeys keys = SecretKeys::load(key_path);
    const PublicSealKey key = public_key_of(invocation.catalog());
    const std::string path = !exists(file) && file.front() != '/' ? invocation.catalog() + "/" + file : file;
    const std::string before = find_whole_file(path, largest_file).value_or("");
    const OpenedFile opened = with_context([&] { return "in " + path; }, [&] { return opened_file(before, keys); });
    const EditedCopy copy(name_of_path(path));
    write_file_durably(copy.path, opened.text);
    const char* visual = std::getenv("VISUAL");
    const char* editor = visual != nullptr ? visual : std::getenv("EDITOR");
    for (;;) {
        const int code =
            run_in_foreground({"/bin/sh", "-c", std::string(editor != nullptr ? editor : "sensible-editor") + " \"$1\"",
                               "editor", copy.path});
        if (code != 0)
            throw Error(ErrorKind::failed, "the editor ended with " + std::to_string(code) + "; nothing was changed");
        try {
            const std::string edited = read_whole_file(copy.path, largest_file);
            const std::string after = edited == opened.text ? before : closed_file(edited, opened, key);
            if (after == before) return invocation.console.note("nothing was changed"), ExitCode::well;
            write_back(path, after);
            return ExitCode::well;
        } catch (const Error& error) {
            if (!invocation.console.ask(error.full_text() + "; edit it again?").value_or(false)) throw;
        }
    }
}

}  // namespace

void add_secret_commands(CommandLine& line) {
    auto key = std::make_shared<std::string>();
    const auto key_path = [key] { return key->empty() ? default_secret_key() : *key; };
    const auto with_key = [&](CLI::App& command) {
        command
            .add_option("--key", *key,
                        "the file of the private key; $PROVE_SECRET_KEY, ~/.config/prove/keys/secret.key or the "
                        "master's where it is left out")
            ->type_name("FILE");
    };
    CLI::App& secret = line.add(line.app(), "secret", "values that only the master can read: !secret in a catalog",
                                "  prove-cli --catalog . secret init\n  prove-cli --catalog . secret encrypt", nullptr);
    secret.require_subcommand(1);
    with_key(line.add(secret, "init", "make a key pair: the public key goes into prove.yml",
                      "  prove-cli --catalog . secret init",
                      [key_path](Invocation& invocation) { return init(invocation, key_path()); }));
    line.add(
        secret, "encrypt", "encrypt what comes by standard input, for a variable",
        "  prove-cli --catalog . secret encrypt\n  pwgen 30 1 | tr -d '\\n' | prove-cli --catalog . secret encrypt",
        [](Invocation& invocation) { return encrypt(invocation); });
    auto ciphertext = std::make_shared<std::string>();
    CLI::App& decrypts =
        line.add(secret, "decrypt", "show a secret; takes the private key",
                 "  prove-cli secret decrypt prove1.0123abcd.SGVsbG8=", [key_path, ciphertext](Invocation& invocation) {
                     protect_process_memory();
                     return decrypt(invocation, key_path(), *ciphertext);
                 });
    decrypts.add_option("SECRET", *ciphertext, "what stands after !secret; standard input where it is left out");
    with_key(decrypts);
    with_key(line.add(secret, "rotate", "make a new key pair and encrypt every secret of the catalog with it",
                      "  prove-cli --catalog . secret rotate", [key_path](Invocation& invocation) {
                          protect_process_memory();
                          return rotate(invocation, key_path());
                      }));
    auto file = std::make_shared<std::string>();
    CLI::App& edits = line.add(
        secret, "edit",
        "open a file of the catalog in $EDITOR with its secrets readable; a new one is written <<<secret: TEXT>>>",
        "  prove-cli --catalog . secret edit variables/db.yml", [key_path, file](Invocation& invocation) {
            protect_process_memory();
            return edit(invocation, key_path(), *file);
        });
    edits.add_option("FILE", *file, "a file of the catalog")->required();
    with_key(edits);
}

}  // namespace prove
