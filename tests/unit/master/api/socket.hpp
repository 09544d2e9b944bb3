// A raw client for the API's socket: bytes out, bytes in, with a deadline. What Beast would never send, a peer may.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace prove::test {

class ShortFolder {
 public:
    ShortFolder() {
        char name[] = "/tmp/prove-api-XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~ShortFolder() { std::filesystem::remove_all(path_); }
    ShortFolder(const ShortFolder&) = delete;
    ShortFolder& operator=(const ShortFolder&) = delete;
    std::string socket() const { return path_ + "/api.sock"; }

 private:
    std::string path_;
};

class RawClient {
 public:
    explicit RawClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect to " + path);
    }
    ~RawClient() { ::close(fd_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // What a server that has turned away does not take is not an error here.
    RawClient& send(const std::string& bytes) {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
        return *this;
    }
    // Everything until the server closes, `ending` has come, or the deadline is over.
    std::string read(const std::string& ending = "", int deadline_ms = 5000) {
        pollfd wait{fd_, POLLIN, 0};
        while (ending.empty() || text_.find(ending) == std::string::npos) {
            if (::poll(&wait, 1, deadline_ms) <= 0) {
                timed_out_ = true;
                break;
            }
            char chunk[4096];
            const auto n = ::recv(fd_, chunk, sizeof chunk, 0);
            if (n <= 0) {
                closed_ = true;
                break;
            }
            text_.append(chunk, static_cast<std::size_t>(n));
        }
        return text_;
    }
    // The status of the first answer; 0 where the server closed without one.
    int status() {
        read("\r\n");
        return text_.rfind("HTTP/1.1 ", 0) == 0 ? std::atoi(text_.c_str() + 9) : 0;
    }
    bool closed() const { return closed_; }
    bool timed_out() const { return timed_out_; }

 private:
    int fd_;
    std::string text_;
    bool closed_ = false, timed_out_ = false;
};

inline std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}
inline std::string post(const std::string& target, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace prove::test
