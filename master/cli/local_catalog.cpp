// A catalog in this process.
#include "master/cli/local_catalog.hpp"

#include "agent/facts/facts.hpp"
#include "agent/host/linux_host.hpp"
#include "common/text/text.hpp"
#include "common/time/clock.hpp"
#include "master/catalog/target_expression.hpp"

namespace prove {

// Without a master nothing is known of other machines: their facts are null, their status unknown.
struct LocalCatalog::Directory final : TargetDirectory {
    Value facts_of(const TargetId&) const override { return {}; }
    std::string status_of(const TargetId&) const override { return "unknown"; }
};

LocalCatalog::LocalCatalog(const CatalogPlace& place)
    : catalog_(Catalog::load(place.directory, place.inventories)),
      functions_(all_functions()),
      memory_(std::make_shared<CompileMemory>()),
      renderer_(make_renderer(catalog_, 2, {}, memory_->renderings())),
      directory_(std::make_unique<Directory>()),
      compiler_(std::make_unique<Compiler>(catalog_, functions_, *renderer_, *directory_, memory_)) {}

LocalCatalog::~LocalCatalog() = default;

const Value& LocalCatalog::facts() {
    if (facts_.is_null()) {
        const SystemClock clock;
        facts_ = gather_facts(LinuxHost(clock)).values;
    }
    return facts_;
}

const Value& LocalCatalog::facts_of(const Target& target) {
    static const Value unknown;
    return target.executor == "ssh" ? unknown : facts();
}

std::vector<std::string> LocalCatalog::found(const std::string& text) {
    const TargetExpression expression = TargetExpression::parse(text);
    std::vector<std::string> all, found;
    for (const Target& target : catalog_->targets()) {
        all.push_back(target.id.text());
        const ResolvedTarget resolved = catalog_->resolve(target.id, facts_of(target));
        const Value variables = expression.uses_variables() ? compiler_->variables_of(target.id, facts_of(target)) : Value();
        TargetView view;
        view.name = target.id.text();
        view.host = target.host;
        view.executor = target.executor;
        view.status = status_of(*directory_, target);
        view.roles = resolved.roles;
        view.groups = resolved.groups;
        const Value& known = facts_of(target);
        view.facts = known.is_null() ? nullptr : &known;
        view.variables = expression.uses_variables() ? &variables : nullptr;
        if (expression.matches(view)) found.push_back(target.id.text());
    }
    expression.check_names(all);
    return found;
}

std::vector<std::string> LocalCatalog::matching(const std::string& text) {
    auto names = found(text);
    if (names.empty())
        throw Error(ErrorKind::usage, prove::quoted(text) + " matches no target; see: prove-cli --catalog DIR targets");
    return names;
}

std::string LocalCatalog::one(const std::string& text) {
    const auto names = matching(text);
    if (names.size() > 1)
        throw Error(ErrorKind::usage, "this looks at one target, and " + prove::quoted(text) + " means " +
                                          counted(names.size(), "target") + ": " + names[0] + ", " + names[1] +
                                          (names.size() > 2 ? " ..." : ""));
    return names.front();
}

Value local_targets(const CatalogPlace& place, const std::string& expression) {
    LocalCatalog local(place);
    Value rows = Value::array();
    for (const auto& name : local.found(expression)) {
        const Target& target = *local.catalog().target(TargetId(name));
        const ResolvedTarget resolved = local.catalog().resolve(target.id, local.facts_of(target));
        Value row = Value::object();
        row.set("name", name);
        row.set("host", target.host);
        row.set("executor", target.executor);
        row.set("in_catalog", true);
        row.set("status", target.executor == "ssh" ? "ssh" : "unknown");
        const auto list = [](const std::vector<std::string>& texts) {
            Value result = Value::array();
            for (const auto& text : texts) result.push(text);
            return result;
        };
        row.set("groups", list(resolved.groups));
        row.set("roles", list(resolved.roles));
        rows.push(std::move(row));
    }
    return rows;
}

}  // namespace prove
