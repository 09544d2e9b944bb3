/* faultio: a library to preload that makes system calls of a program fail, be short, be slow, or be its last ones.
 *
 *     LD_PRELOAD=libfaultio.so FAULTIO="calls=fsync,rename prefix=/var/lib/prove nth=3 action=kill_before" program
 *
 * FAULTIO holds rules, apart by ';'. With FAULTIO_CONTROL=FILE instead, the rules are the file's content, from the call
 * on at which it is there (write it beside and rename it); so a program may start first. FAULTIO_LOG=FILE gets one
 * line for each call that a rule meets: "NUMBER CALL PATH".
 *
 *     calls=NAME,...    write pwrite writev fsync fdatasync ftruncate rename open close connect malloc, or all (no malloc)
 *     prefix=PATH       only where the file's path begins so (either path of a rename); not for connect and malloc
 *     nth=N             the Nth such call (the default is 1); N+ from there on; 0 all of them
 *     action=A          errno:NUMBER  short (half of a write)  delay:MS  kill_before  kill_after  count (the default)
 *
 * Calls are made by number, never through dlsym, so that nothing here depends on what it interposes. Not together with
 * AddressSanitizer, which wants to be loaded first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define MOST_RULES 16

static const char *const names[] = {"write",  "pwrite", "writev", "fsync",   "fdatasync", "ftruncate",
                                    "rename", "open",   "close",  "connect", "malloc"};
enum call { WRITE, PWRITE, WRITEV, FSYNC, FDATASYNC, FTRUNCATE, RENAME, OPEN, CLOSE, CONNECT, MALLOC, CALLS };
enum action { COUNT, ERRNO, SHORT, DELAY, KILL_BEFORE, KILL_AFTER };

struct rule {
    unsigned calls; /* bits */
    char prefix[256];
    long nth;
    int onwards;
    enum action action;
    long argument;
    atomic_long seen;
};

static struct rule rules[MOST_RULES];
static atomic_int rule_count;
static atomic_int loaded;
static atomic_flag loading = ATOMIC_FLAG_INIT;
static int log_fd = -1;

extern void *__libc_malloc(size_t);

static void die(const char *why) {
    syscall(SYS_write, 2, "faultio: ", 9);
    syscall(SYS_write, 2, why, strlen(why));
    syscall(SYS_write, 2, "\n", 1);
    syscall(SYS_exit_group, 99);
}

static unsigned parse_calls(char *text) {
    unsigned bits = 0;
    char *save = NULL;
    for (char *word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        unsigned before = bits;
        if (strcmp(word, "all") == 0) bits |= (1u << MALLOC) - 1;
        for (int i = 0; i < CALLS; ++i)
            if (strcmp(word, names[i]) == 0) bits |= 1u << i;
        if (bits == before) die("unknown call");
    }
    return bits;
}

static void parse_action(struct rule *rule, char *text) {
    char *colon = strchr(text, ':');
    if (colon) {
        *colon = 0;
        rule->argument = atol(colon + 1);
    }
    static const char *const actions[] = {"count", "errno", "short", "delay", "kill_before", "kill_after"};
    for (int i = 0; i <= KILL_AFTER; ++i) {
        if (strcmp(text, actions[i]) != 0) continue;
        rule->action = (enum action)i;
        return;
    }
    die("unknown action");
}

static void parse_rule(char *text) {
    int at = atomic_load(&rule_count);
    if (at == MOST_RULES) die("too many rules");
    struct rule *rule = &rules[at];
    rule->nth = 1;
    char *save = NULL;
    for (char *word = strtok_r(text, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
        char *value = strchr(word, '=');
        if (!value) die("a word without '='");
        *value++ = 0;
        if (strcmp(word, "calls") == 0) {
            rule->calls = parse_calls(value);
        } else if (strcmp(word, "prefix") == 0 && strlen(value) < sizeof rule->prefix) {
            strcpy(rule->prefix, value);
        } else if (strcmp(word, "nth") == 0) {
            rule->nth = atol(value);
            rule->onwards = value[strlen(value) - 1] == '+';
        } else if (strcmp(word, "action") == 0) {
            parse_action(rule, value);
        } else {
            die("unknown word");
        }
    }
    if (rule->calls) atomic_store(&rule_count, at + 1);
}

static void parse_rules(char *text) {
    char *save = NULL;
    for (char *line = strtok_r(text, ";", &save); line; line = strtok_r(NULL, ";", &save)) parse_rule(line);
}

/* Loads the rules once: at the first call, or at the first call after the control file is there. */
static int is_on(void) {
    if (atomic_load(&loaded)) return atomic_load(&rule_count) > 0;
    static _Thread_local int inside;
    if (inside || atomic_flag_test_and_set(&loading)) return 0;
    inside = 1;
    static char text[4096];
    const char *direct = getenv("FAULTIO"), *control = getenv("FAULTIO_CONTROL"), *log = getenv("FAULTIO_LOG");
    int ready = !control;
    if (direct && strlen(direct) < sizeof text) strcpy(text, direct);
    if (control) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
        if (fd >= 0) {
            ssize_t size = syscall(SYS_read, fd, text, sizeof text - 1);
            text[size > 0 ? size : 0] = 0;
            syscall(SYS_close, fd);
            ready = 1;
        }
    }
    if (ready) {
        if (log) log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        parse_rules(text);
        atomic_store(&loaded, 1);
    }
    inside = 0;
    atomic_flag_clear(&loading);
    return ready && atomic_load(&rule_count) > 0;
}

static void path_of(int fd, char *path, size_t size) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t count = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
    path[count > 0 ? count : 0] = 0;
}

static void write_log(long number, enum call call, const char *path) {
    if (log_fd < 0) return;
    char line[512];
    int size = snprintf(line, sizeof line, "%ld %s %.400s\n", number, names[call], path);
    syscall(SYS_write, log_fd, line, (size_t)size);
}

/* What is to happen at this call; NULL: nothing. */
static struct rule *rule_for(enum call call, const char *path, const char *other) {
    for (int i = 0; i < atomic_load(&rule_count); ++i) {
        struct rule *rule = &rules[i];
        size_t length = strlen(rule->prefix);
        if (!(rule->calls & (1u << call))) continue;
        if (call != MALLOC && call != CONNECT && strncmp(path, rule->prefix, length) != 0 &&
            (!other || strncmp(other, rule->prefix, length) != 0))
            continue;
        long number = atomic_fetch_add(&rule->seen, 1) + 1;
        if (call != MALLOC) write_log(number, call, path);
        if (rule->nth == 0 || number == rule->nth || (rule->onwards && number > rule->nth)) return rule;
    }
    return NULL;
}

static void kill_self(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) {
        struct timespec forever = {3600, 0};
        syscall(SYS_nanosleep, &forever, NULL);
    }
}

/* Before the call: nonzero where it must not be made, errno is set then. */
static int before(const struct rule *rule) {
    if (!rule) return 0;
    if (rule->action == KILL_BEFORE) kill_self();
    if (rule->action == DELAY) {
        struct timespec pause = {rule->argument / 1000, rule->argument % 1000 * 1000000};
        syscall(SYS_nanosleep, &pause, NULL);
    }
    if (rule->action != ERRNO) return 0;
    errno = (int)rule->argument;
    return 1;
}

static long after(const struct rule *rule, long result) {
    if (rule && rule->action == KILL_AFTER) kill_self();
    return result;
}

static struct rule *rule_for_fd(enum call call, int fd) {
    if (!is_on()) return NULL;
    char path[512];
    path_of(fd, path, sizeof path);
    return rule_for(call, path, NULL);
}

static size_t cut(const struct rule *rule, size_t size) {
    return rule && rule->action == SHORT && size > 1 ? size / 2 : size;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size) {
    struct rule *rule = rule_for_fd(WRITE, fd);
    if (before(rule)) return -1;
    return after(rule, syscall(SYS_write, fd, bytes, cut(rule, size)));
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    struct rule *rule = rule_for_fd(PWRITE, fd);
    if (before(rule)) return -1;
    return after(rule, syscall(SYS_pwrite64, fd, bytes, cut(rule, size), at));
}
EXPORT ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
    struct rule *rule = rule_for_fd(WRITEV, fd);
    if (before(rule)) return -1;
    if (rule && rule->action == SHORT && count > 0)
        return after(rule, syscall(SYS_write, fd, parts[0].iov_base, cut(rule, parts[0].iov_len)));
    return after(rule, syscall(SYS_writev, fd, parts, count));
}

EXPORT int fsync(int fd) {
    struct rule *rule = rule_for_fd(FSYNC, fd);
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_fsync, fd));
}

EXPORT int fdatasync(int fd) {
    struct rule *rule = rule_for_fd(FDATASYNC, fd);
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_fdatasync, fd));
}

EXPORT int ftruncate64(int fd, off64_t size) {
    struct rule *rule = rule_for_fd(FTRUNCATE, fd);
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_ftruncate, fd, size));
}
EXPORT int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

EXPORT int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    struct rule *rule = NULL;
    if (is_on()) {
        /* Relative to a folder: the folder's path stands for the file's. */
        char from_folder[512], to_folder[512];
        path_of(from_fd, from_folder, sizeof from_folder);
        path_of(to_fd, to_folder, sizeof to_folder);
        rule = rule_for(RENAME, from[0] == '/' ? from : from_folder, to[0] == '/' ? to : to_folder);
    }
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_renameat2, from_fd, from, to_fd, to, flags));
}
EXPORT int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    return renameat2(from_fd, from, to_fd, to, 0);
}
EXPORT int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

static int open_at(int folder, const char *path, int flags, unsigned mode) {
    struct rule *rule = NULL;
    if (is_on()) {
        char folder_path[512] = "";
        if (path[0] != '/') path_of(folder, folder_path, sizeof folder_path);
        rule = rule_for(OPEN, path[0] == '/' ? path : folder_path, NULL);
    }
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_openat, folder, path, flags, mode));
}
#define MODE_OF(flags, mode)                                     \
    unsigned mode = 0;                                           \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {      \
        va_list rest;                                            \
        va_start(rest, flags);                                   \
        mode = va_arg(rest, unsigned);                           \
        va_end(rest);                                            \
    }
EXPORT int open(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_at(AT_FDCWD, path, flags, mode);
}
EXPORT int open64(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_at(AT_FDCWD, path, flags, mode);
}
EXPORT int openat(int folder, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_at(folder, path, flags, mode);
}
EXPORT int openat64(int folder, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_at(folder, path, flags, mode);
}
/* What _FORTIFY_SOURCE makes of them. */
EXPORT int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
EXPORT int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
EXPORT int __openat_2(int folder, const char *path, int flags) { return open_at(folder, path, flags, 0); }
EXPORT int __openat64_2(int folder, const char *path, int flags) { return open_at(folder, path, flags, 0); }

EXPORT int close(int fd) {
    struct rule *rule = rule_for_fd(CLOSE, fd);
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_close, fd));
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t size) {
    struct rule *rule = is_on() ? rule_for(CONNECT, "", NULL) : NULL;
    return before(rule) ? -1 : (int)after(rule, syscall(SYS_connect, fd, address, size));
}

EXPORT void *malloc(size_t size) {
    struct rule *rule = is_on() ? rule_for(MALLOC, "", NULL) : NULL;
    if (before(rule)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}
