// A connection to systemd, against a systemd of the test's own on a socket: what it says, and how it may break.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "agent/host/bus.hpp"
#include "common/files/files.hpp"

using namespace prove;

namespace {

// Answers each call with what the test says: the bytes to send, or nothing for hanging up.
class FakeBus {
  public:
    using Answer = std::function<std::optional<std::string>(const DbusMessage&)>;
    explicit FakeBus(Answer answer, std::string greeting = "OK 0123\r\n")
        : answer_(std::move(answer)), greeting_(std::move(greeting)) {
        listening_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path().c_str());
        REQUIRE(::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listening_.get(), 1) == 0);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeBus() { end(); }
    // Before `called` is looked at.
    void end() {
        ::shutdown(listening_.get(), SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    std::string path() const { return folder_.path() + "/bus"; }
    std::vector<std::string> called;

  private:
    void serve() {
        const Fd peer(::accept(listening_.get(), nullptr, nullptr));
        if (!peer) return;
        std::string received;
        while (received.find("\r\n") == std::string::npos)
            if (!take(peer, received)) return;
        if (received.substr(0, 15) != std::string("\0AUTH EXTERNAL ", 15)) return;
        received.erase(0, received.find("\r\n") + 2);
        write_all(peer, greeting_, "peer");
        while (received.find("BEGIN\r\n") == std::string::npos)
            if (!take(peer, received)) return;
        received.erase(0, received.find("BEGIN\r\n") + 7);
        for (;;) {
            while (received.size() < dbus_head || received.size() < dbus_size(received))
                if (!take(peer, received)) return;
            const std::size_t size = dbus_size(received);
            const DbusMessage call = dbus_message_from(received.substr(0, size));
            received.erase(0, size);
            called.push_back(call.member);
            const auto answer = answer_(call);
            if (!answer) return;
            write_all(peer, *answer, "peer");
        }
    }
    static bool take(const Fd& peer, std::string& received) {
        char buffer[4'096];
        const ssize_t size = ::read(peer.get(), buffer, sizeof buffer);
        if (size > 0) received.append(buffer, static_cast<std::size_t>(size));
        return size > 0;
    }

    Answer answer_;
    std::string greeting_;
    TemporaryFolder folder_;
    Fd listening_;
    std::thread thread_;
};

std::string reply(const DbusMessage& call, const char* signature, const DbusWriter& body) {
    DbusMessage message;
    message.type = DbusType::reply;
    message.serial = 1;
    message.reply_to = call.serial;
    message.signature = signature;
    message.body = body.bytes();
    return to_bytes(message);
}

std::string signal(const char* member, const DbusWriter& body) {
    DbusMessage message;
    message.type = DbusType::signal;
    message.serial = 1;
    message.path = systemd_path;
    message.interface = systemd_manager;
    message.member = member;
    message.signature = "s";
    message.body = body.bytes();
    return to_bytes(message);
}

std::string error_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("a bus is greeted, and a socket that is none is not", "[bus]") {
    const auto answer = [](const DbusMessage& call) { return reply(call, "s", DbusWriter().text(":1.5")); };
    for (const bool is_bus : {true, false}) {
        FakeBus fake(answer);
        Bus(fake.path(), is_bus).call_manager("Reload", "", DbusWriter());
        fake.end();
        CHECK(fake.called ==
              (is_bus ? std::vector<std::string>{"Hello", "Reload"} : std::vector<std::string>{"Reload"}));
    }
}

TEST_CASE("a call gives what its reply holds, whatever signals come before it", "[bus]") {
    FakeBus fake([](const DbusMessage& call) {
        return signal("JobNew", DbusWriter().text("x")) + signal("JobRemoved", DbusWriter().text("first")) +
               reply(call, "o", DbusWriter().text("/unit/1"));
    });
    Bus bus(fake.path(), false);
    std::vector<std::string> heard;
    bus.listen("JobRemoved", [&](const DbusMessage& message) { heard.push_back(message.read().text()); });
    CHECK(bus.call_manager("LoadUnit", "s", DbusWriter().text("cron.service")).read().text() == "/unit/1");
    CHECK(heard == std::vector<std::string>{"first", "first"});  // of Subscribe, and of LoadUnit
}

TEST_CASE("properties are texts and numbers, and what is neither is nothing", "[bus]") {
    int asked = 0;
    FakeBus fake([&](const DbusMessage& call) {
        ++asked;
        if (asked == 1) return reply(call, "v", DbusWriter().signature("s").text("active"));
        if (asked == 2) return reply(call, "v", DbusWriter().signature("b").boolean(true));
        return reply(call, "v", DbusWriter().signature("as").texts({"a"}));
    });
    Bus bus(fake.path(), false);
    CHECK(bus.text_property("/u", "i", "ActiveState") == "active");
    CHECK(bus.number_property("/u", "i", "NeedDaemonReload") == 1);
    CHECK(bus.text_property("/u", "i", "Names").empty());
}

TEST_CASE("an error of systemd's has its name and its words", "[bus]") {
    FakeBus fake([](const DbusMessage& call) {
        DbusMessage message;
        message.type = DbusType::error;
        message.serial = 1;
        message.reply_to = call.serial;
        message.error = "org.freedesktop.systemd1.NoSuchUnit";
        message.signature = "s";
        message.body = DbusWriter().text("Unit x.service not found.").bytes();
        return to_bytes(message);
    });
    Bus bus(fake.path(), false);
    try {
        bus.call_manager("LoadUnit", "s", DbusWriter().text("x.service"));
        FAIL("no error");
    } catch (const BusError& error) {
        CHECK(error.name() == "org.freedesktop.systemd1.NoSuchUnit");
        CHECK(error.text() == "Unit x.service not found.");
    }
    CHECK(bus.is_open());
}

TEST_CASE("a bus that hangs up, speaks nonsense or does not answer in time is told, and not waited for", "[bus]") {
    FakeBus gone([](const DbusMessage&) { return std::nullopt; });
    Bus bus(gone.path(), false);
    CHECK(error_of([&] { bus.call_manager("Reload", "", DbusWriter()); }) ==
          "the connection to systemd was lost: it was closed");
    CHECK_FALSE(bus.is_open());
    CHECK(error_of([&] { bus.call_manager("Reload", "", DbusWriter()); }) ==
          "the connection to systemd was lost: it was closed");

    FakeBus mad([](const DbusMessage&) { return std::string(64, 'x'); });
    CHECK(error_of([&] { Bus(mad.path(), false).call_manager("Reload", "", DbusWriter()); }) ==
          "a malformed D-Bus message: its first byte");

    FakeBus silent([](const DbusMessage&) { return std::string(); });
    CHECK(error_of([&] { Bus(silent.path(), false).call_manager("Reload", "", DbusWriter(), Milliseconds(50)); }) ==
          "systemd did not answer in time");

    FakeBus stranger([](const DbusMessage&) { return std::string(); }, "REJECTED EXTERNAL\r\n");
    CHECK(error_of([&] { Bus(stranger.path(), false); }) == "the connection to systemd was lost: it does not know us");
}

TEST_CASE("where nothing listens there is no bus", "[bus]") {
    const TemporaryFolder folder;
    CHECK_FALSE(error_of([&] { Bus(folder.path() + "/none", false); }).empty());
    CHECK_FALSE(error_of([&] { Bus("/" + std::string(200, 'x'), false); }).empty());
}
