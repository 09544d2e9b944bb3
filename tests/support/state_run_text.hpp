// StateRuns as a few lines of text, and a play of a Schedule over them, so that a test of the order reads as its rule.
//
//     vhost:       part notify reload
//     reload:      lazy; requires vhost
//     certificate: requires vhost; notify vhost
//
// One line per state: `lazy`, `defer`, `requires A B`, `notify A`, `notify_failure A`, `group A B`, `block A B` with
// `rescue C` and `always D`, and `part` with its own `notify A` and `notify_failure A` after it. A state without `part`
// has one. Header only: tests link nothing more.
#pragma once

#include <deque>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/engine/schedule.hpp"

namespace prove::test {

inline std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

inline std::vector<std::string> pieces_of(const std::string& text, char separator) {
    std::istringstream stream(text);
    std::vector<std::string> pieces;
    for (std::string piece; std::getline(stream, piece, separator);) pieces.push_back(piece);
    return pieces;
}

class RunText {
  public:
    explicit RunText(const std::string& text) {
        std::vector<std::pair<std::string, std::string>> lines;
        for (const std::string& line : pieces_of(text, '\n')) {
            const auto colon = line.find(':');
            if (colon == std::string::npos) continue;
            lines.emplace_back(words_of(line.substr(0, colon)).at(0), line.substr(colon + 1));
            Node node;
            node.id = StateId(lines.back().first);
            run_.nodes.push_back(node);
        }
        for (std::size_t i = 0; i < lines.size(); ++i) read(run_.nodes[i], lines[i].second);
    }
    StateRun run() const { return run_; }

  private:
    void read(Node& node, const std::string& text) {
        node.variants.emplace_back();
        for (const std::string& piece : pieces_of(text, ';')) read_clause(node, words_of(piece));
        if (node.variants[0].parts.empty() && !node.group) node.variants[0].parts.emplace_back();
    }
    void read_clause(Node& node, const std::vector<std::string>& words) {
        Variant& variant = node.variants[0];
        if (words.empty()) return;
        if (words[0] == "lazy")
            node.lazy = true;
        else if (words[0] == "defer")
            node.defer = true;
        else if (words[0] == "requires")
            node.requirements = nodes(words, 1);
        else if (words[0] == "notify")
            variant.notify = nodes(words, 1);
        else if (words[0] == "notify_failure")
            variant.notify_failure = nodes(words, 1);
        else if (words[0] == "group") {
            node.group = true;
            node.members = nodes(words, 1);
        } else if (words[0] == "block") {
            node.group = node.block = true;
            node.members = nodes(words, 1);
        } else if (words[0] == "rescue")
            node.rescue = nodes(words, 1);
        else if (words[0] == "always")
            node.always = nodes(words, 1);
        else if (words[0] == "part") {
            StatePart& part = variant.parts.emplace_back();
            if (words.size() > 2) (words[1] == "notify" ? part.notify : part.notify_failure) = nodes(words, 2);
        } else
            throw std::logic_error("the test says '" + words[0] + "'");
    }
    std::vector<NodeIndex> nodes(const std::vector<std::string>& words, std::size_t from) const {
        std::vector<NodeIndex> result;
        for (std::size_t i = from; i < words.size(); ++i) {
            const auto found = run_.find(StateId(words[i]));
            if (!found) throw std::logic_error("the test names '" + words[i] + "', which is no state of it");
            result.push_back(*found);
        }
        return result;
    }
    StateRun run_;
};

// Plays a schedule with outcomes that the test gives, "vhost: changed changed; certificate: failed": one word per part
// that runs (ok, changed, failed, broken = changed something and failed, unknown, held, or skipped = by its own condition);
// what is not said is ok. The story has each invocation in order, with what ran between its parts in braces:
// "vhost{reload} certificate! (page)". ! failed, (x) skipped, x? unknown, x~ rescued, x% held.
class Play {
  public:
    explicit Play(const std::string& text, const std::string& outcomes = "", std::vector<Debt> owed = {})
        : Play(RunText(text).run(), outcomes, std::move(owed)) {}
    Play(StateRun run, const std::string& outcomes, std::vector<Debt> owed) : run_(std::move(run)) {
        for (const std::string& entry : pieces_of(outcomes, ';')) {
            const auto colon = entry.find(':');
            for (const std::string& word : words_of(entry.substr(colon + 1)))
                outcomes_[words_of(entry.substr(0, colon)).at(0)].push_back(word);
        }
        for (const Debt& debt : owed) ledger_.insert(debt);
        Schedule schedule(run_, owed);
        while (auto step = schedule.next()) {
            take(schedule, *step);
            if (report_.size() > 10'000) throw std::logic_error("this run does not end: " + story_.substr(0, 500));
        }
        strike(schedule);
        notes_ = schedule.notes();
    }

    const std::string& story() const { return story_; }
    const std::vector<StateInvocation>& report() const { return report_; }
    const std::vector<std::string>& notes() const { return notes_; }
    // How many invocations had ended when this one of the report began.
    std::size_t ended_before(std::size_t index) const { return ended_before_[index]; }
    // The latest report of a state.
    const StateInvocation& of(const std::string& id) const {
        for (auto at = report_.rbegin(); at != report_.rend(); ++at)
            if (at->state.text() == id) return *at;
        throw std::logic_error("the state '" + id + "' was not in the story: " + story_);
    }
    int count(const std::string& id) const {
        int result = 0;
        for (const auto& invocation : report_) result += invocation.state.text() == id;
        return result;
    }
    // What is still owed at the end: "vhost>reload".
    std::string owed() const {
        std::string result;
        for (const Debt& debt : ledger_)
            result += (result.empty() ? "" : " ") + debt.from.text() + ">" + debt.to.text();
        return result;
    }

  private:
    std::string word_for(const std::string& id) {
        auto& queue = outcomes_[id];
        if (queue.empty()) return "ok";
        const std::string word = queue.front();
        queue.pop_front();
        return word;
    }

    void take(Schedule& schedule, Step& step) {
        const std::string& id = step.invocation.state.text();
        if (!story_.empty() && story_.back() != '{') story_ += ' ';
        const std::size_t ended_before = report_.size();
        if (step.action == Step::Action::run) {
            story_ += id;
            run(schedule, step);
        } else {
            story_ += step.invocation.outcome == Outcome::skipped ? "(" + id + ")" : id;
        }
        if (step.invocation.outcome == Outcome::failed) story_ += '!';
        if (step.invocation.outcome == Outcome::rescued) story_ += '~';
        if (step.invocation.outcome == Outcome::unknown) story_ += '?';
        if (step.invocation.outcome == Outcome::held) story_ += '%';
        strike(schedule);
        report_.push_back(step.invocation);
        ended_before_.push_back(ended_before);
    }

    void run(Schedule& schedule, Step& step) {
        StateInvocation& invocation = step.invocation;
        const Node& node = run_.nodes[step.node];
        const Variant& variant = node.variants[0];
        for (std::size_t i = 0; i < variant.parts.size(); ++i) {
            const std::string word = word_for(node.id.text());
            if (word == "skipped") {
                invocation.outcome = Outcome::skipped;
                break;
            }
            PartEnd end;
            end.changed = word == "changed" || word == "broken";
            end.failed = word == "failed" || word == "broken";
            end.unknown = word == "unknown";
            if (end.changed)
                for (const Debt& debt : schedule.incur(step.node, variant, i)) ledger_.insert(debt);
            invocation.changed = invocation.changed || end.changed;
            const bool held = word == "held";
            invocation.outcome = end.failed           ? Outcome::failed
                                 : held               ? Outcome::held
                                 : end.unknown        ? Outcome::unknown
                                 : invocation.changed ? Outcome::changed
                                                      : Outcome::ok;
            schedule.part_finished(step.node, variant, i, end);
            between_parts(schedule);
            if (end.failed || held) break;
        }
        schedule.finished(step.node, &variant, invocation.outcome, invocation.changed);
    }

    void between_parts(Schedule& schedule) {
        bool opened = false;
        while (auto inner = schedule.next()) {
            if (!opened) story_ += '{';
            opened = true;
            take(schedule, *inner);
            if (report_.size() > 10'000) throw std::logic_error("this run does not end: " + story_.substr(0, 500));
        }
        if (opened) story_ += '}';
    }

    void strike(Schedule& schedule) {
        for (const Debt& debt : schedule.take_struck()) ledger_.erase(debt);
    }

    StateRun run_;
    std::map<std::string, std::deque<std::string>> outcomes_;
    std::set<Debt> ledger_;
    std::string story_;
    std::vector<StateInvocation> report_;
    std::vector<std::size_t> ended_before_;
    std::vector<std::string> notes_;
};

}  // namespace prove::test
