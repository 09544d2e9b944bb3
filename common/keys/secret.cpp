// Secret memory: see secret.hpp.
#include "common/keys/secret.hpp"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "proto/error.hpp"
#include "proto/sodium_ready.hpp"

namespace prove {

void Secret::Wipe::operator()(std::uint8_t* bytes) const {
    sodium_free(bytes);
}

Secret::Secret(std::size_t size) : size_(size) {
    ensure_sodium();
    if (size == 0) return;
    bytes_.reset(static_cast<std::uint8_t*>(sodium_malloc(size)));
    if (!bytes_) throw Error(ErrorKind::full, "no protected memory for a secret");
    std::fill_n(bytes_.get(), size, std::uint8_t{0});
}

Secret Secret::taken_from(std::string& bytes) {
    Secret secret(bytes.size());
    std::copy(bytes.begin(), bytes.end(), secret.data());
    wipe(bytes);
    return secret;
}

Secret Secret::random(std::size_t size) {
    Secret secret(size);
    if (size > 0) randombytes_buf(secret.data(), size);
    return secret;
}

bool Secret::equals(std::string_view other) const {
    return other.size() == size_ && (size_ == 0 || sodium_memcmp(bytes_.get(), other.data(), size_) == 0);
}

void wipe(std::string& text) {
    sodium_memzero(text.data(), text.size());
    text.clear();
}

void protect_process_memory() {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0)
        throw system_error("cannot protect this process's memory", errno);
}

}  // namespace prove
