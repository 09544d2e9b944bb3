// The bootstrap's shell lines. See the header.
//
// They stand in single quotes within a line for any login shell, so none of them may hold a single quote, a line end,
// an exclamation mark (csh) or a backslash before a quote (fish). Within them it is plain POSIX sh, with mktemp's and
// stat's work done by what BusyBox has, too.
#include "master/executors/ssh_bootstrap.hpp"

#include <unistd.h>

#include <array>
#include <initializer_list>

#include "common/files/files.hpp"
#include "common/pipe/frames.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"
#include "proto/hash_stream.hpp"

namespace prove {

namespace {

constexpr std::size_t largest_program = 64u << 20;
constexpr std::array machines = {"x86_64", "aarch64"};

std::string lines(std::initializer_list<std::string> all) {
    return join(std::vector<std::string>(all), " ");
}

// Which program the machine takes: $m, its hash $s and size $z.
std::string choice_of_program(const std::vector<ExecProgram>& programs) {
    std::string cases;
    for (const ExecProgram& program : programs)
        cases += program.machine + ") s=" + program.sha256 + " z=" + std::to_string(program.bytes->size()) + ";; ";
    return "m=$(uname -m); case $m in " + cases + "*) say machine $m; exit 0;; esac;";
}

// $1 is a copy with the right content; a folder of our own that nobody else can change; a folder in which nobody else
// can put another one in the place of ours.
std::string checks() {
    return lines({
        "right() { [ -f \"$1\" ] && [ -x \"$1\" ] && [ \"$(sha256sum < \"$1\")\" = \"$s  -\" ]; };",
        "ours() { set -- $(ls -ldn \"$1\" 2>/dev/null); case $1 in drwx------*) [ \"$3\" = $u ];; *) false;; esac; };",
        "safe() { set -- $(ls -ldnL \"$1\" 2>/dev/null); case $1 in d???????[-]?*|d????????[tT]*) [ \"$3\" = 0 ] || [ "
        "\"$3\" = $u "
        "];; *) false;; esac; };",
        "space() { set -- $(df -Pk \"$1\" 2>/dev/null | tail -n 1); echo $4; };",
    });
}

// Where copies may be: of root where only root writes, of others in their home; both in shared folders, in a folder of
// their own there.
std::string places() {
    return lines({
        "u=$(id -u);",
        "if [ $u = 0 ]; then set -- /var/cache /var/tmp /tmp /dev/shm /run;",
        "else case $XDG_CACHE_HOME in /*) h=$XDG_CACHE_HOME;; *) h=$HOME/.cache;; esac; mkdir -p \"$h\" 2>/dev/null;",
        "set -- \"$h\" /var/tmp /tmp /dev/shm /run/user/$u; fi;",
    });
}

std::string start_a_copy() {
    return "for p do d=$p/prove-$u; f=$d/exec-$s; safe \"$p\" && ours \"$d\" && right \"$f\" && start; done;";
}

// The first place where a file can be made and run and that has room for it: $d and $t, and $i is its number.
std::string find_a_place() {
    return lines({
        "i=0; g=; w=; for p do i=$((i+1)); [ $i -gt $k ] && [ -d \"$p\" ] || continue; d=$p/prove-$u; t=$d/new-$$;",
        "safe \"$p\" || { w=\"$w; $p can be changed by others\"; continue; };",
        "[ -d \"$d\" ] || mkdir -m 700 \"$d\" 2>/dev/null;",
        "ours \"$d\" || { w=\"$w; $d cannot be made, or is open to others\"; continue; };",
        "{ echo : > \"$t\" && chmod 700 \"$t\"; } 2>/dev/null || { w=\"$w; $d cannot be written to\"; rm -f \"$t\"; "
        "continue; };",
        "\"$t\" 2>/dev/null || { w=\"$w; $d forbids execution\"; rm -f \"$t\"; rmdir \"$d\" 2>/dev/null; continue; };",
        "[ \"$(space \"$d\")\" -lt $((z/1024+64)) ] 2>/dev/null && { w=\"$w; $d is full\"; rm -f \"$t\"; rmdir \"$d\" "
        "2>/dev/null; continue; };",
        "g=1; break; done; [ -n \"$g\" ] || { say place \"${w#; }\"; exit 0; };",
    });
}

// Copies of killed starts and of programs of a month ago go; then the copy comes, is checked, and takes its name.
std::string take_a_copy() {
    return lines({
        "for o in \"$d\"/new-*; do kill -0 ${o##*-} 2>/dev/null || rm -f \"$o\"; done;",
        "find \"$d\" -name \"exec-*\" -mtime +30 -exec rm -f {} + 2>/dev/null;",
        "gone() { rm -f \"$t\"; }; trap gone EXIT; trap \"gone; exit 1\" HUP INT TERM PIPE;",
        "say upload $m;",
        "e=$(head -c $z 2>&1 > \"$t\");",
        "right \"$t\" && mv -f \"$t\" \"$f\" || { say broken $i \"$d: $e\"; exit 0; };",
        "trap - EXIT HUP INT TERM PIPE; start",
    });
}

// `arguments`: what prove-exec is to run in a terminal, instead of speaking through the pipe.
std::string start_script(const std::vector<ExecProgram>& programs, const std::string& nonce, int first_place,
                         const std::string& arguments = "") {
    return lines({
        "n=" + nonce + "; k=" + std::to_string(first_place) + "; umask 077; say() { echo \"PROVE:$n:$*\"; };",
        choice_of_program(programs),
        "command -v sha256sum >/dev/null 2>&1 || { say tool sha256sum; exit 0; };",
        checks(),
        "start() { exec \"$f\" $n " + arguments + "; };",
        places(),
        start_a_copy(),
        find_a_place(),
        "f=$d/exec-$s;",
        take_a_copy(),
    });
}

// $1 is the script to start as root. doas takes a password from a terminal only: prove-exec, started as the user first,
// has one for it.
std::string become_script(const std::vector<ExecProgram>& programs, const std::string& nonce, Become become,
                          int first_place) {
    const std::string name = name_of(become);
    const std::string with = become == Become::sudo ? "exec sudo -S -p \"PROVE:$n:password\" -- /bin/sh -c \"$1\""
                             : become == Become::su
                                 ? "exec su -s /bin/sh -c \"$1\" root"
                                 : "doas -n -- /bin/sh -c : 2>/dev/null && exec doas -n -- /bin/sh -c "
                                   "\"$1\"; c=$1; " +
                                       start_script(programs, nonce, first_place, "doas -- /bin/sh -c \"$c\"");
    return lines({
        "n=" + nonce + "; LC_ALL=C; export LC_ALL;",
        "[ \"$(id -u)\" = 0 ] && exec /bin/sh -c \"$1\";",
        "command -v " + name + " >/dev/null 2>&1 || { echo \"PROVE:$n:missing " + name + "\"; exit 0; };",
        with,
    });
}

}  // namespace

ExecProgram load_exec_program(const std::string& machine, const std::string& path) {
    ExecProgram program;
    program.machine = machine;
    program.bytes = std::make_shared<const std::string>(read_whole_file(path, largest_program));
    program.sha256 = sha256_of(*program.bytes);
    return program;
}

std::vector<ExecProgram> find_exec_programs() {
    std::array<char, 4'096> self{};
    const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
    const std::string beside = size > 0 ? parent_of(std::string(self.data(), static_cast<std::size_t>(size))) : "/";
    std::vector<ExecProgram> programs;
    for (const char* machine : machines) {
        const std::string name = std::string("/prove-exec-") + machine;
        for (const std::string& path : {beside + name, beside + "/../lib/prove" + name, "/usr/lib/prove" + name}) {
            if (!exists(path)) continue;
            programs.push_back(load_exec_program(machine, path));
            break;
        }
    }
    if (programs.empty())
        throw Error(ErrorKind::missing, "there is no prove-exec to copy to hosts, neither beside this program (" +
                                            beside + ") nor in /usr/lib/prove; it comes with the package prove-cli");
    return programs;
}

std::string bootstrap_command(const std::vector<ExecProgram>& programs, const std::string& nonce, Become become,
                              int first_place) {
    const std::string start = start_script(programs, nonce, first_place);
    if (become == Become::none) return "exec /bin/sh -c '" + start + "'";
    return "exec /bin/sh -c '" + become_script(programs, nonce, become, first_place) + "' prove '" + start + "'";
}

std::string sudo_prompt(const std::string& nonce) {
    return banner(nonce, "password");
}

}  // namespace prove
