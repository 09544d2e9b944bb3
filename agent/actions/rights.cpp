// See the header. What a plan predicts is looked at change by change: packages, units and accounts are root's, files whose
// folder or owner is somebody else's, too.
#include "agent/actions/rights.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "common/process/accounts.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t most_named = 10;

std::string parent(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// Why a predicted change needs root; empty where it does not.
std::string why(const Change& change, const Rights& rights) {
    const std::size_t blank = change.resource.find(' ');
    const std::string kind = change.resource.substr(0, blank);
    if (kind == "package" || kind == "unit" || kind == "user" || kind == "group") return change.resource;
    if (kind != "file" || blank == std::string::npos) return "";
    const std::string path = change.resource.substr(blank + 1);
    if (change.aspect == "owner") return "the owner of " + path;
    if (change.aspect == "mode" || change.aspect == "group")
        return rights.owns(path) ? "" : "the " + change.aspect + " of " + path;
    return rights.may_write_in(parent(path)) ? "" : path;
}

bool is_denied(const StatePartInvocation& part) {
    return part.outcome == Outcome::failed && (part.reason.find("permission denied") != std::string::npos ||
                                               part.reason.find("operation not permitted") != std::string::npos);
}

// The user that a command is to be run as, where that is another one.
std::string foreign_user(const StatePart& part, const Rights& rights) {
    if (part.function != "cmd.run") return "";
    const Value* user = part.arguments.is_mapping() ? part.arguments.find("user") : nullptr;
    return user == nullptr || !user->is_text() || user->text() == rights.user ? "" : user->text();
}

// Which part of the run a part of the report is, by where it was written.
const StatePart* part_at(const StateRun& run, const StateId& state, const SourcePosition& position) {
    for (const Node& node : run.nodes) {
        if (node.id != state) continue;
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts)
                if (part.position == position) return &part;
    }
    return nullptr;
}

std::string why(const StateRun& run, const StateInvocation& invocation, const StatePartInvocation& part, const Rights& rights) {
    if (is_denied(part)) return part.reason;
    if (part.outcome == Outcome::would_change)
        if (const StatePart* written = part_at(run, invocation.state, part.position))
            if (const std::string user = foreign_user(*written, rights); !user.empty()) return "a command as " + quoted(user);
    for (const Change& change : part.changes)
        if (std::string reason = why(change, rights); !reason.empty()) return reason;
    return "";
}

}  // namespace

Rights rights_of_this_process() {
    Rights rights;
    const uid_t uid = ::geteuid();
    rights.user = std::to_string(uid);
    const AccountFiles accounts = AccountFiles::read("/etc");
    if (const UserInfo* user = accounts.user(uid)) rights.user = user->name;
    // What is not there yet is made in the nearest folder that is.
    rights.may_write_in = [](const std::string& folder) {
        for (std::string at = folder;; at = parent(at)) {
            if (::faccessat(AT_FDCWD, at.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return true;
            if (errno != ENOENT || at == "/") return false;
        }
    };
    rights.owns = [uid](const std::string& path) {
        struct stat found {};
        return ::lstat(path.c_str(), &found) != 0 || found.st_uid == uid;  // what is not there will be its own
    };
    return rights;
}

std::string what_needs_root(const StateRun& run, const RunReport& plan, const Rights& rights) {
    std::vector<std::string> found;
    for (const StateInvocation& invocation : plan.invocations) {
        for (const StatePartInvocation& part : invocation.parts) {
            const std::string reason = why(run, invocation, part, rights);
            if (reason.empty()) continue;
            const std::string place = part.position.known() ? part.position.text() + ", " : "";  // of a state file
            found.push_back(invocation.state.text() + " (" + place + part.function + ": " +
                            (part.sensitive ? "sensitive" : reason) + ")");
            break;
        }
    }
    if (found.empty()) return "";
    const std::size_t count = found.size();
    if (count > most_named) {
        found.resize(most_named);
        found.push_back("and " + std::to_string(count - most_named) + " more");
    }
    return counted(count, "state") + (count == 1 ? " needs" : " need") + " root, and this is user " + quoted(rights.user) +
           "; nothing was done: " + join(found, ", ") +
           ". Run it as root; over SSH, give the target 'ssh: {become: sudo}'" +
           (run.nodes.size() == 1 ? "" : "; or leave these out with --skip-tags");
}

}  // namespace prove
