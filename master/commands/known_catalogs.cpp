// A short list.
#include "master/commands/known_catalogs.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t fewest_digits = 8;

}  // namespace

void KnownCatalogs::add(std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(snapshots_.begin(), snapshots_.end(), [&](const auto& one) {
        return one->catalog->hash() == snapshot->catalog->hash();
    });
    if (same != snapshots_.end()) snapshots_.erase(same);
    snapshots_.push_front(std::move(snapshot));
    if (snapshots_.size() > most) snapshots_.pop_back();
}

std::shared_ptr<const Snapshot> KnownCatalogs::find(const std::string& hash) const {
    if (hash.size() < fewest_digits || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw Error(ErrorKind::usage, quoted(hash) + " is no hash of a catalog: it has at least " +
                                          std::to_string(fewest_digits) + " of the digits 0 to 9 and a to f");
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Snapshot> found;
    for (const auto& one : snapshots_) {
        if (one->catalog->hash().hex().compare(0, hash.size(), hash) != 0) continue;
        if (found) throw Error(ErrorKind::usage, quoted(hash) + " begins the hashes of several catalogs; give more of it");
        found = one;
    }
    if (!found)
        throw Error(ErrorKind::missing, "the catalog " + quoted(hash.substr(0, 16)) + " is not known any more: the master "
                                        "remembers the last " + std::to_string(most) + " that jobs were made from since "
                                        "it was started; compare with a revision: prove-cli --catalog DIR diff --against REVISION");
    return found;
}

}  // namespace prove
