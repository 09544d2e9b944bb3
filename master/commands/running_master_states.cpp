// Looking at the states of one target: their graph, and what changed in them. In the front's thread, since it compiles.
#include "common/text/text.hpp"
#include "master/commands/running_master.hpp"
#include "master/looking/catalog_diff.hpp"
#include "master/looking/run_graph.hpp"

namespace prove {

namespace {

constexpr std::size_t most_jobs_searched = 1'000;

TargetId known_target(const std::string& name, const Snapshot& snapshot) {
    if (is_target_name(name) && snapshot.catalog->target(TargetId(name)) != nullptr) return TargetId(name);
    std::vector<std::string> names;
    for (const Target& target : snapshot.catalog->targets()) names.push_back(target.id.text());
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::missing,
                "the catalog has no target " + quoted(name) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
}

template <class Work>
void answer(const Reply<Value>& reply, Work work) {
    try {
        reply({work(), nullptr});
    } catch (const CatalogError& error) {
        reply({std::nullopt, std::make_shared<CatalogError>(error)});
    } catch (const Error& error) {
        reply({std::nullopt, std::make_shared<Error>(error)});
    }
}

}  // namespace

// What has just been edited counts here too: once it is checked.
void RunningMaster::answer_from_newest(Reply<Value> reply, std::function<Value()> work) {
    front_([this, reply = std::move(reply), work = std::move(work)] {
        catalog_.look([this, reply, work] { front_([reply, work] { answer(reply, work); }); });
    });
}

void RunningMaster::graph(const Permit& permit, std::string target, Reply<Value> reply) {
    permit.expect(Permission::catalog_read);
    answer_from_newest(std::move(reply), [this, target = std::move(target)] {
        const auto snapshot = catalog_.newest();
        CompileRequest request;
        request.target = known_target(target, *snapshot);
        request.facts = targets_.facts_of(request.target);
        return to_value(graph_of(*snapshot->compiler->compile(request).run));
    });
}

void RunningMaster::diff(const Permit& permit, std::string target, std::string from, Reply<Value> reply) {
    permit.expect(Permission::catalog_read);
    answer_from_newest(std::move(reply), [this, target = std::move(target), from = std::move(from)] {
        return difference(TargetId(target), from);
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
        if (job.options.at("mode").text() != "apply" || is_given("states") || is_given("tags") || is_given("skip_tags"))
            continue;
        for (const auto& row : store_.job_targets(job.id))
            if (row.target == target && row.accepted_ms != 0) return job;
    }
    return std::nullopt;
}

Value RunningMaster::difference(const TargetId& asked, const std::string& from) const {
    const auto after = catalog_.newest();
    const TargetId target = known_target(asked.text(), *after);
    Value result = Value::object();
    result.set("target", target.text());
    std::string hash = from;
    if (from.empty()) {
        const auto job = last_apply(target);
        if (!job)
            throw Error(ErrorKind::missing, "no states were applied to " + quoted(target.text()) +
                                                " that the master remembers, so there is nothing to compare with; name a "
                                                "catalog with --against, or see what is there: prove-cli states plan " +
                                                target.text());
        hash = job->catalog;
        result.set("job", job->id.text());
        result.set("job_ms", job->created_ms);
    }
    known_->add(after);
    const auto before = known_->find(hash);
    result.set("from", before->catalog->hash().hex());
    result.set("to", after->catalog->hash().hex());
    const CatalogComparison comparison({*before->catalog, *before->compiler}, {*after->catalog, *after->compiler});
    if (const auto group = comparison.compare(target, targets_.facts_of(target))) result.set("group", to_value(*group));
    return result;
}

}  // namespace prove
