// All or none. See the header.
#include "master/cli/catalog_writing.hpp"

#include <unistd.h>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

}  // namespace

void write_catalog_files(const std::string& directory, const CatalogFiles& files) {
    std::vector<std::string> there;
    for (const auto& [name, file] : files)
        if (exists(directory + "/" + name)) there.push_back(quoted(name));
    if (!there.empty())
        throw Error(ErrorKind::refused, "in " + quoted(directory) + " there is already " + join_words(there) +
                                            "; nothing is overwritten: move it away first, or choose another folder");
    std::vector<std::string> written;
    try {
        for (const auto& [name, file] : files) {
            const std::string path = directory + "/" + name;
            make_folders(folder_of(path));
            write_file_durably(path, file.content, file.mode);
            written.push_back(path);
        }
    } catch (const Error&) {
        for (const std::string& path : written) ::unlink(path.c_str());
        throw;
    }
}

}  // namespace prove
