// Compiling for a target, and running what came out. See the header.
#include "master/cli/catalog_run.hpp"

#include "common/keys/secret.hpp"
#include "master/catalog/secret_token.hpp"
#include "master/cli/command_line.hpp"
#include "master/compile/ad_hoc.hpp"
#include "proto/messages.hpp"

namespace prove {

// Late states are compiled here, too: by what the run itself was made from, once it was.
class CatalogRun::Late final : public LateSource {
  public:
    Late(const Compiler& compiler, HeldContent& content) : compiler_(compiler), content_(content) {}
    void expect(CompileRequest request) { request_ = std::move(request); }
    LatePiece piece(const LateRequest& asked) override {
        try {
            CompiledPiece compiled = compiler_.compile_late(request_, asked);
            content_.add(compiled.blobs);
            return std::move(compiled.piece);
        } catch (const CatalogError& error) {
            throw told_in_a_run(error);
        }
    }

  private:
    const Compiler& compiler_;
    CompileRequest request_;
    HeldContent& content_;
};

CatalogRun::CatalogRun(LocalCatalog& catalog, std::string target, const JobWanted& wanted)
    : catalog_(catalog),
      target_(std::move(target)),
      wanted_(wanted),
      late_(std::make_unique<Late>(catalog.compiler(), content_)),
      body_(wanted.options),
      prepared_(!is_states()) {}

CatalogRun::~CatalogRun() = default;

CompileRequest CatalogRun::request(const Value& facts) const {
    CompileRequest request;
    request.target = TargetId(target_);
    request.facts = facts;
    if (const Value* variables = wanted_.options.find("variables")) request.variables = *variables;
    const auto choose = [&](const char* name, std::vector<std::string>& chosen) {
        if (const Value* names = wanted_.options.find(name))
            for (const auto& one : names->list()) chosen.push_back(one.text());
    };
    choose("states", request.states);
    choose("tags", request.tags);
    choose("skip_tags", request.skip_tags);
    if (const Value* state = wanted_.options.find("state")) {
        request.ad_hoc = ad_hoc_from(*state);
        request.ad_hoc->bytes = wanted_.content;
    }
    return request;
}

void CatalogRun::prepare(const Value& facts) {
    if (prepared_) return;
    const std::lock_guard lock(compiling_);
    const CompileRequest wanted = request(facts);
    Compiled compiled = catalog_.compiler().compile(wanted);
    content_.add(compiled.blobs);
    late_->expect(wanted);
    StatesBody states;
    states.mode = wanted_.options.at("mode").text() == "apply" ? RunMode::apply : RunMode::plan;
    states.run = to_value(*compiled.run);
    if (!compiled.secrets.empty()) protect_process_memory();
    states.secrets = opened_secrets(compiled.secrets, default_secret_key());
    body_ = to_value(states);
    prepared_ = true;
}

void CatalogRun::look_ahead() {
    if (!is_states()) return;
    const std::lock_guard lock(compiling_);
    try {
        (void)catalog_.compiler().compile(request(Value()));
    } catch (const Error&) {
        // Told when it is compiled in earnest.
    }
}

ActionResult CatalogRun::carry_out(Executor& executor, ActionEvents& events, const Cancellation& cancellation) {
    const std::unique_ptr<Session> session = executor.open(TargetId(target_), content_, late_.get(), cancellation);
    if (!prepared_) {
        const ActionResult facts = ask_facts(*session, cancellation);
        if (facts.end != JobResult::End::done) return {facts.end, facts.reason, {}};
        prepare(facts.body.at("facts"));
    }
    return session->run(wanted_.operation, body_, events, cancellation);
}

}  // namespace prove
