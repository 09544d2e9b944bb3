// The indexes over the keys, and how an operator names one.
#include "master/keys/key_table.hpp"

#include <algorithm>
#include <mutex>

#include "common/text/text.hpp"

namespace prove {

namespace {

bool holds_name(const KeyRow& row) {
    return row.state == KeyState::accepted || row.state == KeyState::conflict;
}

std::string without_dashes(std::string text) {
    std::erase(text, '-');
    std::erase(text, ' ');
    return text;
}

bool is_named_by_key(const KeyRow& row, const std::string& which) {
    constexpr std::size_t enough = 8;
    const auto plain = without_dashes(which);
    if (plain.size() < enough) return false;
    return without_dashes(row.fingerprint).starts_with(plain) || row.id.hex() == which;
}

}  // namespace

std::optional<KeyId> KeyTable::accepted(const PublicTransportKey& key) const {
    const std::shared_lock lock(mutex_);
    const auto found = accepted_.find(key);
    return found == accepted_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<KeyRow> KeyTable::find(const KeyId& id) const {
    const std::shared_lock lock(mutex_);
    const auto found = rows_.find(id);
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<KeyRow> KeyTable::holder(const TargetId& name) const {
    const std::shared_lock lock(mutex_);
    const auto found = holders_.find(name);
    return found == holders_.end() ? std::nullopt : std::optional(rows_.at(found->second));
}

bool KeyTable::is_waiting(const TargetId& name) const {
    const std::shared_lock lock(mutex_);
    return waiting_.contains(name);
}

std::vector<KeyRow> KeyTable::all() const {
    std::vector<KeyRow> rows;
    {
        const std::shared_lock lock(mutex_);
        for (const auto& [id, row] : rows_) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const KeyRow& a, const KeyRow& b) {
        return std::tie(a.first_seen_ms, a.id) < std::tie(b.first_seen_ms, b.id);
    });
    return rows;
}

std::size_t KeyTable::count(KeyState state) const {
    const std::shared_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(rows_.begin(), rows_.end(), [&](const auto& entry) { return entry.second.state == state; }));
}

std::uint64_t KeyTable::version() const {
    const std::shared_lock lock(mutex_);
    return version_;
}

KeyRow KeyTable::select(const std::string& which) const {
    std::vector<KeyRow> named, waiting, holding;
    for (auto& row : all()) {
        if (is_named_by_key(row, which)) named.push_back(row);
        if (row.name.text() != which) continue;
        if (row.state == KeyState::pending) waiting.push_back(row);
        if (holds_name(row)) holding.push_back(row);
        if (!holds_name(row) && row.state != KeyState::pending) named.push_back(row);
    }
    const auto& found = !waiting.empty() ? waiting : !holding.empty() ? holding : named;
    if (found.size() == 1) return found.front();
    if (found.empty())
        throw Error(ErrorKind::missing, "no key is named " + quoted(which) + "; see: prove-cli keys list");
    std::string several;
    for (const auto& row : found) several += "\n  " + row.fingerprint + "  " + name_of(row.state);
    throw Error(ErrorKind::usage, quoted(which) + " names several keys; say which by its fingerprint:" + several);
}

void KeyTable::put(const KeyRow& row) {
    const std::unique_lock lock(mutex_);
    ++version_;
    const auto before = rows_.find(row.id);
    if (before != rows_.end()) forget_indexes(before->second);
    rows_[row.id] = row;
    if (row.state == KeyState::accepted) accepted_[row.transport] = row.id;
    if (row.state == KeyState::pending) ++waiting_[row.name];
    if (holds_name(row)) holders_[row.name] = row.id;
}

void KeyTable::drop(const KeyId& id) {
    const std::unique_lock lock(mutex_);
    const auto found = rows_.find(id);
    if (found == rows_.end()) return;
    ++version_;
    forget_indexes(found->second);
    rows_.erase(found);
}

void KeyTable::forget_indexes(const KeyRow& row) {
    accepted_.erase(row.transport);
    const auto holder = holders_.find(row.name);
    if (holder != holders_.end() && holder->second == row.id) holders_.erase(holder);
    if (row.state == KeyState::pending && --waiting_[row.name] == 0) waiting_.erase(row.name);
}

}  // namespace prove
