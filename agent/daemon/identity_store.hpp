// What the agent keeps about itself and its master below its data folder: keys and the machine that they were made on
// (S11, S15, S28), the pin, and what enrolment brought. Everything 0600 in 0700 folders (S94).
//
//     keys/sign.key, transport.key, seal.key    machine (hash of the machine-id)    pin    enrolment
#pragma once

#include <optional>
#include <string>

#include "common/keys/keys.hpp"
#include "common/log/log.hpp"
#include "proto/keyset.hpp"
#include "proto/token.hpp"

namespace prove {

// How an agent got to be one of a master's.
struct Enrolled {
    MasterPin pin;
    RootSet roots;
    std::string keyset;                  // signed bytes
    std::string name;
    bool operator==(const Enrolled&) const = default;
};
std::string to_text(const Enrolled& enrolled);
Enrolled enrolled_from_text(const std::string& text);    // throws Error(invalid)

class IdentityStore {
 public:
    // Makes the folder; throws Error(refused) where others may look into it.
    IdentityStore(std::string data, std::string machine_id_file);

    // The keys; made on the first start. Where the machine is another than the one they were made on, this is a copy:
    // the keys, the journal and the enrolment of the original are removed and new keys made (S15).
    KeyRing keys(const Logger& log);
    Hash machine() const;                // H(machine-id); zero where the machine has none
    bool has_keys() const { return KeyRing::exists_in(keys_folder()); }

    std::optional<Enrolled> enrolled() const;
    void set_enrolled(const Enrolled& enrolled);
    // The pin that enrolment has to go by, where one was given before.
    std::optional<MasterPin> pin() const;
    void set_pin(const MasterPin& pin);

    // Removes identity, journal, StateRun, contents and enrolment: an image must not hold them (S28). What is owed on this
    // machine stays owed.
    void reset();
    const std::string& data() const { return data_; }
    std::string keys_folder() const { return data_ + "/keys"; }
    std::string journal_folder() const { return data_ + "/journal"; }
    std::string cache_folder() const { return data_ + "/cache"; }
    std::string late_folder() const { return data_ + "/late"; }
    std::string lock_file() const { return data_ + "/lock"; }

 private:
    void warn_about_old_keys(const Logger& log) const;
    std::string data_;
    std::string machine_id_file_;
};

}  // namespace prove
