// What another thread pulls to end a wait in zmq_poll: an eventfd, since a ZeroMQ socket may not change thread.
#pragma once

namespace prove {

class Wake {
 public:
    Wake();
    ~Wake();
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;
    int fd() const { return fd_; }
    void signal() const;         // any thread, any number of times
    void clear() const;          // by the waiting thread

 private:
    int fd_;
};

}  // namespace prove
