// states: plan or apply what the catalog says of every target, or one state function that the job brings. Preparing compiles the target's StateRun; one that is
// too large for an envelope travels as a content that only its target may ask for (S64).
#include <set>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "master/catalog/secret_token.hpp"
#include "master/commands/command.hpp"
#include "master/commands/run_summary.hpp"
#include "master/compile/ad_hoc.hpp"

namespace prove {

namespace {

constexpr std::size_t inline_bytes = 256u << 10;
constexpr std::size_t most_bytes = 8u << 20;
constexpr std::size_t most_secret_bytes = 128u << 10;
constexpr std::size_t most_searched = 100;

struct Options {
    RunMode mode = RunMode::plan;
    std::vector<std::string> states, tags, skip_tags;
    Value variables = Value::object();
    std::optional<AdHocState> ad_hoc;
};

Value list_of(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

Options read(const Value& options) {
    Fields fields(options, "states");
    Options result;
    const auto mode = fields.text("mode");
    if (mode != "plan" && mode != "apply") throw Error(ErrorKind::usage, "mode is plan or apply, not " + quoted(mode));
    result.mode = mode == "plan" ? RunMode::plan : RunMode::apply;
    result.states = fields.texts("states");
    result.tags = fields.texts("tags");
    result.skip_tags = fields.texts("skip_tags");
    if (const auto* variables = fields.optional("variables")) {
        variables->mapping();  // throws where it is something else
        result.variables = *variables;
    }
    if (const auto* state = fields.optional("state")) result.ad_hoc = ad_hoc_from(*state);
    fields.end();
    if (result.ad_hoc && !(result.states.empty() && result.tags.empty() && result.skip_tags.empty()))
        throw Error(ErrorKind::usage, "'state' is in the place of the catalog's states, so none of them can be chosen");
    return result;
}

// All that the catalog has for a target, as it is there.
bool is_whole(const Options& options) {
    return options.states.empty() && options.tags.empty() && options.skip_tags.empty() &&
           options.variables.mapping().empty() && !options.ad_hoc;
}

class StatesCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "states"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            const auto read_options = read(options);
            Value value = Value::object();
            value.set("mode", Value(name_of(read_options.mode)));
            value.set("states", list_of(read_options.states));
            if (!read_options.tags.empty()) value.set("tags", list_of(read_options.tags));
            if (!read_options.skip_tags.empty()) value.set("skip_tags", list_of(read_options.skip_tags));
            value.set("variables", read_options.variables);
            if (read_options.ad_hoc) value.set("state", to_value(*read_options.ad_hoc));
            return value;
        });
    }
    // What somebody may have done by a function of their choice is as much as by a command; and a plan of it shows any
    // file.
    Permission permission(const Value& value) const override {
        const Options options = read(value);
        if (options.ad_hoc) return Permission::cmd;
        return options.mode == RunMode::plan ? Permission::states_plan : Permission::states_apply;
    }
    bool needs_catalog() const override { return true; }
    std::vector<BlobRef> contents(const Value& value) const override {
        const Options options = read(value);
        if (!options.ad_hoc || !options.ad_hoc->content) return {};
        return {*options.ad_hoc->content};
    }
    void check_targets(const Value& options, const Snapshot* snapshot, const std::vector<TargetId>& targets,
                       const TargetDirectory& directory) const override;
    Prepared prepare(const PrepareFrom& from) const override;
    PreparedPiece late(const PrepareFrom& from, const LateRequest& asked) const override;
    Judged judge(const Value& options, const JobResult& result, const Value& body) const override;
};

// A --state that no target has is a slip of the hand, and is told as one. Which ids there are is known only from
// compiling: the first target that has them all ends the search, and a large job is not searched through.
void StatesCommand::check_targets(const Value& value, const Snapshot* snapshot, const std::vector<TargetId>& targets,
                                  const TargetDirectory& directory) const {
    const Options options = read(value);
    if (options.ad_hoc) return snapshot->compiler->check(*options.ad_hoc);
    auto wanted = options.states;
    if (wanted.empty() || targets.empty() || targets.size() > most_searched) return;
    CompileRequest request;
    request.variables = options.variables;
    std::vector<std::string> ids;
    for (const auto& target : targets) {
        request.target = target;
        request.facts = directory.facts_of(target);
        std::shared_ptr<const StateRun> run;
        try {
            run = snapshot->compiler->compile(request).run;
        } catch (const CatalogError&) {
            return;  // what its states are is not known; it will end with these errors
        }
        for (const auto& node : run->nodes) {
            ids.push_back(node.id.text());
            std::erase_if(wanted, [&](const auto& id) { return id == ids.back() || glob_matches(id, ids.back()); });
        }
        if (wanted.empty()) return;
    }
    const auto near = nearest(wanted.front(), ids);
    const auto who = targets.size() == 1 ? "target " + quoted(targets.front().text()) + " has no state "
                                         : "none of these " + counted(targets.size(), "target") + " has a state ";
    throw Error(ErrorKind::usage,
                who + quoted(wanted.front()) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
}

CompileRequest request_of(const PrepareFrom& from) {
    const auto options = read(from.options);
    CompileRequest request;
    request.target = from.target;
    request.facts = from.facts;
    request.variables = options.variables;
    request.states = options.states;
    request.tags = options.tags;
    request.skip_tags = options.skip_tags;
    request.ad_hoc = options.ad_hoc;
    if (request.ad_hoc && request.ad_hoc->content) request.ad_hoc->bytes = from.given->at(request.ad_hoc->content->hash);
    return request;
}

// A run as it travels: in the message, or, where it is large beside all else there, as one of the contents.
std::optional<BlobRef> as_content(const Value& run, const TargetId& target, std::size_t beside, Contents& contents) {
    auto text = write_json(run);
    if (text.size() > most_bytes)
        throw Error(ErrorKind::catalog, "the states of " + quoted(target.text()) +
                                            " make more than 8 MiB, which is more than one run may have");
    if (text.size() + beside <= inline_bytes) return std::nullopt;
    const BlobRef blob{hash_of(text), text.size()};
    contents.emplace(blob.hash, std::make_shared<const std::string>(std::move(text)));
    return blob;
}

Prepared StatesCommand::prepare(const PrepareFrom& from) const {
    const auto options = read(from.options);
    auto compiled = from.snapshot->compiler->compile(request_of(from));
    Prepared prepared;
    prepared.type = MessageType::staterun;
    prepared.dry_run = options.mode == RunMode::plan;
    for (auto& [hash, blob] : compiled.blobs) prepared.contents.emplace(hash, std::move(blob));
    StatesBody body;
    body.mode = options.mode;
    // What was meant for once is not enforced.
    if (is_whole(options) && options.mode == RunMode::apply) body.offline_until_ms = from.offline_until_ms;
    body.secrets = opened_secrets(compiled.secrets, from.snapshot->secret_key);
    std::size_t secret_bytes = 0;
    for (const auto& [mark, secret] : body.secrets) secret_bytes += mark.size() + secret.size();
    if (secret_bytes > most_secret_bytes)
        throw Error(ErrorKind::catalog, "the secrets of " + quoted(from.target.text()) +
                                            " make more than 128 KiB, which is more than one run may have");
    auto run = to_value(*compiled.run);
    body.blob = as_content(run, from.target, secret_bytes, prepared.contents);
    if (!body.blob) body.run = std::move(run);
    prepared.body = to_value(body);
    return prepared;
}

PreparedPiece StatesCommand::late(const PrepareFrom& from, const LateRequest& asked) const {
    PreparedPiece prepared;
    try {
        auto compiled = from.snapshot->compiler->compile_late(request_of(from), asked);
        for (auto& [hash, blob] : compiled.blobs) prepared.contents.emplace(hash, std::move(blob));
        LateRequest made_from = asked;
        made_from.basis = compiled.basis;
        prepared.reply.key = key_of(made_from);
        prepared.reply.outside = compiled.piece.outside;
        auto run = to_value(compiled.piece.run);
        prepared.reply.blob = as_content(run, from.target, 0, prepared.contents);
        if (!prepared.reply.blob) prepared.reply.run = std::move(run);
    } catch (const CatalogError& error) {
        throw told_in_a_run(error);
    }
    return prepared;
}

Judged StatesCommand::judge(const Value& options, const JobResult& result, const Value& body) const {
    auto judged = judge_plainly(result);
    const auto* const report_value = body.is_mapping() ? body.find("report") : nullptr;
    if (report_value == nullptr) return judged;
    judged.report = std::make_shared<const RunReport>(run_report_from(*report_value));
    judged.whole = is_whole(read(options));
    const RunReport& report = *judged.report;
    const auto counts = count(report);
    judged.summary = summary_of(report);
    if (judged.end == TargetEnd::done && report.end == RunReport::End::failed) judged.end = TargetEnd::failed;
    if (judged.end == TargetEnd::failed) judged.cause = "report";
    if (judged.end == TargetEnd::failed && judged.reason.empty()) {
        const auto bad = static_cast<std::size_t>(counts.failed + counts.unproved);
        judged.reason = counted(bad, "state") + " failed";
    }
    return judged;
}

}  // namespace

std::unique_ptr<MasterCommand> states_command() {
    return std::make_unique<StatesCommand>();
}

}  // namespace prove
