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
# namespaces, key rings.
DENIED = {
    "x86_64": (0xC000003E, [29, 30, 31, 41, 42, 43, 44, 46, 49, 50, 53, 56, 57, 58, 59, 62, 101, 165, 200, 234, 248, 249,
                            250, 272, 288, 298, 307, 308, 310, 311, 321, 322, 323, 424, 425, 434, 435, 438]),
    "aarch64": (0xC00000B7, [40, 97, 117, 129, 130, 131, 194, 195, 196, 198, 199, 200, 201, 202, 203, 206, 211, 217, 218,
                             219, 220, 221, 241, 242, 268, 269, 270, 271, 280, 281, 282, 424, 425, 434, 435, 438]),
}
READABLE = ["/usr", "/lib", "/lib64", "/etc/python3", "/etc/python3.11", "/etc/localtime", "/dev/null", "/dev/urandom"]


def drop_root():
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        pass  # a container without that user: the other fences hold


def limit(memory):
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _bpf(code, jump_true, jump_false, value):
    return struct.pack("HBBI", code, jump_true, jump_false, value)


def deny_calls(libc):
    if os.uname().machine not in DENIED:
        return
    arch, numbers = DENIED[os.uname().machine]
    load, equal, at_least, give_back = 0x20, 0x15, 0x35, 0x06
    count = len(numbers)
    program = [_bpf(load, 0, 0, 4), _bpf(equal, 1, 0, arch), _bpf(give_back, 0, 0, 0x80000000), _bpf(load, 0, 0, 0),
               _bpf(at_least, count + 1, 0, 0x40000000)]  # the x32 calls of x86_64
    program += [_bpf(equal, count - at, 0, number) for at, number in enumerate(numbers)]
    program += [_bpf(give_back, 0, 0, 0x7FFF0000), _bpf(give_back, 0, 0, 0x00050000 | 1)]  # allow; EPERM
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    libc.prctl(22, 2, header, 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def deny_files(libc):
    handled = 0x1FFF  # every right of Landlock's first version
    ruleset = libc.syscall(444, struct.pack("Q", handled), 8, 0)
    if ruleset < 0:
        return
    for path in READABLE:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights = 0x0D if os.path.isdir(path) else 0x04  # read files, list folders, map libraries
        libc.syscall(445, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
        os.close(descriptor)
    libc.syscall(446, ruleset, 0)
    os.close(ruleset)


def close(memory):
    """Shuts the worker in; everything that it needs is imported by now or readable below /usr."""
    libc = ctypes.CDLL(None, use_errno=True)
    drop_root()
    limit(memory)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: no other process of this user looks in
    deny_files(libc)
    deny_calls(libc)
