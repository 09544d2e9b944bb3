// Making one target's command, in a worker's thread.
#include "master/jobs/prepare.hpp"

#include "proto/diagnostics_value.hpp"

namespace prove {

namespace {

// The one diagnostic of an Error that is about a catalog but was thrown alone.
Value diagnostics_of(const Error& error) {
    Diagnostics diagnostics;
    auto& one = diagnostics.error(error.position(), "", error.text());
    one.contexts = error.contexts();
    return to_value(diagnostics);
}

void fill(ReadyCommand& ready, const Preparer& preparer) {
    auto prepared = preparer.prepare(ready.wish.target, Value());
    JobCommand command;
    command.cluster = ready.wish.cluster;
    command.agent = ready.wish.key;
    command.job = ready.wish.job;
    command.generation = prepared.type == MessageType::staterun ? ready.wish.generation : 0;
    command.operation = ready.wish.operation;
    command.body = std::move(prepared.body);
    command.scheduled = ready.wish.scheduled;
    ready.payload = seal(write_json(to_value(command)), ready.wish.seal_key);
    ready.type = prepared.type;
    ready.dry_run = prepared.dry_run;
    ready.contents = std::move(prepared.contents);
    if (ready.payload.size() > payload_limit(ready.type))
        throw Error(ErrorKind::usage, "the command is " + std::to_string(ready.payload.size()) +
                                          " bytes, which is more than a command may have");
}

// Why there is no piece is told to the agent alone: it says it of the state.
void fill_piece(ReadyCommand& ready, const Preparer& preparer) {
    PreparedPiece prepared;
    try {
        prepared = preparer.late(ready.wish.target, *ready.wish.late, Value());
    } catch (const Error& error) {
        prepared = {};
        prepared.reply.error = error.full_text();
    } catch (const std::exception&) {
        prepared = {};
        prepared.reply.error = "a fault of prove-master";
    }
    LateReply& reply = prepared.reply;
    reply.cluster = ready.wish.cluster;
    reply.agent = ready.wish.key;
    reply.job = ready.wish.job;
    reply.state = ready.wish.late->state();
    reply.index = ready.wish.late->states.size() - 1;
    ready.payload = seal(write_json(to_value(reply)), ready.wish.seal_key);
    ready.type = MessageType::late_piece;
    ready.contents = std::move(prepared.contents);
}

// Does the work; what goes wrong is noted, and what of it is the catalog's is told with all its places.
template <class Noted, class Work>
void note_errors(Noted& noted, Work&& work) {
    try {
        work();
    } catch (const CatalogError& error) {
        noted.error = error;
        noted.diagnostics = to_value(error.diagnostics());
    } catch (const Error& error) {
        noted.error = error;
        if (error.kind() == ErrorKind::catalog) noted.diagnostics = diagnostics_of(error);
    } catch (const std::exception& error) {
        noted.error = Error(ErrorKind::internal, error.what());
    }
}

}  // namespace

ReadyCommand make_command(const Preparer& preparer, const CommandWish& wish) {
    ReadyCommand ready;
    ready.wish = wish;
    if (wish.late) {
        fill_piece(ready, preparer);
        return ready;
    }
    note_errors(ready, [&] { fill(ready, preparer); });
    return ready;
}

Attempt try_to_prepare(const Preparer& preparer, const TargetId& target, const Value& facts) {
    Attempt attempt;
    note_errors(attempt, [&] { attempt.prepared = preparer.prepare(target, facts); });
    return attempt;
}

}  // namespace prove
