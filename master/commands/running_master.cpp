// Jobs: asked for, shown, watched, cancelled.
#include "master/commands/running_master.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "common/time/new_job.hpp"
#include "proto/diagnostics_value.hpp"

namespace prove {

namespace {

constexpr std::int64_t default_wait_ms = 10'000;
constexpr std::int64_t longest_life_ms = 7LL * 24 * 3600 * 1000;

template <class T>
void fail(const Reply<T>& reply, const Error& error) {
    if (const auto* catalog = dynamic_cast<const CatalogError*>(&error))
        reply({std::nullopt, std::make_shared<CatalogError>(*catalog)});
    else
        reply({std::nullopt, std::make_shared<Error>(error)});
}

// Those that a job can reach; nothing where one of them was never seen over ssh: what its facts make of its states is
// known only once it is reached.
std::optional<std::vector<TargetId>> known_names(const std::vector<NewJob::Meant>& targets, const TargetList& known) {
    std::vector<TargetId> names;
    for (const auto& target : targets) {
        if (!target.refused.empty()) continue;
        if (target.carried && known.facts_of(target.name).is_null()) return std::nullopt;
        names.push_back(target.name);
    }
    return names;
}

std::vector<TargetId> names_of(const std::vector<NewJob::Meant>& targets) {
    std::vector<TargetId> names;
    for (const auto& target : targets) names.push_back(target.name);
    return names;
}

}  // namespace

struct RunningMaster::Watches {
    std::mutex mutex;
    std::map<JobId, std::map<std::uint64_t, std::function<void()>>> of_job;
    std::uint64_t next = 0;
};

class RunningMaster::OneWatch final : public Watch {
  public:
    OneWatch(std::shared_ptr<Watches> watches, const JobId& job, std::function<void()> changed)
        : watches_(std::move(watches)), job_(job) {
        const std::lock_guard lock(watches_->mutex);
        number_ = watches_->next++;
        watches_->of_job[job_][number_] = std::move(changed);
    }
    ~OneWatch() override {
        const std::lock_guard lock(watches_->mutex);
        auto& watches = watches_->of_job[job_];
        watches.erase(number_);
        if (watches.empty()) watches_->of_job.erase(job_);
    }

  private:
    std::shared_ptr<Watches> watches_;
    JobId job_;
    std::uint64_t number_ = 0;
};

RunningMaster::RunningMaster(Parts parts, MasterPin pin, std::string fingerprint)
    : clock_(parts.clock),
      random_(parts.random),
      store_(parts.store),
      keys_(parts.keys),
      desk_(parts.desk),
      dispatch_(parts.dispatch),
      catalog_(parts.catalog),
      commands_(parts.commands),
      operations_(parts.operations),
      targets_(parts.targets),
      authorizer_(parts.authorizer),
      pauses_(parts.store, parts.targets, parts.clock),
      loop_(std::move(parts.loop)),
      front_(std::move(parts.front)),
      pin_(std::move(pin)),
      fingerprint_(std::move(fingerprint)),
      version_(std::move(parts.version)),
      given_(parts.clock),
      schedules_({clock_, store_, dispatch_, catalog_, targets_, pauses_, authorizer_, loop_, front_,
                  [this](const Permit& permit, JobAsked asked, Dispatch::RunMade made) {
                      submit_for_agent(permit, std::move(asked), std::move(made));
                  }}),
      schedule_clock_({clock_, store_, targets_, pauses_, std::move(parts.log),
                       // By way of the loop, which is there for as long as the store answers.
                       [loop = loop_, front = front_](std::function<void()> work) {
                           loop([front, work = std::move(work)] { front(work); });
                       },
                       [this](const ClockedRun& run, std::function<void(ScheduleClock::Made)> made) {
                           ask_for_carried(run, std::move(made));
                       }}),
      watches_(std::make_shared<Watches>()) {
    dispatch_.on_events([this](const std::set<JobId>& jobs) { told(jobs); });
    dispatch_.on_run_request([this](const TargetId& agent, const RunRequest& request, Dispatch::RunMade made) {
        if (request.scheduled) return schedules_.asked(agent, request, std::move(made));
        run_for_agent(agent, request.mode, std::move(made));
    });
    dispatch_.on_sheet([this](const TargetId& agent, const std::string& held) { schedules_.told_sheet(agent, held); });
    catalog_.on_change([this] { schedules_.changed(); });
}

Permission RunningMaster::permission_for(const JobAsked& asked) const {
    const auto& command = commands_.find(asked.operation);
    return command.permission(command.checked(asked.options));
}

BlobRef RunningMaster::give_content(const Permit& permit, std::string bytes) {
    permit.expect(Permission::cmd);
    return given_.add(std::move(bytes));
}

// In the front's thread.
NewJob RunningMaster::make_job(const Permit& permit, const JobAsked& asked) {
    const auto& command = commands_.find(asked.operation);
    NewJob job;
    job.row.options = command.checked(asked.options);
    permit.expect(command.permission(job.row.options));
    const auto lifetime = asked.lifetime_ms.value_or(command.lifetime_ms());
    if (lifetime <= 0 || lifetime > longest_life_ms)
        throw Error(ErrorKind::usage, "a job lives more than 0 and at most 7 days");
    const auto snapshot = !command.needs_catalog() ? catalog_.usable()
                          : asked.in_force         ? catalog_.in_force()
                                                   : catalog_.newest();
    job.targets = targets_.choose(asked.expression, snapshot.get(), command.needs_catalog());
    if (const auto names = known_names(job.targets, targets_))
        command.check_targets(job.row.options, snapshot.get(), *names, targets_);
    job.row.id = new_job_id(clock_.wall_ms(), random_);
    job.row.operation = asked.operation;
    job.row.expression = asked.expression;
    if (asked.scheduled) {
        job.row.schedule = asked.scheduled->schedule;
        job.row.slot_ms = asked.scheduled->due_ms;
    }
    job.row.who = permit.who();
    job.row.from = permit.from();
    job.row.created_ms = clock_.wall_ms();
    job.row.not_after_ms = job.row.created_ms + lifetime;
    job.row.wait_ms = asked.wait_ms.value_or(default_wait_ms);
    // How targets are reached without an agent is the catalog's word, whatever they are to do.
    const bool any_carried =
        std::any_of(job.targets.begin(), job.targets.end(), [](const auto& target) { return target.carried; });
    if (command.needs_catalog() || any_carried) {
        job.row.catalog = snapshot->catalog->hash().hex();
        known_->add(snapshot);
    }
    job.permission = name_of(permit.permission());
    job.preparer = operations_.preparer(asked.operation, job.row.options, job.row.catalog.empty() ? nullptr : snapshot,
                                        given_.find(command.contents(job.row.options)));
    return job;
}

void RunningMaster::submit(const Permit& permit, JobAsked asked, Reply<JobMade> reply) {
    if (stopping_) return fail(reply, Error(ErrorKind::unavailable, "the master is stopping"));
    front_([this, permit, asked = std::move(asked), reply = std::move(reply)] {
        const auto go_on = [this, permit, asked, reply] { submit_now(permit, asked, reply); };
        try {
            // What has just been edited counts for this job, or is told to be wrong: it waits for the check of it.
            if (!commands_.find(asked.operation).needs_catalog()) return go_on();
            catalog_.look([this, go_on] { front_(go_on); });
        } catch (const Error& error) {
            fail(reply, error);
        }
    });
}

// In the front's thread.
void RunningMaster::submit_now(const Permit& permit, const JobAsked& asked, const Reply<JobMade>& reply) {
    try {
        auto job = std::make_shared<NewJob>(make_job(permit, asked));
        auto paused = pauses_.views(names_of(job->targets), catalog_.current().get());
        std::erase_if(paused, [](const PauseView& view) { return view.targets.empty(); });
        loop_([this, job, reply, paused] {
            const JobMade made{job->row.id, job->targets.size(), paused};
            dispatch_.submit(std::move(*job), [reply, made](const Error* error) {
                if (error != nullptr) return fail(reply, *error);
                reply({made, nullptr});
            });
            dispatch_.settle();
        });
    } catch (const Error& error) {
        fail(reply, error);
    }
}

// From the loop's thread; back into it with the answer.
void RunningMaster::run_for_agent(const TargetId& agent, RunMode mode, Dispatch::RunMade made) {
    const auto snapshot = catalog_.current();
    const auto* const target = snapshot ? snapshot->catalog->target(agent) : nullptr;
    if (target != nullptr && target->executor == "ssh")
        return made({{}, "the catalog says 'executor: ssh' for it, so its runs come through ssh and not from its agent"});
    JobAsked asked;
    asked.operation = "states";
    asked.expression = agent.text();
    asked.options.set("mode", Value(name_of(mode)));
    asked.in_force = true;  // nobody sits there who could mend a newer one
    const auto permission = mode == RunMode::plan ? Permission::states_plan : Permission::states_apply;
    submit_for_agent(authorizer_.authorize_own_run(agent, permission), asked, std::move(made));
}

void RunningMaster::submit_for_agent(const Permit& permit, JobAsked asked, Dispatch::RunMade made) {
    submit(permit, std::move(asked), [this, made = std::move(made)](Answer<JobMade> answer) {
        const auto id = answer.value ? answer.value->id : JobId();
        const auto error = answer.error ? answer.error->full_text() : std::string();
        const bool for_now = answer.error && (answer.error->kind() == ErrorKind::full || answer.error->kind() == ErrorKind::unavailable);
        loop_([this, made, id, error, for_now] {
            made({id, error, false, for_now});
            if (!error.empty()) return;
            own_runs_[id] = made;
            tell_if_never_sent(id);
        });
    });
}

// The reason, and of a catalog's errors as many as a reply has room for.
std::string RunningMaster::why_never_sent(const JobTargetRow& row) const {
    constexpr std::size_t room = 3'000;
    std::string why = row.reason.empty() ? name_of(row.end) : row.reason;
    const auto result = store_.result(row.job, row.target);
    const Value body = result ? read_json(result->body) : Value::object();
    const Value* diagnostics = body.find("diagnostics");
    if (diagnostics == nullptr) return why;
    for (const auto& diagnostic : diagnostics_from(*diagnostics).sorted()) {
        const std::string text = "\n" + diagnostic.full_text();
        if (why.size() + text.size() > room) break;
        why += text;
    }
    return why;
}

// An agent waits for the run that it asked for. One that ends before anything was sent to it (its states do not
// compile, say) it would wait for in vain. In the loop's thread.
void RunningMaster::tell_if_never_sent(const JobId& id) {
    const auto asked = own_runs_.find(id);
    if (asked == own_runs_.end()) return;
    for (const auto& row : store_.job_targets(id)) {
        if (row.phase != TargetPhase::ended) return;
        if (row.accepted_ms == 0) asked->second({id, why_never_sent(row)});
    }
    own_runs_.erase(asked);
}

template <class T>
void RunningMaster::in_loop(Reply<T> reply, std::function<void(Reply<T>)> work) {
    loop_([this, reply = std::move(reply), work = std::move(work)] {
        try {
            work(reply);
        } catch (const Error& error) {
            fail(reply, error);
        }
        dispatch_.settle();
    });
}

void RunningMaster::cancel(const Permit& permit, const JobId& job, std::optional<TargetId> only, Reply<Nothing> reply) {
    permit.expect(Permission::jobs_cancel);
    const Decider by{permit.who(), permit.from()};
    in_loop<Nothing>(std::move(reply), [this, job, only = std::move(only), by](Reply<Nothing> answer) {
        if (!store_.job(job)) throw Error(ErrorKind::missing, "there is no job " + job.short_text());
        dispatch_.cancel(job, only, by, [answer](const Error* error) {
            if (error != nullptr) return fail(answer, *error);
            answer({Nothing{}, nullptr});
        });
    });
}

JobId RunningMaster::find_job(const std::string& text) const {
    const auto found = text.empty() ? std::vector<JobId>{} : store_.jobs_beginning(lower(text), 5);
    if (found.size() == 1) return found.front();
    if (found.empty())
        throw Error(ErrorKind::missing, "there is no job " + quoted(text) + "; see: prove-cli jobs list");
    std::string several;
    for (const auto& id : found) several += " " + id.short_text();
    throw Error(ErrorKind::usage, quoted(text) + " begins several jobs:" + several);
}

std::vector<JobView> RunningMaster::jobs(const Permit& permit, const JobFilter& filter) const {
    permit.expect(Permission::jobs_read);
    std::vector<JobView> views;
    for (auto& row : store_.jobs(filter)) {
        auto ends = row.ended ? row.ends : store_.job_ends(row.id);
        views.push_back({std::move(row), std::move(ends), {}});
    }
    return views;
}

JobView RunningMaster::job(const Permit& permit, const JobId& id) const {
    permit.expect(Permission::jobs_read);
    auto row = store_.job(id);
    if (!row) throw Error(ErrorKind::missing, "there is no job " + id.short_text());
    return {std::move(*row), store_.job_ends(id), store_.job_targets(id)};
}

std::optional<ResultRow> RunningMaster::result(const Permit& permit, const JobId& id, const TargetId& target) const {
    permit.expect(Permission::jobs_read);
    return store_.result(id, target);
}

std::vector<EventRow> RunningMaster::events(const Permit& permit, const JobId& id, std::uint64_t after,
                                            std::size_t limit) const {
    permit.expect(Permission::jobs_read);
    return store_.events(id, after, limit);
}

bool RunningMaster::has_ended(const Permit& permit, const JobId& id) const {
    permit.expect(Permission::jobs_read);
    const auto row = store_.job(id);
    return !row || row->ended;  // forgotten: nothing comes any more
}

std::unique_ptr<Watch> RunningMaster::watch(const Permit& permit, const JobId& id, std::function<void()> changed) {
    permit.expect(Permission::jobs_read);
    return std::make_unique<OneWatch>(watches_, id, std::move(changed));
}

void RunningMaster::told(const std::set<JobId>& jobs) {
    for (const auto& id : jobs) tell_if_never_sent(id);
    schedules_.told(jobs);
    // With the lock held, so that a watch is not called any more once it is gone.
    const std::lock_guard lock(watches_->mutex);
    for (const auto& id : jobs) {
        const auto found = watches_->of_job.find(id);
        if (found == watches_->of_job.end()) continue;
        for (const auto& [number, changed] : found->second) changed();
    }
}

}  // namespace prove
