// The section `groups`: targets by what they are called or what they are, and what they all get.
#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

using Kind = TargetExpression::Kind;

void read_globs(Shape& shape, Group& group) {
    std::vector<std::string> globs;
    for (const auto& glob : shape.names("glob")) {
        if (!is_valid_glob(glob.name))
            shape.error(glob.position,
                        "the pattern " + quoted(glob.name) + " has a '[' without its ']', or ends in '\\'");
        globs.push_back(glob.name);
    }
    group.expression = TargetExpression::of_globs(std::move(globs));
}

void read_regex(Shape& shape, Group& group) {
    const auto pattern = shape.text("regex");
    if (!pattern) return;
    try {
        group.expression = TargetExpression::of_regex(*pattern);
    } catch (const Error& error) {
        shape.error(shape.find("regex")->position(), "the regular expression is wrong: " + error.text());
    }
}

// A group may look at names, facts and earlier groups: all else depends on the groups themselves.
void check_match(Shape& shape, const Group& group, const CatalogParts& parts) {
    const auto& position = shape.find("match")->position();
    const std::pair<Kind, const char*> refused[] = {
        {Kind::role, "role:"}, {Kind::variable, "var:"}, {Kind::executor, "executor:"}, {Kind::status, "status:"}};
    for (const auto& [kind, name] : refused)
        if (group.expression->uses(kind))
            shape.error(position, std::string("a group matches by names, fact: and group:, not by ") + name +
                                      ", which may depend on groups itself");
    std::vector<std::string> earlier;
    for (const auto& other : parts.groups) earlier.push_back(other.name);
    for (const auto& name : group.expression->literals(Kind::group))
        if (std::find(earlier.begin(), earlier.end(), name) == earlier.end())
            shape.error(position, "no group above this one is called " + quoted(name) +
                                      suggestion(name, earlier, "groups above it"));
}

// Facts also decide where an earlier group that matches by facts is asked for.
bool depends_on_facts(const TargetExpression& expression, const CatalogParts& parts) {
    if (expression.uses_facts()) return true;
    const auto patterns = expression.patterns(Kind::group);
    return std::any_of(parts.groups.begin(), parts.groups.end(), [&](const Group& other) {
        return other.by_facts && std::any_of(patterns.begin(), patterns.end(),
                                             [&](const auto& pattern) { return glob_matches(pattern, other.name); });
    });
}

void read_match(Shape& shape, Group& group, const CatalogParts& parts) {
    const auto text = shape.text("match");
    if (!text) return;
    try {
        group.expression = TargetExpression::parse(*text);
        group.by_facts = depends_on_facts(*group.expression, parts);
        check_match(shape, group, parts);
    } catch (const ExpressionError& error) {
        report_expression(*shape.find("match"), error, parts, shape);
    }
}

void read_members(Shape& shape, Group& group, const CatalogParts& parts) {
    const std::vector<std::string> ways{"glob", "regex", "list", "match"};
    std::vector<std::string> given;
    std::copy_if(ways.begin(), ways.end(), std::back_inserter(given),
                 [&](const auto& way) { return shape.find(way) != nullptr; });
    if (given.size() != 1) {
        const auto found = given.empty() ? "found none" : "found " + join_words(given);
        return shape.error(group.position,
                           "a group says by one of 'glob', 'regex', 'list' and 'match' who is in it, " + found);
    }
    if (given[0] == "glob") read_globs(shape, group);
    if (given[0] == "regex") read_regex(shape, group);
    if (given[0] == "match") read_match(shape, group, parts);
    if (given[0] == "list") {
        group.list_refs = shape.names("list");
        for (const auto& ref : group.list_refs) group.list.insert(ref.name);
    }
}

void read_group(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    const auto* const name = value.is_mapping() ? value.find("name") : nullptr;
    if (name == nullptr || !name->is_text() || !is_plain_name(name->text())) {
        const auto& position = name == nullptr ? value.position() : name->position();
        diagnostics.error(position, "groups",
                          name == nullptr
                              ? "a group is a mapping such as {name: web, glob: 'web*'}; this has no 'name'"
                              : "a group's name has letters, digits, '.', '_' and '-', found " + name->described());
        return;
    }
    Group group;
    group.name = name->text();
    group.position = name->position();
    Shape shape(value, "group " + group.name, diagnostics);
    shape.find("name");
    shape.text("description");
    read_members(shape, group, parts);
    group.roles = shape.names("roles");
    group.states = shape.names("states");
    group.variable_files = shape.names("variable_files");
    group.variables = shape.mapping("variables");
    check_variables(group.variables, shape.where(), group.by_facts ? SecretRule::by_facts : SecretRule::allowed,
                    diagnostics);
    group.options = read_option_keys(shape, OptionScope::group);
    if (group.by_facts && group.options.find("executor") != nullptr)
        shape.error(shape.position_of_key("executor"),
                    "a group that matches by facts cannot say how to reach its targets");
    shape.end();
    for (const auto& other : parts.groups)
        if (other.name == group.name)
            return shape.error(group.position, "there is a group of this name already, at " + other.position.text());
    parts.groups.push_back(std::move(group));
}

}  // namespace

void report_expression(const Value& text, const ExpressionError& error, const CatalogParts& parts, Shape& shape) {
    auto position = text.position();
    const auto file = position.known() ? parts.plain_texts.find(position.file_name()) : parts.plain_texts.end();
    if (file != parts.plain_texts.end() && position.column > 0) {
        // Written on one line and without escapes, as nearly all are, the expression stands in the line as it is.
        const std::string line(line_of(file->second, position.line));
        const auto before = utf8_prefix(line, position.column - 1).size();
        const std::size_t quote = before < line.size() && (line[before] == '\'' || line[before] == '"') ? 1 : 0;
        if (line.compare(std::min(before + quote, line.size()), text.text().size(), text.text()) == 0) {
            position.column += static_cast<std::uint32_t>(quote + utf8_length(text.text().substr(0, error.offset())));
            return shape.error(position, error.message());
        }
    }
    shape.error(position, "character " + std::to_string(error.offset() + 1) + " of " + quoted(text.text()) + ": " +
                              error.message());
}

void read_groups(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    if (value.is_null()) return;
    if (!value.is_list()) {
        diagnostics.error(
            value.position(), "groups",
            "expected a list of groups such as '- {name: web, glob: 'web*'}', found " + value.described());
        return;
    }
    for (const auto& group : value.list()) read_group(group, parts, diagnostics);
}

}  // namespace prove
