// The master's own keys (S17): root, online, transport and enrolment, in <data>/keys, made once by init. The keyset
// that agents believe is signed here. One root key (k = n = 1) in this version; it stays with the others until it is
// moved.
#pragma once

#include <memory>
#include <string>

#include "common/keys/keys.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "proto/keyset.hpp"

namespace prove {

class MasterKeys {
  public:
    static bool exists_in(const std::string& folder);
    // Makes a new cluster's keys; what an interrupted init left is made anew. Throws Error(refused) where a whole set
    // is there already: losing the keys of a cluster means enrolling every agent again.
    static void make(const std::string& folder, const Clock& clock, Random& random);
    // Throws Error: missing, refused (S94), invalid. A keyset that is about to expire is signed anew, one version up.
    static MasterKeys load(const std::string& folder, const Clock& clock);

    const ClusterId& cluster() const { return cluster_; }
    const SigningKey& online() const { return online_; }
    std::uint32_t epoch() const { return keyset_.online.front().epoch; }
    const TransportKey& transport() const { return transport_; }
    const TransportKey& enrol() const { return enrol_; }
    const RootSet& roots() const { return keyset_.roots; }
    Hash root_set() const { return root_set_hash(keyset_.roots); }
    // S20: what an operator compares with what an agent shows.
    std::string fingerprint() const { return fingerprint_text(root_set()); }
    const KeysetDocument& keyset() const { return keyset_; }
    const std::string& signed_keyset() const { return signed_keyset_; }

  private:
    MasterKeys(SigningKey root, SigningKey online, TransportKey transport, TransportKey enrol)
        : root_(std::move(root)),
          online_(std::move(online)),
          transport_(std::move(transport)),
          enrol_(std::move(enrol)) {}
    void sign_keyset(const std::string& folder, std::int64_t now_ms);

    ClusterId cluster_;
    SigningKey root_, online_;
    TransportKey transport_, enrol_;
    KeysetDocument keyset_;
    std::string signed_keyset_;
};

}  // namespace prove
