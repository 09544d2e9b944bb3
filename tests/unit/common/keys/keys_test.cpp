// Keys and their files: what they do, and who may not have them.
#include "common/keys/keys.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <ostream>
#include <type_traits>

#include "common/files/files.hpp"
#include "common/keys/key_file.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

ErrorKind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("nothing was thrown");
    return ErrorKind::internal;
}

template <class T, class = void>
struct IsPrintable : std::false_type {};
template <class T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

}  // namespace

TEST_CASE("S91 a secret can be neither copied, nor printed, nor become a text or a value by itself", "[keys]") {
    STATIC_REQUIRE(IsPrintable<std::string>::value);
    STATIC_REQUIRE_FALSE(IsPrintable<Secret>::value);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Secret>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<Secret>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string_view>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SigningKey>);
}

TEST_CASE("S10 what a secret was taken from is wiped", "[keys]") {
    std::string text(64, 's');
    const char* where = text.data();
    const Secret secret = Secret::taken_from(text);
    CHECK(text.empty());
    CHECK(std::string_view(where, 64).find('s') == std::string_view::npos);  // the buffer is still the text's
    CHECK(secret.reveal() == std::string(64, 's'));
}

TEST_CASE("S45 secrets compare by length and every byte", "[keys]") {
    std::string text = "abc";
    const Secret secret = Secret::taken_from(text);
    CHECK(secret.equals("abc"));
    CHECK_FALSE(secret.equals("abd"));
    CHECK_FALSE(secret.equals("ab"));
    CHECK_FALSE(secret.equals(""));
    CHECK(Secret().equals(""));
    CHECK_FALSE(Secret::random(32).equals(Secret::random(32).reveal()));
}

TEST_CASE("a signature holds for its bytes and key only", "[keys]") {
    const SigningKey key = SigningKey::generate();
    const SigningKey other = SigningKey::generate();
    const Signature signature = key.sign("content");
    CHECK(signature_holds(signature, "content", key.public_key()));
    CHECK_FALSE(signature_holds(signature, "Content", key.public_key()));
    CHECK_FALSE(signature_holds(signature, "content", other.public_key()));
    CHECK(is_fit(key.public_key()));
    CHECK(key.key_id() == key_id_of(key.public_key()));
    CHECK(signature_holds(key.signer()("x"), "x", key.public_key()));
}

TEST_CASE("S41 an envelope is signed in the context of its type", "[keys]") {
    const SigningKey key = SigningKey::generate();
    const KeyEnvelopeSigner signer(key);
    const std::string header(Header::size, 'h');
    const Signature signature = signer.sign(MessageType::hello, header);
    CHECK(signer.key() == key.key_id());
    CHECK(signature_holds(signature, signed_bytes(MessageType::hello, header), key.public_key()));
    CHECK_FALSE(signature_holds(signature, signed_bytes(MessageType::result, header), key.public_key()));
    CHECK_FALSE(signature_holds(signature, header, key.public_key()));
}

TEST_CASE("S61 what is sealed to a key is opened by it alone, and only whole", "[keys]") {
    const SealKey key = SealKey::generate();
    const SealKey other = SealKey::generate();
    const std::string sealed = seal("content", key.public_key());
    CHECK(key.open(sealed) == "content");
    CHECK_FALSE(other.open(sealed).has_value());
    for (std::size_t size = 0; size < sealed.size(); ++size) CHECK_FALSE(key.open(sealed.substr(0, size)).has_value());
    std::string changed = sealed;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    CHECK_FALSE(key.open(changed).has_value());
    CHECK(key.open(seal("", key.public_key())) == "");
}

TEST_CASE("S11 an agent's three keys are drawn for themselves, saved, and the same when loaded", "[keys]") {
    const TemporaryFolder folder;
    const std::string place = folder.path() + "/keys";
    CHECK_FALSE(KeyRing::exists_in(place));
    const KeyRing made = KeyRing::load_or_make(place);
    CHECK(KeyRing::exists_in(place));
    const KeyRing loaded = KeyRing::load_or_make(place);
    CHECK(loaded.sign.public_key() == made.sign.public_key());
    CHECK(loaded.transport.public_key() == made.transport.public_key());
    CHECK(loaded.transport.secret().equals(made.transport.secret().reveal()));
    CHECK(loaded.seal.public_key() == made.seal.public_key());
    CHECK_FALSE(made.transport.secret().equals(made.sign.seed().reveal()));
    CHECK(made.transport.public_key().view() != made.seal.public_key().view());
    CHECK(loaded.seal.open(seal("x", made.seal.public_key())) == "x");
}

TEST_CASE("a first start that was cut short is begun again", "[keys]") {
    const TemporaryFolder folder;
    const std::string place = folder.path() + "/keys";
    TransportKey::generate().save(place + "/transport.key");
    const KeyRing ring = KeyRing::load_or_make(place);
    CHECK(KeyRing::load(place).transport.public_key() == ring.transport.public_key());
}

TEST_CASE("a missing key is an error, not a new identity", "[keys]") {
    const TemporaryFolder folder;
    KeyRing::load_or_make(folder.path() + "/keys");
    remove_file(folder.path() + "/keys/seal.key");
    CHECK(kind_of([&] { KeyRing::load_or_make(folder.path() + "/keys"); }) == ErrorKind::missing);
}

TEST_CASE("S94 key files are ours alone; a wider mode of file or folder is refused", "[keys]") {
    const TemporaryFolder folder;
    const std::string place = folder.path() + "/keys", file = place + "/sign.key";
    SigningKey::generate().save(file);
    check_private_folder(place);
    check_private_file(file);
    for (const unsigned mode : {0640u, 0604u, 0666u}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK(kind_of([&] { SigningKey::load(file); }) == ErrorKind::refused);
    }
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    REQUIRE(::chmod(place.c_str(), 0755) == 0);
    CHECK(kind_of([&] { SigningKey::load(file); }) == ErrorKind::refused);
    REQUIRE(::chmod(place.c_str(), 0700) == 0);
    SigningKey::load(file);
    if (::geteuid() == 0) {
        REQUIRE(::chown(file.c_str(), 65'534, 0) == 0);
        CHECK(kind_of([&] { SigningKey::load(file); }) == ErrorKind::refused);
    }
}

TEST_CASE("a key is never written over", "[keys]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/sign.key";
    const SigningKey first = SigningKey::generate();
    first.save(file);
    CHECK(kind_of([&] { SigningKey::generate().save(file); }) == ErrorKind::refused);
    CHECK(SigningKey::load(file).public_key() == first.public_key());
}

TEST_CASE("a key file that is cut, longer, changed, of another kind or missing is refused", "[keys]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/sign.key";
    SigningKey::generate().save(file);
    const std::string whole = read_whole_file(file);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write_file_durably(file, whole.substr(0, size));
        REQUIRE(kind_of([&] { SigningKey::load(file); }) == ErrorKind::invalid);
        std::string changed = whole;
        changed[size] = static_cast<char>(changed[size] ^ 0x20);
        write_file_durably(file, changed);
        REQUIRE(kind_of([&] { SigningKey::load(file); }) == ErrorKind::invalid);
    }
    write_file_durably(file, whole + "x");
    CHECK(kind_of([&] { SigningKey::load(file); }) == ErrorKind::invalid);
    write_file_durably(file, whole);
    CHECK(kind_of([&] { TransportKey::load(file); }) == ErrorKind::invalid);
    CHECK(kind_of([&] { SigningKey::load(folder.path() + "/none.key"); }) == ErrorKind::missing);
}

TEST_CASE("S21 a seed gives the same key again", "[keys]") {
    std::string bytes(32, 'x');
    std::string again = bytes;
    CHECK(SigningKey::from_seed(Secret::taken_from(bytes)).public_key() ==
          SigningKey::from_seed(Secret::taken_from(again)).public_key());
    std::string shorter(31, 'x');
    CHECK(kind_of([&] { SigningKey::from_seed(Secret::taken_from(shorter)); }) == ErrorKind::invalid);
}
