// A catalog's files as one commit has them, read from the repository and never from the work tree: what is half written
// or not committed there is not in it. Only git's plumbing is used, which runs no hook, filter or helper that the
// repository's own configuration could name.
#include <algorithm>
#include <charconv>
#include <map>

#include "common/files/files.hpp"
#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "master/catalog/source.hpp"

namespace prove {

namespace {

constexpr std::size_t listing_limit = 32u << 20;
constexpr std::chrono::milliseconds git_timeout{60'000};

// S84: a list of arguments. No configuration but the repository's own is read, nothing is fetched from elsewhere, and
// that the repository belongs to another user than the master's is as good as for a directory.
CommandResult git(const std::string& directory, const std::vector<std::string>& arguments, std::string input,
                  std::size_t limit) {
    Command command;
    command.argv = {"git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
                    "-c",  "protocol.allow=never"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.env = {{"GIT_CONFIG_NOSYSTEM", "1"},   {"GIT_CONFIG_GLOBAL", "/dev/null"},
                   {"GIT_TERMINAL_PROMPT", "0"},   {"GIT_OPTIONAL_LOCKS", "0"},
                   {"GIT_NO_REPLACE_OBJECTS", "1"}, {"GIT_DIR", directory + "/.git"}};
    command.cwd = directory;
    command.input = std::move(input);
    command.output_limit = limit;
    command.timeout = git_timeout;
    return run_command(command);
}

std::string git_output(const std::string& directory, const std::vector<std::string>& arguments, std::string input = {},
                       std::size_t limit = listing_limit) {
    CommandResult result = git(directory, arguments, std::move(input), limit);
    if (!result.succeeded())
        throw Error(ErrorKind::failed, "git " + arguments.front() + " in the catalog " + quoted(directory) + " " +
                                           (result.timed_out ? "did not end in time" : "failed: ") +
                                           std::string(trim(result.err)));
    if (result.truncated)
        throw Error(ErrorKind::full, "git " + arguments.front() + " in the catalog " + quoted(directory) +
                                         " gave more than a catalog may hold");
    return std::move(result.out);
}

// The commit that is checked out; "" where there is none yet.
std::string head_of(const std::string& directory) {
    const CommandResult result = git(directory, {"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}, "", 4096);
    return result.succeeded() ? std::string(trim(result.out)) : "";
}

struct TreeEntry {
    std::string mode, type, object;
    std::uint64_t size = 0;
};

// One entry of `ls-tree -l`: "100644 blob <object> <size>\t<path>".
std::pair<std::string, TreeEntry> entry_of(std::string_view record) {
    const auto tab = record.find('\t');
    const auto words = split_words(record.substr(0, tab));
    if (tab == std::string_view::npos || words.size() != 4)
        throw Error(ErrorKind::invalid, "git ls-tree gave a line that is none of its own");
    TreeEntry entry{words[0], words[1], words[2]};
    std::from_chars(words[3].data(), words[3].data() + words[3].size(), entry.size);
    return {std::string(record.substr(tab + 1)), std::move(entry)};
}

// Where a link in `path`'s folder leads, as a path of the catalog; "" where it leads out of it.
std::string followed(const std::string& path, const std::string& link) {
    if (link.empty() || link.front() == '/') return "";
    auto parts = split(path, '/');
    parts.pop_back();
    for (const auto& part : split(link, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (parts.empty()) {
            return "";
        } else {
            parts.pop_back();
        }
    }
    return join(parts, "/");
}

class CommitSource final : public CatalogSource {
  public:
    explicit CommitSource(const std::string& directory)
        : directory_(directory), real_(real_directory(directory)), commit_(head_of(real_)) {
        if (!is_git_work_tree(real_))
            throw Error(ErrorKind::invalid, "the catalog " + quoted(directory) +
                                                " is no Git work tree; 'catalog_from: files' takes it as it is on disk");
        if (commit_.empty())
            throw Error(ErrorKind::invalid,
                        "the catalog " + quoted(directory) +
                            " is a Git work tree without a commit; commit it, or say 'catalog_from: files'");
        branch_ = git(real_, {"symbolic-ref", "--short", "--quiet", "HEAD"}, "", 4096).out;
    }

    std::vector<TreeFile> list(Diagnostics& diagnostics) override {
        const auto listing = git_output(real_, {"ls-tree", "-r", "-z", "-l", "--full-tree", commit_});
        std::map<std::string, TreeEntry> entries;
        for (const auto& record : split(listing, '\0'))
            if (!record.empty()) entries.insert(entry_of(record));
        std::vector<TreeFile> files;
        TreeFilter filter({}, diagnostics);
        for (const auto& [path, entry] : entries) {
            if (!takes(filter, path)) continue;
            const auto* const found = resolved(entries, path, entry, diagnostics);
            if (found == nullptr || !filter.has_room(path, found->size)) continue;
            TreeFile file;
            file.path = path;
            file.size = found->size;
            file.executable = found->mode == "100755";
            files.push_back(std::move(file));
            objects_[path] = found->object;
        }
        fetch(files);
        return files;
    }

    std::optional<std::string> read(const std::string& path, std::size_t limit) override {
        auto found = contents_.extract(path);
        if (found.empty()) return std::nullopt;
        if (found.mapped().size() > limit)
            throw Error(ErrorKind::full, "is larger than " + std::to_string(limit) + " bytes");
        return std::move(found.mapped());
    }

    bool changed(const std::vector<TreeFile>&) const override {
        try {
            const auto now = real_directory(directory_);
            return now != real_ || head_of(now) != commit_;
        } catch (const Error&) {
            return true;
        }
    }

    std::string revision() const override {
        const std::string branch(trim(branch_));
        return "commit " + commit_.substr(0, 12) + (branch.empty() ? "" : " of branch " + branch);
    }

  private:
    static bool takes(TreeFilter& filter, const std::string& path) {
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            if (!filter.takes(path.substr(0, slash))) return false;
        return filter.takes(path);
    }

    // The file that an entry is or, as a link, leads to; null, with an error, where it is none.
    const TreeEntry* resolved(const std::map<std::string, TreeEntry>& entries, const std::string& path,
                              const TreeEntry& entry, Diagnostics& diagnostics) const {
        const TreeEntry* at = &entry;
        std::string where = path;
        for (int links = 0; at->mode == "120000"; ++links) {
            where = followed(where, git_output(real_, {"cat-file", "blob", at->object}));
            const auto next = entries.find(where);
            if (where.empty() || next == entries.end() || links > 8) {
                diagnostics.error(position_of(path), "",
                                  where.empty() ? "is a link that leads out of the catalog; put the file itself here"
                                                : "is a link that leads to no file of this commit");
                return nullptr;
            }
            at = &next->second;
        }
        if (at->type == "blob") return at;
        diagnostics.error(position_of(path), "",
                          "is a submodule, whose files are not in this commit; put them here, as git subtree does");
        return nullptr;
    }

    // All contents with one run of git: a run for each file would cost 3 ms each.
    void fetch(const std::vector<TreeFile>& files) {
        std::string wanted;
        std::size_t size = 0;
        for (const auto& file : files) {
            wanted += objects_.at(file.path) + "\n";
            size += file.size + 128;
        }
        if (wanted.empty()) return;
        const auto all = git_output(real_, {"cat-file", "--batch"}, wanted, size);
        std::size_t at = 0;
        for (const auto& file : files) {
            const auto line = all.find('\n', at);
            if (line == std::string::npos || all.size() < line + 1 + file.size)
                throw Error(ErrorKind::failed, "git cat-file ended before it gave " + quoted(file.path));
            contents_[file.path] = all.substr(line + 1, file.size);
            at = line + 1 + file.size + 1;
        }
    }

    const std::string directory_, real_, commit_;
    std::string branch_;
    std::map<std::string, std::string> objects_, contents_;  // of list(), by path
};

}  // namespace

std::unique_ptr<CatalogSource> commit_of_directory(const std::string& directory) {
    return std::make_unique<CommitSource>(directory);
}

bool is_git_work_tree(const std::string& directory) {
    return exists(directory + "/.git");
}

}  // namespace prove
