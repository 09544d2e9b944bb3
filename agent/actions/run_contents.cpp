// Looking for contents in a run. See the header.
#include "agent/actions/run_contents.hpp"

#include <functional>
#include <set>

#include "agent/host/file_system.hpp"

namespace prove {

namespace {

std::optional<BlobRef> blob_in(const Value& value) {
    const Value* name = value.find("$blob");
    const Value* size = value.find("size");
    if (name == nullptr || !name->is_text() || size == nullptr || !size->is_integer() || size->integer() < 0)
        return std::nullopt;
    const auto hash = Hash::from_hex_text(name->text());
    if (!hash) return std::nullopt;
    return BlobRef{*hash, static_cast<std::uint64_t>(size->integer())};
}

// Calls `found` with each content and the arguments that it stands in.
void for_each_content(const Value& value, const Value& around,
                      const std::function<void(const BlobRef&, const Value& arguments)>& found) {
    if (value.is_list()) {
        for (const auto& item : value.list()) for_each_content(item, around, found);
        return;
    }
    if (!value.is_mapping()) return;
    if (const auto blob = blob_in(value)) return found(*blob, around);
    for (const auto& member : value.mapping()) for_each_content(member.value, value, found);
}

bool is_in_place(const BlobRef& blob, const Value& arguments) {
    const Value* path = arguments.is_mapping() ? arguments.find("path") : nullptr;
    if (path == nullptr || !path->is_text()) return false;
    try {
        const Path file(path->text());
        const auto info = FileSystem::stat(file);
        return info && info->type == FileInfo::Type::regular && info->size == blob.size &&
               FileSystem::hash_file(file) == blob.hash;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

std::vector<BlobRef> contents_in_order(const Value& run) {
    std::vector<BlobRef> contents;
    std::set<Hash> seen;
    for_each_content(run, run, [&](const BlobRef& blob, const Value&) {
        if (seen.insert(blob.hash).second) contents.push_back(blob);
    });
    return contents;
}

std::vector<BlobRef> contents_lacking(const Value& run) {
    std::vector<BlobRef> contents;
    std::set<Hash> seen;
    for_each_content(run, run, [&](const BlobRef& blob, const Value& arguments) {
        if (!seen.contains(blob.hash) && !is_in_place(blob, arguments)) {
            seen.insert(blob.hash);
            contents.push_back(blob);
        }
    });
    return contents;
}

}  // namespace prove
