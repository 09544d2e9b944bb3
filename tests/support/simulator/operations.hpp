// What jobs of a simulation ask for: nothing that is done anywhere, but commands of both types, contents that agents
// have to fetch, and late states that they have to ask for.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "master/jobs/prepare.hpp"

namespace prove::sim {

// Commands of three operations; a run of states may name a content, which is its target's own, and may have a late
// state. Its piece says for whom and of which results it was made.
class SimOperations final : public Operations {
  public:
    // `confuses_pieces`: it answers for other results than were asked, for a check that checks find it.
    explicit SimOperations(bool confuses_pieces) : confuses_pieces_(confuses_pieces) {}

    struct Maker final : Preparer {
        Maker(JobRow row_, bool confuses) : row(std::move(row_)), confuses_pieces(confuses) {}
        Prepared prepare(const TargetId& target, const Value&) const override {
            Prepared prepared;
            prepared.body = Value::object();
            prepared.body.set("for", Value(target.text()));
            if (!row.schedule.empty()) prepared.body.set("slot", Value(row.slot_ms));
            if (row.operation != "states") return prepared;
            if (const Value* late = row.options.find("late")) prepared.body.set("late", *late);
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
        PreparedPiece late(const TargetId& target, const LateRequest& request, const Value&) const override {
            PreparedPiece prepared;
            prepared.reply.key = key_of(request);
            prepared.reply.run = Value::object();
            prepared.reply.run.set("for", Value(target.text()));
            prepared.reply.run.set("results", confuses_pieces ? Value::object() : request.states.back().results);
            return prepared;
        }
        JobRow row;
        bool confuses_pieces = false;
    };
    std::shared_ptr<const Preparer> preparer(const JobRow& row) const override {
        return std::make_shared<Maker>(row, confuses_pieces_);
    }
    Judged judge(const JobRow&, const JobResult& result, const Value&) const override {
        Judged judged;
        judged.end = target_end_from(name_of(result.end));
        judged.reason = result.reason;
        return judged;
    }

  private:
    const bool confuses_pieces_;
};

}  // namespace prove::sim
