// What every way to a target has in common.
#include "master/executors/executor.hpp"

#include "master/executors/held_content.hpp"

namespace prove {

namespace {

class NoEvents final : public ActionEvents {
    void output(const std::string&, OutputStream, std::string_view) override {}
    void state_started(const StateInvocation&) override {}
    void state_finished(const StateInvocation&) override {}
    void note(const std::string&) override {}
};

}  // namespace

ActionResult ask_facts(Session& session, const Cancellation& cancellation) {
    NoEvents nobody;
    return session.run("facts", Value::object(), nobody, cancellation);
}

void HeldContent::add(const Blobs& blobs) {
    const std::lock_guard lock(mutex_);
    blobs_.insert(blobs.begin(), blobs.end());
}

std::string HeldContent::fetch(const Hash& hash) {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(hash);
    if (found == blobs_.end()) throw Error(ErrorKind::missing, "the content " + hash.hex() + " is not in this run");
    return *found->second;
}

}  // namespace prove
