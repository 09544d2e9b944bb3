// prove-cli diff: what a change of the catalog means for its targets.
#include <CLI/CLI.hpp>

#include <optional>
#include <set>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/catalog_version.hpp"
#include "master/cli/command_line.hpp"
#include "master/looking/catalog_diff.hpp"

namespace prove {

namespace {

struct Wanted {
    std::vector<std::string> words;
    std::string against, targets;
    bool detailed = false;
};

struct Versions {
    std::string before, after, beside;
};

// Two words are two versions; with --against the newer one is --catalog.
Versions versions_of(const Invocation& invocation, const Wanted& wanted) {
    const std::string& catalog = invocation.options.catalog;
    if (wanted.words.size() == 2) {
        if (!wanted.against.empty())
            throw Error(ErrorKind::usage, "'--against' and two versions are given; either is enough");
        return {wanted.words[0], wanted.words[1], catalog.empty() ? "." : catalog};
    }
    if (wanted.against.empty())
        throw Error(ErrorKind::usage,
                    "against what? give '--against VERSION', which is a directory or a Git revision, or two versions");
    return {wanted.against, invocation.catalog(), invocation.catalog()};
}

std::vector<TargetId> chosen(CatalogVersion& before, CatalogVersion& after, const std::string& expression) {
    std::vector<TargetId> all = targets_of_both(before.local().catalog(), after.local().catalog());
    if (expression.empty()) return all;
    // A target that is in one of them only is no unknown name.
    std::set<std::string> found;
    std::optional<Error> wrong;
    int failed = 0;
    for (LocalCatalog* local : {&after.local(), &before.local()}) {
        try {
            for (std::string& name : local->found(expression)) found.insert(std::move(name));
        } catch (const Error& error) {
            if (++failed == 1) wrong = error;
        }
    }
    if (failed == 2) throw Error(*wrong);
    if (found.empty()) throw Error(ErrorKind::usage, prove::quoted(expression) + " matches no target of either version");
    std::erase_if(all, [&](const TargetId& target) { return found.count(target.text()) == 0; });
    return all;
}

std::string counts_of(const CatalogDiff& diff, std::size_t targets) {
    std::vector<std::string> words;
    for (const auto& [kind, word] :
         {std::pair{CatalogDiff::Kind::changed, "changed"}, std::pair{CatalogDiff::Kind::added, "added"},
          std::pair{CatalogDiff::Kind::removed, "removed"}, std::pair{CatalogDiff::Kind::broken, "broken"},
          std::pair{CatalogDiff::Kind::mended, "mended"}, std::pair{CatalogDiff::Kind::broken_still, "broken before and after"}}) {
        std::size_t count = 0;
        for (const auto& group : diff.groups) count += group.kind == kind ? group.targets.size() : 0;
        if (count != 0) words.push_back(std::to_string(count) + " " + word);
    }
    words.push_back(std::to_string(diff.same) + " the same");
    return counted(targets, "target") + ": " + join(words, ", ");
}

ExitCode show(Console& console, const CatalogDiff& diff, std::size_t targets, bool detailed) {
    bool broken = false;
    for (const auto& group : diff.groups) {
        broken = broken || !group.problems.empty();
        if (!console.text()) console.object(to_value(group));
    }
    if (console.text()) {
        const std::string text = diff_text(diff);
        console.raw(text, false);
        if (!console.quiet()) console.line((text.empty() ? "" : "\n") + counts_of(diff, targets));
    }
    if (broken) return ExitCode::catalog;
    return detailed && !diff.groups.empty() ? ExitCode::plan_has_changes : ExitCode::well;
}

// Of the catalog that the master has in force, against that of each target's last apply, or against the catalog named.
ExitCode diff_of_master(Invocation& invocation, const Wanted& wanted) {
    if (wanted.words.size() > 1)
        throw Error(ErrorKind::usage, "'diff' takes one EXPR here, or two versions of which the first is a directory or "
                                      "in a Git work tree: say --catalog DIR for the revisions of DIR");
    if (wanted.words.empty() && wanted.against.empty())
        throw Error(ErrorKind::usage, "which targets? say TARGET for what changed since its last run, or '*'");
    ApiClient client(invocation.socket());
    std::map<std::string, std::string> query = {{"match", wanted.words.empty() ? "*" : wanted.words[0]}};
    if (!wanted.against.empty()) query["from"] = wanted.against;
    const Value answer = client.get("/v1/diff", query);
    CatalogDiff diff;
    for (const Value& group : answer.at("groups").list()) diff.groups.push_back(diff_group_from(group));
    diff.same = static_cast<std::size_t>(answer.at("same").integer());
    std::size_t compared = 0;
    for (const Value& target : answer.at("targets").list())
        if (const Value* reason = target.find("reason"))  // those that never ran have nothing to be compared with
            invocation.console.note(target.at("target").text() + ": " + reason->text());
        else
            ++compared;
    return show(invocation.console, diff, compared, wanted.detailed);
}

ExitCode diff(Invocation& invocation, const Wanted& wanted) {
    const bool local = invocation.needs_no_master() || (wanted.words.size() == 2 && invocation.options.master.empty());
    if (!local) return diff_of_master(invocation, wanted);
    const Versions versions = versions_of(invocation, wanted);
    const auto inventories = invocation.needs_no_master() ? invocation.place().inventories : std::vector<Inventory>();
    CatalogVersion before(versions.before, versions.beside, inventories), after(versions.after, versions.beside, inventories);
    const std::string expression = wanted.words.size() == 1 ? wanted.words[0] : wanted.targets;
    const CatalogComparison comparison({before.local().catalog(), before.local().compiler()},
                                       {after.local().catalog(), after.local().compiler()});
    const auto targets = chosen(before, after, expression);
    DiffGroups groups;
    for (const TargetId& target : targets) {
        if (auto group = comparison.compare(target, after.local().facts()))
            groups.add(std::move(*group));
        else
            groups.add_same();
    }
    return show(invocation.console, groups.take(), targets.size(), wanted.detailed);
}

}  // namespace

void add_diff(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(line.app(), "diff", "what a change of the catalog means for its targets",
                                 "  prove-cli diff web1\n"
                                 "  prove-cli --catalog . diff --against HEAD\n"
                                 "  prove-cli --catalog . diff 'web*' --against /srv/catalog.old\n"
                                 "  prove-cli --catalog . diff v1.4 v1.5",
                                 [wanted](Invocation& invocation) { return diff(invocation, *wanted); });
    command.add_option("WHAT", wanted->words, "targets (an EXPR; all where it is left out), or two versions, the older one first")
        ->expected(0, 2);
    command.add_option("--against", wanted->against, "compare with this older version: a directory or a Git revision; without --catalog a hash that the master knows");
    command.add_option("--targets", wanted->targets, "with two versions: only these targets");
    command.add_flag("--detailed-exit-code", wanted->detailed, "exit code 6 where something differs");
}

}  // namespace prove
