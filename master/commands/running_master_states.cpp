// Looking at the states of targets: their graph, and what changed in them. In the front's thread, since it compiles.
#include <algorithm>

#include "common/text/text.hpp"
#include "master/commands/running_master.hpp"
#include "master/looking/catalog_diff.hpp"
#include "master/looking/run_graph.hpp"

namespace prove {

namespace {

constexpr std::size_t most_jobs_searched = 1'000;
constexpr std::size_t most_at_once = 20;

TargetId known_target(const std::string& name, const Snapshot& snapshot) {
    if (is_target_name(name) && snapshot.catalog->target(TargetId(name)) != nullptr) return TargetId(name);
    std::vector<std::string> names;
    for (const Target& target : snapshot.catalog->targets()) names.push_back(target.id.text());
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::missing,
                "the catalog has no target " + quoted(name) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
}

// `work` gives nothing where the answer comes later.
template <class Work>
void answer(const Reply<Value>& reply, Work work) {
    try {
        if (auto value = work()) reply({std::move(value), nullptr});
    } catch (const CatalogError& error) {
        reply({std::nullopt, std::make_shared<CatalogError>(error)});
    } catch (const Error& error) {
        reply({std::nullopt, std::make_shared<Error>(error)});
    }
}

}  // namespace

// Some targets of a question are compared in one go; then others have their turn in this thread.
struct RunningMaster::Comparing {
    std::shared_ptr<const Snapshot> after;
    std::string from;  // "": each target's last apply
    std::vector<NewJob::Meant> meant;
    Reply<Value> reply;
    std::size_t next = 0;
    DiffGroups groups;
    Value targets = Value::array();
};

// What has just been edited counts here too: once it is checked.
void RunningMaster::when_checked(std::function<void()> work) {
    front_([this, work = std::move(work)] { catalog_.look([this, work] { front_(work); }); });
}

void RunningMaster::graph(const Permit& permit, std::string target, Reply<Value> reply) {
    permit.expect(Permission::catalog_read);
    when_checked([this, target = std::move(target), reply = std::move(reply)] {
        answer(reply, [&] {
            const auto snapshot = catalog_.newest();
            CompileRequest request;
            request.target = known_target(target, *snapshot);
            request.facts = targets_.facts_of(request.target);
            return std::optional(to_value(graph_of(*snapshot->compiler->compile(request).run)));
        });
    });
}

void RunningMaster::diff(const Permit& permit, std::string expression, std::string from, Reply<Value> reply) {
    permit.expect(Permission::catalog_read);
    auto comparing = std::make_shared<Comparing>();
    comparing->from = std::move(from);
    comparing->reply = std::move(reply);
    when_checked([this, comparing, expression = std::move(expression)] {
        answer(comparing->reply, [&] {
            comparing->after = catalog_.newest();
            comparing->meant = targets_.choose(expression, comparing->after.get(), true);
            known_->add(comparing->after);
            if (!comparing->from.empty()) (void)known_->find(comparing->from);
            compare_some(comparing);
            return std::optional<Value>();
        });
    });
}

void RunningMaster::compare_some(const std::shared_ptr<Comparing>& comparing) {
    answer(comparing->reply, [&] {
        const std::size_t end = std::min(comparing->meant.size(), comparing->next + most_at_once);
        for (; comparing->next < end; ++comparing->next)
            comparing->targets.push(compare(*comparing, comparing->meant[comparing->next].name));
        if (end < comparing->meant.size()) {
            front_([this, comparing] { compare_some(comparing); });
            return std::optional<Value>();
        }
        const CatalogDiff diff = comparing->groups.take();
        Value groups = Value::array(), result = Value::object();
        for (const auto& group : diff.groups) groups.push(to_value(group));
        result.set("to", comparing->after->catalog->hash().hex());
        result.set("targets", std::move(comparing->targets));
        result.set("same", static_cast<std::int64_t>(diff.same));
        result.set("groups", std::move(groups));
        return std::optional(std::move(result));
    });
}

// The newest job that applied states to it and that its agent took; one that only asked for some of them does not count.
std::optional<JobRow> RunningMaster::last_apply(const TargetId& target) const {
    JobFilter filter;
    filter.operation = "states";
    filter.target = target.text();
    filter.limit = most_jobs_searched;
    for (const JobRow& job : store_.jobs(filter)) {
        const auto is_given = [&](const char* name) {
            const Value* list = job.options.find(name);
            return list != nullptr && list->is_list() && !list->list().empty();
        };
        if (job.options.at("mode").text() != "apply" || is_given("states") || is_given("tags") ||
            is_given("skip_tags") || job.options.find("state") != nullptr)
            continue;
        for (const auto& row : store_.job_targets(job.id))
            if (row.target == target && row.accepted_ms != 0) return job;
    }
    return std::nullopt;
}

// With what it was compared, or why it was not.
Value RunningMaster::compare(Comparing& comparing, const TargetId& target) const {
    Value result = Value::object();
    result.set("target", target.text());
    try {
        std::string hash = comparing.from;
        if (hash.empty()) {
            const auto job = last_apply(target);
            if (!job)
                throw Error(ErrorKind::missing,
                            "no states were applied to " + quoted(target.text()) +
                                " that the master remembers, so there is nothing to compare with; name a "
                                "catalog with --against, or see what is there: prove-cli states plan " +
                                target.text());
            hash = job->catalog;
            result.set("job", job->id.text());
            result.set("job_ms", job->created_ms);
        }
        const auto before = known_->find(hash);
        result.set("from", before->catalog->hash().hex());
        const Snapshot& after = *comparing.after;
        const CatalogComparison comparison({*before->catalog, *before->compiler}, {*after.catalog, *after.compiler});
        if (auto group = comparison.compare(target, targets_.facts_of(target)))
            comparing.groups.add(std::move(*group));
        else
            comparing.groups.add_same();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::missing || comparing.meant.size() == 1) throw;
        result.set("reason", error.text());
    }
    return result;
}

}  // namespace prove
