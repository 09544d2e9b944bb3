// Writing, and saying when that changes from well to not.
#include "common/log/rewritten_file.hpp"

#include "common/files/replace_file.hpp"
#include "proto/error.hpp"

namespace prove {

void RewrittenFile::write(std::string_view content) {
    try {
        replace_file(path_, content, 0644);
        if (failing_) log_.info("the file can be written again", {{"file", path_}});
        failing_ = false;
    } catch (const Error& error) {
        if (!failing_) log_.warning("a file cannot be written; it is tried again", {{"file", path_}, {"reason", error.text()}});
        failing_ = true;
    }
}

}  // namespace prove
