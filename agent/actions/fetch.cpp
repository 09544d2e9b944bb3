// fetch: one regular file of this host, whole, for `prove-cli copy`. What a link leads to is not read in its place, so that
// what comes is what was named.
#include "agent/actions/families.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "proto/fetched.hpp"

namespace prove {
namespace {

void check_kind(const Host& host, const Path& path) {
    const auto info = host.stat(path);
    if (!info) throw Error(ErrorKind::missing, "there is no file " + quoted(path.text()));
    switch (info->type) {
        case FileInfo::Type::regular: break;
        case FileInfo::Type::directory:
            throw Error(ErrorKind::refused, quoted(path.text()) + " is a folder; copy takes one file at a time");
        case FileInfo::Type::symlink:
            throw Error(ErrorKind::refused, quoted(path.text()) + " is a symbolic link to " +
                                                quoted(host.read_link(path)) + "; name the file itself");
        case FileInfo::Type::other: throw Error(ErrorKind::refused, quoted(path.text()) + " is no regular file");
    }
    if (info->size > most_fetched)
        throw Error(ErrorKind::full, quoted(path.text()) + " has " + show_size(info->size) +
                                         "; copy takes at most 2 MiB from a target");
}

class FetchAction final : public Action {
  public:
    std::string name() const override { return "fetch"; }
    ActionResult run(const Value& body, const ActionContext& context) const override {
        Fields fields(body, "fetch");
        const Path path(fields.text("path"));
        fields.end();
        const std::unique_ptr<Host> host = context.make_host();
        check_kind(*host, path);
        Fetched fetched;
        fetched.path = path.text();
        fetched.bytes = host->read_file(path, most_fetched);  // it may have grown
        const auto info = host->stat(path);
        if (!info) throw Error(ErrorKind::failed, quoted(path.text()) + " went away while it was read");
        const auto user = host->user(info->uid);
        const auto group = host->group(info->gid);
        fetched.user = user ? user->name : std::to_string(info->uid);
        fetched.group = group ? group->name : std::to_string(info->gid);
        fetched.mode = info->mode;
        ActionResult result;
        result.body = to_value(fetched);
        return result;
    }
};

}  // namespace

std::unique_ptr<Action> make_fetch() {
    return std::make_unique<FetchAction>();
}

}  // namespace prove
