// Starting prove-exec through ssh, and working with it. See the header.
#include "master/executors/ssh_session.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/time/new_job.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr Milliseconds look_again{500};
constexpr int most_starts = 8;                 // no more places than that
constexpr std::size_t most_asked = 32u << 20;  // bytes of questions that wait for their answers

// The last line that says something.
std::string last_line(const std::string& text) {
    std::string last;
    for (const std::string& line : split_lines(to_utf8_lossy(text)))
        if (!trim(line).empty()) last = trim(line);
    return last;
}

JsonLimits limits_of(PipeType type) {
    JsonLimits limits = JsonLimits::state_run();
    limits.bytes = limits.string_bytes = pipe_limit(type);
    return limits;
}

}  // namespace

SshSession::SshSession(SshTarget target, const SshTools& tools, const Clock& clock, Random& random,
                       ContentSource& content, LateSource* late, const Cancellation& cancellation)
    : target_(std::move(target)), tools_(tools), clock_(clock), random_(random), content_(content), late_(late) {
    int first_place = 0;
    for (int i = 0; i < most_starts; ++i) {
        const auto bad_place = start(first_place, cancellation);
        if (!bad_place) return;
        first_place = *bad_place;
    }
    fail("prove-exec cannot be kept in any place there");
}

void SshSession::fail(const std::string& why) const {
    throw Error(ErrorKind::unavailable, why);
}

// ssh ended, or will: from its errors to what a person can do.
void SshSession::fail_to_start(const std::string& how) const {
    const std::string errors = without_password(pipe_->errors());
    const std::string explained = explain_ssh_errors(target_, errors, tools_.folder);
    if (!explained.empty()) fail(explained);
    if (password_) fail(std::string(name_of(target_.become)) + " did not take the password");
    const std::string said = last_line(errors.empty() ? without_password(pipe_->noise()) : errors);
    fail("prove-exec did not start" + (how.empty() ? "" : " (" + how + ")") + (said.empty() ? "" : ": " + said));
}

std::optional<int> SshSession::start(int first_place, const Cancellation& cancellation) {
    pipe_.reset();
    uploaded_ = false;
    Bytes<12, struct NonceTag> nonce;
    random_.fill(nonce.data(), nonce.size);
    nonce_ = nonce.hex();
    SshCall call;
    call.argv =
        ssh_arguments(target_, bootstrap_command(tools_.programs, nonce_, target_.become, first_place), tools_.config);
    call.argv.front() = tools_.ssh;
    call.env = tools_.env;
    call.nonce = nonce_;
    if (target_.become == Become::sudo)
        call.asks_password = [prompt = sudo_prompt(nonce_)](const std::string& errors) {
            return errors.ends_with(prompt);
        };
    if (target_.become == Become::su)
        call.asks_password = [](const std::string& errors) { return trim_end(errors).ends_with("assword:"); };
    pipe_ = std::make_unique<SshPipe>(std::move(call), clock_);
    const Cancellation::Waker waker(cancellation, [this] { pipe_->wake(); });
    for (;;) {
        const auto event = pipe_->next(look_again);
        if (cancellation.cancelled() || is_cut())
            throw Error(ErrorKind::cancelled, "cancelled before prove-exec had started");
        if (!event) {
            if (pipe_->silent_for() > tools_.start_time)
                fail_to_start("nothing was heard for " + show_duration(tools_.start_time));
            continue;
        }
        if (event->kind == SshEvent::Kind::ended) fail_to_start(event->how);
        if (event->kind == SshEvent::Kind::password_wanted) give_password();
        if (event->kind != SshEvent::Kind::line) continue;
        if (event->line == "ready") return std::nullopt;
        if (const auto bad_place = heed(without_password(event->line))) return bad_place;
    }
}

// A line of the bootstrap.
std::optional<int> SshSession::heed(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string what = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : to_utf8_lossy(line.substr(space + 1));
    if (what == "password") {
        give_password();
        return std::nullopt;
    }
    if (what == "upload") {
        upload(rest);
        return std::nullopt;
    }
    if (what == "broken") {  // "2 /var/tmp/prove-0: write error"
        const int place = std::atoi(rest.c_str());
        if (place > 0 && place <= most_starts) return place;
    }
    if (what == "missing") fail("there is no " + rest + " on the host, and the catalog says 'become: " + rest + "'");
    if (what == "tool") fail("there is no " + rest + " on the host to check the copy of prove-exec with");
    if (what == "machine" && rest.empty())
        fail("the host does not say what machine it is: 'uname -m' cannot be run there (is its PATH right?)");
    if (what == "machine")
        fail("the host is of the kind " + rest + ", and this Prove has no prove-exec for that, only for " +
             join_words(
                 [this] {
                     std::vector<std::string> machines;
                     for (const ExecProgram& program : tools_.programs) machines.push_back(program.machine);
                     return machines;
                 }(),
                 "and"));
    if (what == "place") fail("prove-exec can be put nowhere on the host: " + rest);
    fail("the bootstrap said something unexpected: " + line);
}

void SshSession::upload(const std::string& machine) {
    if (uploaded_) fail("the bootstrap asks for prove-exec again and again");
    uploaded_ = true;
    for (const ExecProgram& program : tools_.programs)
        if (program.machine == machine) return pipe_->send(program.bytes);
    fail("the bootstrap asks for a prove-exec for " + machine);
}

void SshSession::give_password() {
    if (target_.become == Become::none)
        fail("the host asks for a password, though the catalog says no 'become' for it");
    const std::string become = name_of(target_.become);
    if (password_) fail(become + " did not take the password");
    if (!tools_.folder.empty())
        fail(become + " asks for a password, and nobody can be asked in prove-master; let " + become +
             " not ask (NOPASSWD), or run this from a terminal: prove-cli --catalog DIR ...");
    const auto password = tools_.ask_password ? tools_.ask_password("password for " + become) : std::nullopt;
    if (!password)
        fail(become + " asks for a password, and there is no terminal to ask you for it; let " + become +
             " not ask, or run this in a terminal");
    password_ = password;
    pipe_->send(std::make_shared<const std::string>(*password + "\n"));
}

struct SshSession::Job {
    JobId id;
    ActionEvents& events;
};

// What a host writes may be what it was given.
std::string SshSession::without_password(std::string text) const {
    return password_.value_or("").empty() ? text : replace_all(std::move(text), *password_, "***");
}

ActionResult SshSession::lost(const std::string& why) const {
    ActionResult result;
    result.end = JobResult::End::interrupted;
    const std::string said = last_line(without_password(pipe_->errors()));
    result.reason = "the connection was lost: " + why + (said.empty() ? "" : ": " + said);
    return result;
}

ActionResult SshSession::run(const std::string& operation, const Value& body, ActionEvents& events,
                             const Cancellation& cancellation) {
    Job job{spoken_of_ ? *spoken_of_ : new_job_id(clock_.wall_ms(), random_), events};
    JobCommand command;
    command.job = job.id;
    command.operation = operation;
    command.body = body;
    try {
        pipe_->send({PipeType::command, write_json(to_value(command))});
    } catch (const Error& error) {
        return {JobResult::End::failed, error.text(), {}};
    }
    asked_.clear();
    asked_bytes_ = 0;
    try {
        return converse(job, cancellation);
    } catch (const Error& error) {
        return lost("what came makes no sense: " + error.text());
    }
}

ActionResult SshSession::converse(Job& job, const Cancellation& cancellation) {
    const Cancellation::Waker waker(cancellation, [this] { pipe_->wake(); });
    std::optional<std::int64_t> cancelled_ms;
    for (;;) {
        answer_what_was_asked();
        const auto event = pipe_->next(look_again);
        if (cancellation.cancelled() && !cancelled_ms) {
            cancelled_ms = clock_.boot_ms();
            pipe_->send({PipeType::cancel, write_json(to_value(Cancel{job.id, ""}))});
        }
        if (is_cut()) return lost("this end was stopped");
        if (cancelled_ms && clock_.boot_ms() - *cancelled_ms > tools_.cancel_time.count())
            return lost("it was told to stop and did not within " + show_duration(tools_.cancel_time));
        if (!event && pipe_->silent_for() > tools_.silence_time)
            return lost("nothing was heard for " + show_duration(tools_.silence_time));
        if (!event) continue;
        if (event->kind == SshEvent::Kind::ended) return lost(event->how.empty() ? "ssh ended" : event->how);
        if (event->kind != SshEvent::Kind::frame) continue;
        if (auto result = hear(event->frame, job)) return std::move(*result);
    }
}

// Throws Error(invalid) for what makes no sense.
std::optional<ActionResult> SshSession::hear(const PipeFrame& frame, Job& job) {
    const JsonLimits limits = limits_of(frame.type);
    switch (frame.type) {
        case PipeType::note:
            job.events.note(to_utf8_lossy(frame.payload));
            return std::nullopt;
        case PipeType::file_request:
        case PipeType::late_request:
            ask(frame);
            return std::nullopt;
        case PipeType::event: {
            const JobEvent event = job_event_from(read_json(frame.payload, limits));
            if (event.job != job.id) return std::nullopt;
            if (event.kind == JobEvent::Kind::output)
                job.events.output(event.state, event.output.is_error ? OutputStream::err : OutputStream::out,
                                  event.output.bytes);
            if (event.kind == JobEvent::Kind::state_finished) job.events.state_finished(*event.invocation);
            if (event.kind == JobEvent::Kind::state_started) {
                StateInvocation started;
                started.state = StateId(event.state);
                job.events.state_started(started);
            }
            return std::nullopt;
        }
        case PipeType::result: {
            JobResult result = job_result_from(read_json(frame.payload, limits));
            if (result.job != job.id) return std::nullopt;
            return ActionResult{result.end, std::move(result.reason), std::move(result.body)};
        }
        default:
            throw Error(ErrorKind::invalid, "a message of type " + std::to_string(static_cast<int>(frame.type)));
    }
}

// Answered as fast as the host reads, and no faster: else who asks and does not read fills our memory.
void SshSession::ask(PipeFrame question) {
    asked_bytes_ += question.payload.size() + sizeof question;
    if (asked_bytes_ > most_asked) throw Error(ErrorKind::invalid, "it asks and asks, and does not read the answers");
    asked_.push_back(std::move(question));
}

void SshSession::answer_what_was_asked() {
    while (!asked_.empty() && pipe_->takes_more_to_send()) {
        const PipeFrame question = std::move(asked_.front());
        asked_.pop_front();
        asked_bytes_ -= question.payload.size() + sizeof question;
        const Value value = read_json(question.payload, limits_of(question.type));
        if (question.type == PipeType::file_request)
            send_chunk(file_request_from(value));
        else
            compile_late(late_question_from(value));
    }
}

void SshSession::send_chunk(const FileRequest& request) {
    FileChunk chunk;
    chunk.job = request.job;
    chunk.hash = request.hash;
    chunk.offset = request.offset;
    try {
        if (sending_ != request.hash || sent_.empty()) sent_ = content_.fetch(request.hash);
        sending_ = request.hash;
        chunk.found = request.offset <= sent_.size();
        if (chunk.found) chunk.bytes = sent_.substr(request.offset, request.length);
    } catch (const Error&) {
        chunk.found = false;
    }
    pipe_->send({PipeType::file_chunk, to_bytes(chunk)});
}

void SshSession::compile_late(const LateQuestion& question) {
    LateReply reply;
    reply.job = question.job;
    reply.state = question.request.state();
    reply.index = question.request.states.size() - 1;
    reply.key = key_of(question.request);
    try {
        if (late_ == nullptr) throw Error(ErrorKind::unavailable, "late states cannot be compiled here");
        LatePiece piece = late_->piece(question.request);
        reply.outside = piece.outside;
        reply.run = to_value(piece.run);
    } catch (const Error& error) {
        reply.error = error.full_text();
    }
    pipe_->send({PipeType::late_piece, write_json(to_value(reply))});
}

}  // namespace prove
