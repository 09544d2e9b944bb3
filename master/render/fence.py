"""What a worker may do: nothing but compute (S79). Called once, before any template text is seen.

Memory, processes and descriptors by limits; network, signals and new programs by a seccomp filter; files by Landlock:
a worker reads Python's own and nothing else of the machine. What this kernel or container does not offer is left out.
"""
import ctypes
import os
import resource
import struct

NOBODY = 65534

# Numbers of system calls that a worker has no use for: network, processes, signals to others, tracing, shared memory,
# namespaces, key rings; and what Landlock lets pass: cutting files, their modes, owners, times and attributes, and the
# priorities of other processes, which matters where master and workers are one user.
DENIED = {
    "x86_64": (0xC000003E, [16, 29, 30, 31, 41, 42, 43, 44, 46, 49, 50, 53, 56, 57, 58, 59, 62, 76, 77, 90, 91, 92, 93, 94,
                            101, 129, 132, 141, 142, 144, 165, 188, 189, 190, 197, 198, 199, 200, 203, 234, 235, 248, 249,
                            250, 251, 256, 260, 261, 268, 272, 279, 280, 288, 297, 298, 307, 308, 310, 311, 312, 314, 321,
                            322, 323, 424, 425, 434, 435, 438, 452, 463, 466]),
    "aarch64": (0xC00000B7, [5, 6, 7, 14, 15, 16, 29, 30, 40, 45, 46, 52, 53, 54, 55, 88, 97, 117, 118, 119, 122, 129, 130,
                             131, 138, 140, 194, 195, 196, 198, 199, 200, 201, 202, 203, 206, 211, 217, 218, 219, 220, 221,
                             238, 239, 240, 241, 242, 268, 269, 270, 271, 272, 274, 280, 281, 282, 424, 425, 434, 435, 438,
                             452, 463, 466]),
}
# Needed for the worker's own limits and descriptors, but not towards other processes: prlimit64 of another process, and
# fcntl's F_SETOWN, F_SETSIG and F_SETOWN_EX, by which the kernel would send the signals.
PRLIMIT = {"x86_64": 302, "aarch64": 261}
FCNTL = {"x86_64": 72, "aarch64": 25}
READABLE = ["/usr", "/lib", "/lib64", "/etc/python3", "/etc/python3.11", "/etc/localtime", "/dev/null", "/dev/urandom"]


def drop_root():
    """Whether we were root and are nobody now: then nobody's permissions fence the files of the one who started us."""
    if os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return False  # a container without that user: the other fences have to hold
    return True


def limit(memory):
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _bpf(code, jump_true, jump_false, value):
    return struct.pack("HBBI", code, jump_true, jump_false, value)


def deny_calls(libc):
    machine = os.uname().machine
    if machine not in DENIED:
        return False
    arch, numbers = DENIED[machine]
    load, equal, at_least, give_back = 0x20, 0x15, 0x35, 0x06
    first_argument, second_argument = 16, 24  # the lower halves
    allow = _bpf(give_back, 0, 0, 0x7FFF0000)
    deny = _bpf(give_back, 0, 0, 0x00050000 | 1)  # EPERM
    program = [_bpf(load, 0, 0, 4), _bpf(equal, 1, 0, arch), _bpf(give_back, 0, 0, 0x80000000), _bpf(load, 0, 0, 0),
               _bpf(equal, 0, 4, PRLIMIT[machine]), _bpf(load, 0, 0, first_argument), _bpf(equal, 0, 1, 0), allow, deny,
               _bpf(equal, 0, 6, FCNTL[machine]), _bpf(load, 0, 0, second_argument), _bpf(equal, 3, 0, 8),
               _bpf(equal, 2, 0, 10), _bpf(equal, 1, 0, 15), allow, deny]
    count = len(numbers)
    program.append(_bpf(at_least, count + 1, 0, 0x40000000))  # the x32 calls of x86_64
    program += [_bpf(equal, count - at, 0, number) for at, number in enumerate(numbers)]
    program += [allow, deny]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    return libc.prctl(22, 2, header, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def deny_files(libc):
    handled = 0x1FFF  # every right of Landlock's first version
    ruleset = libc.syscall(444, struct.pack("Q", handled), 8, 0)
    if ruleset < 0:
        return False
    for path in READABLE:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights = 0x0D if os.path.isdir(path) else 0x04  # read files, list folders, map libraries
        libc.syscall(445, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
        os.close(descriptor)
    closed = libc.syscall(446, ruleset, 0) == 0
    os.close(ruleset)
    return closed


def close(memory):
    """Shuts the worker in; everything that it needs is imported by now or readable below /usr. Says what stays open."""
    libc = ctypes.CDLL(None, use_errno=True)
    nobody = drop_root()
    limit(memory)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: no other process of this user looks in
    # Both are tried, whatever the first one says.
    files, calls = deny_files(libc), deny_calls(libc)
    return ([] if files or nobody else ["files"]) + ([] if calls else ["system calls"])
