// What jobs of a simulation ask for: nothing that is done anywhere, but commands of both types, and contents that
// agents have to fetch.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "master/jobs/prepare.hpp"

namespace prove::sim {

// Commands of three operations; a run of states may name a content, which is its target's own.
class SimOperations final : public Operations {
  public:
    struct Maker final : Preparer {
        explicit Maker(JobRow row_) : row(std::move(row_)) {}
        Prepared prepare(const TargetId& target, const KeyId&) const override {
            Prepared prepared;
            prepared.body = Value::object();
            prepared.body.set("for", Value(target.text()));
            if (row.operation != "states") return prepared;
            prepared.type = MessageType::staterun;
            const auto size = row.options.at("content").integer();
            if (size == 0) return prepared;
            const auto seed = target.text() + row.id.text();
            auto content = std::make_shared<std::string>(static_cast<std::size_t>(size), seed.back());
            content->replace(0, seed.size(), seed);
            const auto hash = hash_of(*content);
            prepared.body.set("content", Value(hash.hex()));
            prepared.body.set("size", Value(size));
            prepared.contents[hash] = std::move(content);
            return prepared;
        }
        JobRow row;
    };
    std::shared_ptr<const Preparer> preparer(const JobRow& row) const override { return std::make_shared<Maker>(row); }
    Judged judge(const JobRow&, const JobResult& result, const Value&) const override {
        Judged judged;
        judged.end = target_end_from(name_of(result.end));
        judged.reason = result.reason;
        return judged;
    }
};

}  // namespace prove::sim
