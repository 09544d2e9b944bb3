// Sealed commands: open, read, compare with the header.
#include "proto/sealed.hpp"

namespace prove {

JobCommand open_command(const Verified& verified, const Opener& opener, const KeyId& own_key) {
    const Header& header = verified.header();
    if (header.type != MessageType::command && header.type != MessageType::staterun)
        throw Error(ErrorKind::refused, std::string("a ") + name_of(header.type) + " is not a command");
    const auto plain = header.sealed ? opener.open(verified.payload()) : std::nullopt;
    if (!plain) throw Error(ErrorKind::refused, "the command is not sealed to this agent");
    JobCommand command = job_command_from(read_body(header.type, *plain));
    if (command.cluster != header.cluster) throw Error(ErrorKind::refused, "the sealed command is another cluster's");
    if (command.agent != own_key) throw Error(ErrorKind::refused, "the sealed command is another agent's");
    if (command.job != header.job) throw Error(ErrorKind::refused, "the sealed command is another job's");
    return command;
}

LateReply open_late_piece(const Verified& verified, const Opener& opener, const KeyId& own_key) {
    const Header& header = verified.header();
    const auto plain = header.sealed ? opener.open(verified.payload()) : std::nullopt;
    if (!plain) throw Error(ErrorKind::refused, "the late piece is not sealed to this agent");
    LateReply reply = late_reply_from(read_body(MessageType::staterun, *plain));  // it holds as much as a StateRun
    if (reply.cluster != header.cluster) throw Error(ErrorKind::refused, "the late piece is another cluster's");
    if (reply.agent != own_key) throw Error(ErrorKind::refused, "the late piece is another agent's");
    if (reply.job != header.job) throw Error(ErrorKind::refused, "the late piece is another job's");
    return reply;
}

std::string sealed_command(const JobCommand& command, const PublicSealKey& key) {
    return seal(write_json(to_value(command)), key);
}

}  // namespace prove
