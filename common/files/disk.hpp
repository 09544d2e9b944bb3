// The disk as a seam (reliability.md section 5): one folder of files with plain names, and only the calls that a
// journal needs. PosixDisk is the machine's; the simulator's loses what was not synced and tears the last write. One
// thread at a time uses a Disk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/files/fd.hpp"

namespace prove {

struct Disk {
    virtual ~Disk() = default;
    virtual std::vector<std::string> list() const = 0;                           // sorted
    virtual std::optional<std::string> read(const std::string& name) const = 0;  // whole; nullopt where there is none
    // At the end of the file, which is made where it is missing. Survives a crash of the program, not of the machine.
    // After an Error any part of `bytes` may be there.
    virtual void append(const std::string& name, std::string_view bytes) = 0;
    virtual void truncate(const std::string& name, std::uint64_t size) = 0;
    // From here on what was appended or cut survives a loss of power. A failure is final (D3).
    virtual void sync(const std::string& name) = 0;
    // Replaces `to`; durable on return, if the file's content was synced before.
    virtual void rename(const std::string& from, const std::string& to) = 0;
    virtual void remove(const std::string& name) = 0;  // no error where it is not there
};

// A folder of the machine, which exists. Files are made 0600.
class PosixDisk final : public Disk {
  public:
    explicit PosixDisk(std::string folder);
    std::vector<std::string> list() const override;
    std::optional<std::string> read(const std::string& name) const override;
    void append(const std::string& name, std::string_view bytes) override;
    void truncate(const std::string& name, std::uint64_t size) override;
    void sync(const std::string& name) override;
    void rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& name) override;

  private:
    std::string path_of(const std::string& name) const;
    const Fd& open_for_append(const std::string& name);

    std::string folder_;
    Fd folder_fd_;
    std::map<std::string, Fd> open_;  // files that are appended to stay open
};

}  // namespace prove
