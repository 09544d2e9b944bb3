// The section `schedules`: checked here, run by nobody yet, and each one says so.
#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

constexpr std::size_t cron_fields = 5;
constexpr std::int64_t most_at_once = 20'000;

void check_targets(Shape& shape, const CatalogParts& parts) {
    const auto text = shape.required_text("targets");
    if (text.empty()) return;
    try {
        TargetExpression::parse(text);
    } catch (const ExpressionError& error) {
        report_expression(*shape.find("targets"), error, parts, shape);
    }
}

void check_duration(Shape& shape, const std::string& key) {
    const auto* const value = shape.find(key);
    if (value == nullptr || (value->is_integer() && value->integer() > 0)) return;
    if (!value->is_text() || !parse_duration(value->text()))
        shape.error(value->position(),
                    "'" + key + "' is " + std::string(duration_wanted()) + ", found " + value->described());
}

void check_times(Shape& shape, const SourcePosition& position) {
    check_duration(shape, "every");
    check_duration(shape, "splay");
    check_duration(shape, "expires");
    const auto cron = shape.text("cron");
    if (cron && split_words(*cron).size() != cron_fields)
        shape.error(shape.find("cron")->position(), "'cron' has five fields (minute hour day month weekday), found " +
                                                        counted(split_words(*cron).size(), "field"));
    shape.text("timezone");
    const bool has_every = shape.find("every") != nullptr, has_cron = shape.find("cron") != nullptr;
    if (has_every == has_cron)
        shape.error(position,
                    std::string("a schedule has one of 'every' and 'cron', found ") + (has_every ? "both" : "neither"));
}

void read_schedule(const Mapping::Member& member, CatalogParts& parts, Diagnostics& diagnostics) {
    Shape shape(member.value, "schedule " + member.key, diagnostics);
    if (!member.value.is_mapping()) return;  // which is told
    if (!is_plain_name(member.key))
        return shape.error(member.key_position,
                           "a schedule's name has letters, digits, '.', '_' and '-', found " + quoted(member.key));
    shape.text("description");
    check_targets(shape, parts);
    const auto run = shape.choice("run", {"states plan", "states apply", "cmd"});
    const bool has_command = shape.text("cmd").has_value();
    if (run && (*run == "cmd") != has_command)
        shape.error(member.key_position, "'cmd' goes with 'run: cmd' and with nothing else");
    if (shape.find("run") == nullptr)
        shape.error(member.key_position, "'run' is missing: states plan, states apply or cmd");
    check_times(shape, member.key_position);
    shape.integer("at_once", 1, most_at_once);
    shape.end();
    if (!parts.schedules.emplace(member.key, member.value).second)
        shape.error(member.key_position, "there is a schedule of this name already");
    diagnostics.warning(member.key_position, shape.where(), "schedules are checked but not run yet");
}

}  // namespace

void read_schedules(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    if (value.is_null()) return;
    if (!value.is_mapping()) {
        diagnostics.error(value.position(), "schedules",
                          "expected a mapping from names to schedules, found " + value.described());
        return;
    }
    for (const auto& member : value.mapping()) read_schedule(member, parts, diagnostics);
}

}  // namespace prove
