// See the header.
#include "master/catalog/kept_contents.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/files/files.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// Not every file system has files without names: there it has one for a moment.
Fd nameless_file(const std::string& folder) {
    if (!folder.empty()) {
        if (Fd fd = try_open(folder, O_TMPFILE | O_RDWR, 0600)) return fd;
    }
    const TemporaryFolder temporary("prove-catalog");
    return open_file(temporary.path() + "/contents", O_RDWR | O_CREAT | O_EXCL, 0600);
}

}  // namespace

KeptContents::KeptContents(const std::string& folder) : fd_(nameless_file(folder)) {}

std::uint64_t KeptContents::add(std::string_view content) {
    write_all(fd_, content, "the contents of a catalog");
    const auto begin = end_;
    end_ += content.size();
    return begin;
}

std::string KeptContents::read(std::uint64_t begin, std::uint64_t size) const {
    std::string content(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const auto count = ::pread(fd_.get(), content.data() + done, size - done, static_cast<off_t>(begin + done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw system_error("cannot read a kept content of the catalog", count < 0 ? errno : EIO);
        done += static_cast<std::size_t>(count);
    }
    return content;
}

}  // namespace prove
