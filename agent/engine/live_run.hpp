// A run as it stands while it goes on: what was compiled before, and the pieces that late states brought since. Nodes
// keep their indexes and, but for late ones that are replaced, their addresses; new ones get the next indexes and a
// place in the written order. Whoever asks holds the run's board.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/late.hpp"
#include "proto/state_run.hpp"

namespace prove {

class LiveRun {
  public:
    class Nodes {
      public:
        std::size_t size() const { return nodes_.size(); }
        const Node& operator[](std::size_t index) const { return *nodes_[index]; }

      private:
        friend class LiveRun;
        std::vector<const Node*> nodes_;
    };

    explicit LiveRun(const StateRun& run);  // borrowed
    LiveRun(const LiveRun&) = delete;
    LiveRun& operator=(const LiveRun&) = delete;

    const StateRun& compiled;  // what it began as
    const RunOptions& options;
    const bool partial;
    Nodes nodes;

    std::optional<NodeIndex> find(const StateId& id) const;
    // Nodes in the order in which they were written, and where one stands in it.
    const std::vector<NodeIndex>& written() const { return written_; }
    std::size_t place(NodeIndex node) const { return place_[node]; }
    bool has_late() const;

    // Puts the piece in the place of `late`: gives the new nodes. Throws Error(invalid) where it does not fit this run,
    // which stays as it was.
    std::vector<NodeIndex> take(NodeIndex late, LatePiece piece);

  private:
    std::vector<NodeIndex> indexes_for(NodeIndex late, const LatePiece& piece) const;

    std::deque<Node> own_;
    std::vector<NodeIndex> written_;
    std::vector<std::size_t> place_;
    std::unordered_map<std::string, NodeIndex> by_id_;
};

}  // namespace prove
