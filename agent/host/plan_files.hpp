// What a file verb has to do, found by looking only. LinuxHost carries these plans out, OverlayHost predicts them:
// since both have the same plan, they record the same changes. Errors are thrown here, too, before anything is touched.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

// Missing folders that are made first, outermost first, as root 0755.
using Folders = std::vector<Path>;

struct FilePlan {
    Path path;  // the file itself, behind followed links
    Folders folders;
    bool replaces = false;  // a new file takes its place; otherwise only owner, group and mode are set
    bool is_new = false;    // nothing, or a link, was there
    FileInfo info;          // as it will be
    Content content;
    std::optional<std::string> bytes;  // the content, where it was needed already
    std::vector<Change> changes;       // empty: nothing to do

    std::string load() const { return bytes ? *bytes : content.bytes(); }
};
FilePlan plan_write(const HostReader& host, const Path& path, const FileWish& wish);
FilePlan plan_edit(const HostReader& host, const Path& path, const std::string& content, bool show_diff);

struct AttributesPlan {
    Path path;
    Folders folders;  // of a directory to be made
    bool makes_directory = false;
    FileInfo info;
    std::vector<Change> changes;
};
AttributesPlan plan_attributes(const HostReader& host, const Path& path, const Attributes& attributes);
AttributesPlan plan_directory(const HostReader& host, const Path& path, const Attributes& attributes, bool make_dirs);

struct LinkPlan {
    Path path;
    Folders folders;
    std::string target;
    bool removes_directory = false;  // an empty one stands there
    std::vector<Change> changes;
};
LinkPlan plan_link(const HostReader& host, const Path& path, const LinkWish& wish);

struct RemovalPlan {
    Path path;
    FileInfo::Type type = FileInfo::Type::regular;
    std::vector<Change> changes;
};
RemovalPlan plan_removal(const HostReader& host, const Path& path, bool recurse);

// "0644".
std::string mode_text(unsigned mode);
// Whom a new file belongs to where nothing is said: who we are, which is root where Prove manages a host.
void own(FileInfo& info);

}  // namespace prove
