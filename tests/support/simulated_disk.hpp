// A Disk in memory that can fail and lose power (reliability.md section 5): what was not synced may be gone, wholly or
// in any of its 16-byte pieces, and the last write may be torn at any byte. Random choices come from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/files/disk.hpp"
#include "proto/error.hpp"

namespace prove {

class SimulatedDisk final : public Disk {
  public:
    // Thrown instead of a call: the program is gone at this point.
    struct Crash {};

    // Called before each changing call, with its name; throws what should happen there.
    std::function<void(const std::string& call)> before;
    std::vector<std::string> calls;

    std::vector<std::string> list() const override {
        std::vector<std::string> names;
        for (const auto& [name, file] : files_) names.push_back(name);
        return names;
    }
    std::optional<std::string> read(const std::string& name) const override {
        const auto found = files_.find(name);
        return found == files_.end() ? std::nullopt : std::optional(found->second.seen);
    }
    void append(const std::string& name, std::string_view bytes) override {
        File& file = files_[name];
        file.unsynced = true;
        // A full disk or a crash takes place half-way through the bytes.
        file.seen += bytes.substr(0, bytes.size() / 2);
        happens("append " + name);
        file.seen += bytes.substr(bytes.size() / 2);
    }
    void truncate(const std::string& name, std::uint64_t size) override {
        happens("truncate " + name);
        files_[name].seen.resize(size);
        files_[name].unsynced = true;
    }
    void sync(const std::string& name) override {
        happens("sync " + name);
        File& file = files_[name];
        file.durable = file.seen;
        file.unsynced = false;
    }
    void rename(const std::string& from, const std::string& to) override {
        happens("rename " + from);
        files_[to] = std::move(files_.at(from));
        files_.erase(from);
    }
    void remove(const std::string& name) override {
        if (files_.count(name) == 0) return;
        happens("remove " + name);
        files_.erase(name);
    }

    // The power goes: of what was not synced, each piece is there or not (then zeros), and the file may end anywhere.
    void lose_power(std::uint32_t seed) {
        std::mt19937 random(seed);
        for (auto& [name, file] : files_) {
            if (!file.unsynced) continue;
            std::string after = file.durable;
            if (file.seen.size() > after.size() && file.seen.compare(0, after.size(), after) == 0) {
                const std::size_t end = after.size() + random() % (file.seen.size() - after.size() + 1);
                while (after.size() < end) {
                    const std::string piece =
                        file.seen.substr(after.size(), std::min<std::size_t>(16, end - after.size()));
                    after += random() % 4 == 0 ? std::string(piece.size(), '\0') : piece;
                }
            } else if (random() % 2 == 0) {
                after = file.seen;
            }
            file.seen = file.durable = after;
            file.unsynced = false;
        }
        before = nullptr;
    }

    // For tests that damage a file.
    std::string& content(const std::string& name) { return files_[name].seen; }

  private:
    struct File {
        std::string seen;     // what the program reads
        std::string durable;  // what a loss of power leaves for certain
        bool unsynced = true;
    };
    void happens(const std::string& call) {
        calls.push_back(call);
        if (before) before(call);
    }
    std::map<std::string, File> files_;
};

}  // namespace prove
