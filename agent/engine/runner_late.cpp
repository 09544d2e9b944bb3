// Late states: what they wait for is done, so they are asked for, and the piece that comes becomes part of the run.
#include "agent/engine/runner.hpp"

namespace prove {

// Where there is no piece the state comes out so, and everything else goes on.
void Runner::compile(NodeIndex late) {
    const Node& node = run_.nodes[late];
    const auto give_up = [&](Outcome outcome, std::string reason) {
        board_.uncompiled[late] = {outcome, std::move(reason)};
        schedule_.give_up_compiling(late);
    };
    try {
        const LateSpec spec = late_spec_of(node);
        LateRequest request{spec.basis, board_.compiled_late};
        // They leave this host, and what is asked is kept: a secret that a state read out of a file stays here (S91).
        request.states.push_back({node.id, board_.redactor.value(board_.outputs.results(spec))});
        LatePiece piece = piece_for(request);
        const std::vector<NodeIndex> added = schedule_.grow(late, std::move(piece));
        board_.prepared[late] = prepare(run_.nodes[late], context_.functions, context_.content);
        for (const NodeIndex fresh : added)
            board_.prepared.push_back(prepare(run_.nodes[fresh], context_.functions, context_.content));
        board_.compiled_late.push_back(std::move(request.states.back()));
    } catch (const Unknown& unknown) {
        give_up(Outcome::unknown, "what it will be depends on " + unknown.depends_on());
    } catch (const Error& error) {
        give_up(outcome_of(error), reason_of(error));
    }
}

// Checked as far as it can be before it becomes part of the run. Other lanes go on meanwhile.
LatePiece Runner::piece_for(const LateRequest& request) {
    const Aside aside(board_);
    if (context_.late == nullptr)
        throw Error(ErrorKind::unavailable, "it is compiled late, and there is nobody here who could compile it");
    LatePiece piece = context_.late->piece(request);
    for (std::size_t i = piece.outside; i < piece.run.nodes.size(); ++i)
        (void)prepare(piece.run.nodes[i], context_.functions, context_.content);
    return piece;
}

}  // namespace prove
