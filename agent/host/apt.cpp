// Acting with apt-get. See the header.
#include "agent/host/apt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "agent/host/plan_system.hpp"
#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t list_age_s = 24 * 3600;
constexpr std::chrono::milliseconds longest_lock_wait{3'600'000};
constexpr int lock_look_ms = 200;
constexpr const char* lists = "/var/lib/apt/lists";
constexpr const char* locks[] = {"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock",
                                 "/var/cache/apt/archives/lock"};

// Nothing may ask (demands G2): no debconf questions, no conffile prompts (a file that was changed here stays), no
// needrestart, no list of changes, no pager.
const std::map<std::string, std::string> quiet_environment = {{"DEBIAN_FRONTEND", "noninteractive"},
                                                              {"DEBIAN_PRIORITY", "critical"},
                                                              {"APT_LISTCHANGES_FRONTEND", "none"},
                                                              {"NEEDRESTART_SUSPEND", "1"},
                                                              {"NEEDRESTART_MODE", "l"},
                                                              {"UCF_FORCE_CONFFOLD", "1"},
                                                              {"LC_ALL", "C.UTF-8"}};

// Who holds a lock as dpkg and apt take it (fcntl); 0 where nobody does.
pid_t holder_of(const char* path) {
    const Fd file = try_open(path, O_RDWR);
    if (!file) return 0;
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
    return lock.l_pid;
}

std::string process_text(pid_t pid) {
    const std::string number = std::to_string(pid);
    const auto name = find_whole_file("/proc/" + number + "/comm");
    return (name ? std::string(trim(*name)) + ", " : "") + "process " + number;
}

bool lock_was_taken(const CommandResult& result) {
    return result.err.find("Could not get lock") != std::string::npos ||
           result.err.find("Unable to acquire the dpkg frontend lock") != std::string::npos ||
           result.err.find("Unable to lock") != std::string::npos;
}

// Wrong because the lists are: a package that is not in them, or a version that is gone from the mirror.
bool lists_may_be_why(const CommandResult& result) {
    const std::string both = result.out + result.err;
    for (const char* sign : {"Unable to locate package", "has no installation candidate", "was not found",
                             "404  Not Found", "Unable to fetch some archives"})
        if (both.find(sign) != std::string::npos) return true;
    return false;
}

void throw_if_stopped(const CommandResult& result) {
    if (result.cancelled) throw Error(ErrorKind::cancelled, "apt-get was cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, "apt-get did not end in time and was stopped");
}

// What went wrong, in one line. dpkg's own word on a package ("dpkg: error processing package x (--configure):" and the
// line after it) tells more than apt's that dpkg failed; and of apt's errors the first, of which others are
// consequences.
std::string first_error(const CommandResult& result) {
    const auto lines = split_lines(result.err);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i)
        if (lines[i].rfind("dpkg: error processing ", 0) == 0) return lines[i] + " " + std::string(trim(lines[i + 1]));
    for (const std::string& line : split_lines(result.err))
        if (line.rfind("E: ", 0) == 0) return lower(line.substr(3, 1)) + line.substr(4);
    return last_words(result);
}

}  // namespace

const DpkgStatus& Apt::status() {
    if (!status_) status_ = DpkgStatus::read();
    return *status_;
}

// apt waits for dpkg's lock itself, but not for those of its lists and archives; and one that comes between our look
// and its start is tried again.
void Apt::wait_for_locks() {
    const auto begun = commands_.clock().boot_ms();
    for (const char* lock : locks) {
        pid_t told = 0;
        while (const pid_t holder = holder_of(lock)) {
            commands_.check_time();
            if (commands_.clock().boot_ms() - begun > longest_lock_wait.count())
                throw Error(ErrorKind::timeout, std::string(lock) + " is still held by " + process_text(holder));
            if (told != holder) commands_.show("waiting for " + process_text(holder) + ", which holds " + lock + "\n");
            told = holder;
            (void)::poll(nullptr, 0, lock_look_ms);
        }
    }
}

CommandResult Apt::run(std::vector<std::string> arguments, Commands::Show show) {
    Command command;
    command.argv = {"apt-get",
                    "-y",
                    "-q",
                    "-o",
                    "Dpkg::Options::=--force-confdef",
                    "-o",
                    "Dpkg::Options::=--force-confold",
                    "-o",
                    "Dpkg::Use-Pty=0",
                    "-o",
                    "APT::Color=0"};
    const auto wait = std::chrono::duration_cast<std::chrono::seconds>(commands_.time_left(longest_lock_wait)).count();
    command.argv.insert(command.argv.end(), {"-o", "DPkg::Lock::Timeout=" + std::to_string(wait)});
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.env = quiet_environment;
    for (;;) {
        wait_for_locks();
        CommandResult result = commands_.run(command, show, "apt");
        throw_if_stopped(result);
        if (result.succeeded() || !lock_was_taken(result)) return result;
        commands_.check_time();
    }
}

void Apt::configure_pending() {
    if (!status().has_half_configured()) return;
    wait_for_locks();
    Command command;
    command.argv = {"dpkg", "--force-confdef", "--force-confold", "--configure", "-a"};
    command.env = quiet_environment;
    const CommandResult result = commands_.run(command, Commands::Show::output, "dpkg");
    throw_if_stopped(result);
    // A failure is not the end: what is asked for may be what repairs it, and apt-get says what is still wrong.
    forget();
}

bool Apt::lists_are_old() const {
    struct stat folder {};
    struct stat partial {};
    if (::stat(lists, &folder) != 0) return true;
    (void)::stat((std::string(lists) + "/partial").c_str(), &partial);
    const auto newest = std::max(folder.st_mtim.tv_sec, partial.st_mtim.tv_sec);
    const auto age = commands_.clock().wall_ms() / 1000 - newest;
    if (age > list_age_s) return true;
    const auto names = list_folder(lists);
    return std::none_of(names.begin(), names.end(),
                        [](const std::string& name) { return name.find("_Packages") != std::string::npos; });
}

void Apt::refresh_lists(bool must_work) {
    refreshed_ = true;
    const CommandResult result = run({"update"}, Commands::Show::output);
    if (!result.succeeded() && must_work)
        throw Error(ErrorKind::failed, "the package lists could not be refreshed: " + first_error(result));
}

void Apt::fail_install(const CommandResult& result, const std::vector<PackageWish>& wishes) {
    for (const PackageWish& wish : wishes) {
        const std::string both = result.out + result.err;
        if (both.find("Unable to locate package " + wish.name + "\n") != std::string::npos ||
            both.find("Package '" + wish.name + "' has no installation candidate") != std::string::npos)
            throw Error(ErrorKind::missing,
                        "there is no package " + quoted(wish.name) +
                            " in this host's package sources; check its name, or add the source that has it");
        if (!wish.version.empty() &&
            both.find("Version '" + wish.version + "' for '" + wish.name + "'") != std::string::npos)
            throw Error(ErrorKind::missing, "there is no version " + quoted(wish.version) + " of package " +
                                                quoted(wish.name) +
                                                " in this host's package sources ('apt-cache policy " + wish.name +
                                                "' shows which there are)");
    }
    throw Error(ErrorKind::failed, "apt-get failed: " + first_error(result));
}

void Apt::install(const std::vector<PackageWish>& wishes) {
    using Refresh = PackageWish::Refresh;
    const auto any = [&wishes](auto is) { return std::any_of(wishes.begin(), wishes.end(), is); };
    configure_pending();
    const bool may_refresh = any([](const PackageWish& wish) { return wish.refresh != Refresh::never; });
    if (!refreshed_ && any([](const PackageWish& wish) { return wish.refresh == Refresh::always; }))
        refresh_lists(true);
    if (!refreshed_ && may_refresh && lists_are_old()) refresh_lists(false);
    std::vector<std::string> arguments = {"install"};
    if (!wishes.empty() && wishes.front().recommends)  // one transaction's wishes are alike in it
        arguments.emplace_back(*wishes.front().recommends ? "--install-recommends" : "--no-install-recommends");
    // A version that is asked for by number may be an older one.
    if (any([](const PackageWish& wish) { return !wish.version.empty(); }))
        arguments.emplace_back("--allow-downgrades");
    arguments.emplace_back("--");
    for (const PackageWish& wish : wishes)
        arguments.push_back(wish.version.empty() ? wish.name : wish.name + "=" + wish.version);
    CommandResult result = run(arguments, Commands::Show::output);
    if (!result.succeeded() && may_refresh && !refreshed_ && lists_may_be_why(result)) {
        refresh_lists(false);
        result = run(arguments, Commands::Show::output);
    }
    forget();
    // apt-get fails also for other packages that were half configured before; ours may be as they should.
    const auto is_done = [this](const PackageWish& wish) { return is_satisfied(status().package(wish.name), wish); };
    if (!result.succeeded() && !std::all_of(wishes.begin(), wishes.end(), is_done)) fail_install(result, wishes);
    for (const PackageWish& wish : wishes)
        if (!is_done(wish))
            throw Error(ErrorKind::failed,
                        "apt-get installed another package for " + quoted(wish.name) +
                            ", which is only a name that packages provide; ask for the package itself");
}

void Apt::remove(const std::vector<std::string>& names, bool purge) {
    configure_pending();
    std::vector<std::string> arguments = {purge ? "purge" : "remove", "--no-auto-remove", "--"};
    arguments.insert(arguments.end(), names.begin(), names.end());
    std::vector<std::string> simulated = {"--simulate"};
    simulated.insert(simulated.end(), arguments.begin(), arguments.end());
    const CommandResult simulation = run(simulated, Commands::Show::nothing);
    if (!simulation.succeeded()) throw Error(ErrorKind::failed, "apt-get failed: " + first_error(simulation));
    std::set<std::string> named;
    for (const std::string& name : names) named.insert(name.substr(0, name.find(':')));
    std::vector<std::string> others;
    for (const std::string& name : simulated_removals(simulation.out))
        if (named.count(name) == 0) others.push_back(quoted(name));
    if (!others.empty())
        throw Error(ErrorKind::refused, "removing " + join_words(names) + " would remove " + join_words(others) +
                                            " as well, which need it; name them, too, if that is wanted");
    const CommandResult result = run(arguments, Commands::Show::output);
    forget();
    const auto is_done = [&](const std::string& name) { return is_removed(status().package(name), purge); };
    if (!result.succeeded() && !std::all_of(names.begin(), names.end(), is_done))
        throw Error(ErrorKind::failed, "apt-get failed: " + first_error(result));
}

std::vector<std::string> simulated_removals(std::string_view output) {
    std::vector<std::string> names;
    for (const std::string& line : split_lines(output)) {
        const auto words = split_words(line);
        if (words.size() < 2 || (words[0] != "Remv" && words[0] != "Purg")) continue;
        const std::string name = words[1].substr(0, words[1].find(':'));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

}  // namespace prove
