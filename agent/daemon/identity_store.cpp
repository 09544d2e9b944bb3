// The files of an agent's identity.
#include "agent/daemon/identity_store.hpp"

#include <filesystem>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/messages.hpp"

namespace prove {

std::string to_text(const Enrolled& enrolled) {
    Value value = Value::object();
    value.set("format", 1);
    value.set("master", to_text(enrolled.pin));
    value.set("name", enrolled.name);
    value.set("root_set", to_base64(root_set_bytes(enrolled.roots)));
    value.set("keyset", to_base64(enrolled.keyset));
    return write_json_pretty(value) + "\n";
}

Enrolled enrolled_from_text(const std::string& text) {
    const Value value = read_json(text);
    Fields fields(value, "enrolment");
    if (fields.integer("format") != 1)
        throw Error(ErrorKind::refused, "the enrolment was written by a newer prove-agent");
    Enrolled enrolled;
    enrolled.pin = pin_from_text(fields.text("master"));
    enrolled.name = fields.text("name");
    enrolled.roots = root_set_from(from_base64(fields.text("root_set")));
    enrolled.keyset = from_base64(fields.text("keyset"));
    fields.end();
    return enrolled;
}

IdentityStore::IdentityStore(std::string data, std::string machine_id_file)
    : data_(std::move(data)), machine_id_file_(std::move(machine_id_file)) {
    make_private_folder(data_);
}

Hash IdentityStore::machine() const {
    const auto id = find_whole_file(machine_id_file_, 4'096);
    return id && !trim(*id).empty() ? hash_of(trim(*id)) : Hash{};
}

KeyRing IdentityStore::keys(const Logger& log) {
    const auto now_on = machine();
    const auto made_on = find_whole_file(data_ + "/machine", 4'096);
    if (made_on && trim(*made_on) != now_on.hex() && has_keys()) {
        log.warning("this machine is a copy of another: its keys are removed and new ones made",
                    {{"copied from", fingerprint_of(KeyRing::load(keys_folder()).sign.public_key())}});
        const auto pinned = pin();
        const auto enrolment = enrolled();
        reset();
        // Whose machine this is to be does not change with the copy; whether it may is decided anew.
        if (enrolment)
            set_pin(enrolment->pin);
        else if (pinned)
            set_pin(*pinned);
    }
    if (!made_on || trim(*made_on) != now_on.hex()) write_file_durably(data_ + "/machine", now_on.hex() + "\n");
    auto keys = KeyRing::load_or_make(keys_folder());
    warn_about_old_keys(log);
    return keys;
}

void IdentityStore::warn_about_old_keys(const Logger& log) const {
    std::error_code error;
    const auto keys_time = std::filesystem::last_write_time(keys_folder() + "/sign.key", error);
    if (error) return;
    const auto machine_time = std::filesystem::last_write_time(machine_id_file_, error);
    if (!error && keys_time < machine_time)
        log.warning("the keys are older than this machine's id; an image must not hold keys (prove-agent reset)");
}

std::optional<Enrolled> IdentityStore::enrolled() const {
    const auto text = find_whole_file(data_ + "/enrolment", 1u << 20);
    if (!text) return std::nullopt;
    return with_context([&] { return "while reading " + data_ + "/enrolment"; }, [&] { return enrolled_from_text(*text); });
}

void IdentityStore::set_enrolled(const Enrolled& enrolled) { write_file_durably(data_ + "/enrolment", to_text(enrolled)); }

std::optional<MasterPin> IdentityStore::pin() const {
    const auto text = find_whole_file(data_ + "/pin", 4'096);
    if (!text) return std::nullopt;
    return pin_from_text(trim(*text));
}

void IdentityStore::set_pin(const MasterPin& pin) { write_file_durably(data_ + "/pin", to_text(pin) + "\n"); }

void IdentityStore::reset() {
    // The enrolment first: without it nothing of the rest is used, whatever a crash leaves of it.
    for (const char* file : {"/enrolment", "/pin", "/machine"}) remove_file(data_ + file);
    for (const auto& folder : {keys_folder(), journal_folder(), cache_folder(), late_folder()})
        if (exists(folder)) remove_tree(folder);
}

}  // namespace prove
