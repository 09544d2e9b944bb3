// Whole files: read at once, written so that a crash leaves the old one or the new one and never a half (D2). Folders
// that are only ours, and the checks that they still are (S86, S94). Paths may be relative to the current folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

// Throws Error(missing) where there is none, Error(full) above `limit` bytes.
std::string read_whole_file(const std::string& path, std::size_t limit = 64u << 20);
// nullopt where there is none; throws for everything else.
std::optional<std::string> find_whole_file(const std::string& path, std::size_t limit = 64u << 20);
// Durable on return: new file beside it (random name, 0600), sync, mode, rename, sync of the folder. On an error the
// old file stands and nothing is left behind.
void write_file_durably(const std::string& path, std::string_view content, unsigned mode = 0600);
// The folder's entries, so that a made, renamed or removed file stays so after a power loss.
void sync_folder(const std::string& folder);

bool exists(const std::string& path);                             // a link that leads nowhere exists too
bool is_folder(const std::string& path);                          // through links
std::vector<std::string> list_folder(const std::string& folder);  // names, sorted, without "." and ".."
// Missing parents are made too; an existing folder is right as it is.
void make_folders(const std::string& path, unsigned mode = 0755);
// Makes it 0700 where it is missing (parents 0755), checks it where it is there.
void make_private_folder(const std::string& path);
// A file or an empty folder; no error where it is gone already. True where something was removed.
bool remove_file(const std::string& path);
// Everything below and the folder itself; links are removed, never followed. By path: only for folders of our own,
// where nobody can swap a part meanwhile.
void remove_tree(const std::string& folder);
std::string parent_of(const std::string& path);  // "." for a bare name, "/" for "/"
std::string name_of_path(const std::string& path);

// S94: owner is who we are, nobody else has any access; otherwise Error(refused) that says what to do.
void check_private_folder(const std::string& path);
void check_private_file(const std::string& path);
// S86: what is read as configuration or run belongs to root or to us, and no others may write to it or to its folder.
void check_trusted_file(const std::string& path);

// A folder of our own below $TMPDIR or /tmp: random name, 0700, removed with all in it at the end.
class TemporaryFolder {
  public:
    explicit TemporaryFolder(const std::string& prefix = "prove");
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Random letters for a name that nobody can guess (S86).
std::string random_name(std::size_t letters = 16);

}  // namespace prove
