// Key files: see key_file.hpp.
#include "common/keys/key_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/bytes.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::string_view magic = "PRVKEY1";
constexpr std::size_t secret_size = 32;
constexpr std::size_t head_size = 8;
constexpr std::size_t checksum_size = 8;
constexpr std::size_t file_size = head_size + secret_size + checksum_size;

std::string checksum(const Secret& file) {
    return std::string(hash_of(file.reveal().substr(0, head_size + secret_size)).view().substr(0, checksum_size));
}

const char* name_of(KeyKind kind) {
    switch (kind) {
        case KeyKind::sign:
            return "signing key";
        case KeyKind::transport:
            return "transport key";
        case KeyKind::seal:
            return "sealing key";
    }
    return "key";
}

Error not_a_key(const std::string& path, const std::string& why) {
    return Error(ErrorKind::invalid,
                 quoted(path) + " " + why + "; restore it from a backup, or remove it and enrol again");
}

// One byte more than a file has, so that a longer one shows.
Secret read_file(const std::string& path) {
    const Fd fd = open_file(path, O_RDONLY | O_NOFOLLOW);
    Secret bytes(file_size + 1);
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t count = ::read(fd.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error("cannot read " + quoted(path), errno);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size != file_size)
        throw not_a_key(path, "is not a key file: it must have " + std::to_string(file_size) + " bytes");
    return bytes;
}

}  // namespace

Secret load_key_file(const std::string& path, KeyKind kind) {
    if (!exists(path))
        throw Error(ErrorKind::missing, "there is no " + std::string(name_of(kind)) + " " + quoted(path));
    check_private_folder(parent_of(path));
    check_private_file(path);
    const Secret file = read_file(path);
    const std::string_view bytes = file.reveal();
    if (bytes.substr(0, magic.size()) != magic) throw not_a_key(path, "is not a key file");
    if (!std::equal(bytes.begin() + head_size + secret_size, bytes.end() - 1, checksum(file).begin()))
        throw not_a_key(path, "is damaged: its checksum is wrong");
    if (bytes[magic.size()] != static_cast<char>(kind)) throw not_a_key(path, std::string("is no ") + name_of(kind));
    Secret secret(secret_size);
    std::copy_n(file.data() + head_size, secret_size, secret.data());
    return secret;
}

void save_key_file(const std::string& path, KeyKind kind, const Secret& secret) {
    if (secret.size() != secret_size) throw Error(ErrorKind::internal, "a key of a wrong size");
    make_private_folder(parent_of(path));
    if (exists(path)) throw Error(ErrorKind::refused, quoted(path) + " is there already; a key is not written over");
    Secret file(file_size);
    std::copy(magic.begin(), magic.end(), file.data());
    file.data()[magic.size()] = static_cast<std::uint8_t>(kind);
    std::copy_n(secret.data(), secret_size, file.data() + head_size);
    const std::string sum = checksum(file);
    std::copy(sum.begin(), sum.end(), file.data() + head_size + secret_size);
    write_file_durably(path, file.reveal(), 0600);
}

}  // namespace prove
