// component.yml: what a component says of itself, read strictly, and what of it can be checked against the rest of the
// catalog. That defaults have the types of their parameters is the compiler's, which knows the forms of values.
#include <algorithm>

#include "common/text/text.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

const std::vector<std::pair<std::string, ArgumentType>> types = {
    {"text", ArgumentType::text},           {"path", ArgumentType::path},
    {"mode", ArgumentType::mode},           {"boolean", ArgumentType::boolean},
    {"integer", ArgumentType::integer},     {"duration", ArgumentType::duration},
    {"text_list", ArgumentType::text_list}, {"integer_list", ArgumentType::integer_list},
    {"text_map", ArgumentType::text_map},   {"mapping", ArgumentType::mapping},
    {"list", ArgumentType::list},           {"any", ArgumentType::any},
    {"choice", ArgumentType::choice}};

class ComponentReader {
  public:
    ComponentReader(Component& component, const Value& value, Diagnostics& diagnostics)
        : component_(component), shape_(value, "component " + component.name, diagnostics) {}

    void read() {
        const auto own_name = shape_.text("name");
        if (own_name && *own_name != component_.name)
            error("name", "a component is called as its folder is, " + quoted(component_.name) + ", found " +
                              quoted(*own_name));
        shape_.text("description");
        component_.says_version = shape_.find("version") != nullptr;
        if (const auto text = version_text("version")) {
            component_.version = Version::parse(*text);
            if (!component_.version) error("version", "'version' is up to three numbers such as 1.4.2, found " + quoted(*text));
        }
        read_prove();
        read_required();
        const auto* const parameters = shape_.find("parameters");
        component_.has_parameters = parameters != nullptr;
        if (parameters != nullptr) component_.parameters = declared(*parameters, "parameter");
        read_functions();
        shape_.end();
    }

  private:
    void error(const std::string& key, const std::string& text) { shape_.error(shape_.find(key)->position(), text); }

    // YAML takes 1.10 for a number and 1.1 for the same one: what is no text is told to be put in quotes.
    std::optional<std::string> version_text(const std::string& key) {
        const auto* const value = shape_.find(key);
        if (value == nullptr) return std::nullopt;
        return text_of_version(*value, "'" + key + "'");
    }

    std::optional<std::string> text_of_version(const Value& value, const std::string& what) {
        if (value.is_text()) return value.text();
        shape_.error(value.position(), what + " is a text; put it in quotes, found " + value.described());
        return std::nullopt;
    }

    std::optional<VersionRange> range(const Value& value, const std::string& what) {
        const auto text = text_of_version(value, what);
        if (!text) return std::nullopt;
        auto range = VersionRange::parse(*text);
        if (!range)
            shape_.error(value.position(), what + " is a range of versions such as \">=1.2, <2\", found " + quoted(*text));
        return range;
    }

    void read_prove() {
        const auto* const value = shape_.find("prove");
        if (value == nullptr) return;
        const auto works_with = range(*value, "'prove'");
        if (works_with && !works_with->has(prove_version()))
            shape_.error(value->position(), "it works with Prove " + works_with->text() + ", and this is Prove " +
                                                prove_version().text());
    }

    void read_required() {
        const auto* const value = shape_.find("requires");
        if (value == nullptr || value->is_null()) return;
        if (!value->is_mapping()) {
            for (const auto& ref : shape_.names("requires")) component_.required.push_back({ref.name, ref.position, {}});
            return;
        }
        for (const auto& member : value->mapping()) {
            RequiredComponent required{member.key, member.key_position, {}};
            if (!member.value.is_null())
                required.versions = range(member.value, "the version of " + quoted(member.key)).value_or(VersionRange());
            component_.required.push_back(std::move(required));
        }
    }

    std::vector<Argument> declared(const Value& value, const std::string& what) {
        std::vector<Argument> result;
        if (value.is_null()) return result;
        if (!value.is_mapping()) {
            shape_.error(value.position(), "expected a mapping from names to what they are, such as 'port: {type: "
                                           "integer, default: 80}', found " + value.described());
            return result;
        }
        for (const auto& member : value.mapping()) result.push_back(argument(member, what));
        return result;
    }

    Argument argument(const Mapping::Member& member, const std::string& what) {
        Shape shape(member.value, shape_.where() + ": " + what + " " + member.key, shape_.diagnostics());
        Argument result;
        result.name = member.key;
        if (!is_component_name(member.key))
            shape.error(member.key_position, "its name has letters, digits, '_' and '-', found " + quoted(member.key));
        if (shape.find("choices") != nullptr)
            for (const auto& choice : shape.names("choices")) result.choices.push_back(choice.name);
        std::vector<std::string> names;
        for (const auto& [name, type] : types) names.push_back(name);
        if (const auto type = shape.choice("type", names))
            result.type = types[static_cast<std::size_t>(std::find(names.begin(), names.end(), *type) - names.begin())].second;
        else if (!result.choices.empty())
            result.type = ArgumentType::choice;
        else if (member.value.is_mapping() && shape.find("type") == nullptr)
            shape.error(member.key_position, "'type' is missing; it is one of " + join_words(names, "or"));
        if ((result.type == ArgumentType::choice) != !result.choices.empty())
            shape.error(member.key_position, "'choices' go with type: choice, which needs them");
        result.required = shape.boolean("required").value_or(false);
        if (const auto* const fallback = shape.find("default")) result.fallback = *fallback;
        if (result.required && !result.fallback.is_null())
            shape.error(shape.position_of_key("default"), "one with a default is never missing, so it is not 'required'");
        result.help = shape.text("help").value_or("");
        result.unit = shape.text("unit").value_or("");
        if (what != "parameter") result.sensitive = shape.boolean("sensitive").value_or(false);
        shape.end();
        return result;
    }

    void read_functions() {
        const auto functions = shape_.mapping("functions");
        for (const auto& member : functions.mapping()) {
            auto& function = component_.functions[member.key];
            function.name = component_.name + "." + member.key;
            function.position = member.key_position;
            Shape shape(member.value, shape_.where() + ": function " + member.key, shape_.diagnostics());
            function.help = shape.text("help").value_or("");
            function.needs_agent = shape.boolean("needs_agent").value_or(false);
            if (const auto* const arguments = shape.find("arguments")) {
                function.declared = true;
                function.arguments = declared(*arguments, "function " + member.key + ": argument");
            }
            shape.end();
        }
    }

    Component& component_;
    Shape shape_;
};

class ComponentCheck {
  public:
    ComponentCheck(const CatalogParts& parts, Diagnostics& diagnostics) : parts_(parts), diagnostics_(diagnostics) {
        for (const auto& [name, component] : parts.components) names_.push_back(name);
    }

    void check(const Component& component) {
        const auto where = "component " + component.name;
        for (const auto& required : component.required) check(required, where);
        for (const auto& [name, function] : component.functions) {
            if (function.program.path) continue;
            std::vector<std::string> programs;
            for (const auto& [other, its] : component.functions)
                if (its.program.path) programs.push_back(other);
            diagnostics_.error(function.position, where,
                               "there is no program " + quoted("functions/" + name) + " in its folder" +
                                   suggestion(name, programs, "programs in it"));
        }
    }

  private:
    void check(const RequiredComponent& required, const std::string& where) {
        const auto found = parts_.components.find(required.name);
        if (found == parts_.components.end()) {
            diagnostics_.error(required.position, where,
                               "it requires the component " + quoted(required.name) + ", which this catalog does not have" +
                                   suggestion(required.name, names_, "components"));
            return;
        }
        if (required.versions.is_any()) return;
        const auto& version = found->second.version;
        if (version ? required.versions.has(*version) : found->second.says_version) return;
        diagnostics_.error(required.position, where,
                           "it requires " + quoted(required.name) + " " + required.versions.text() + ", and this catalog has " +
                               (version ? version->text() : "one that does not say its version"));
    }

    const CatalogParts& parts_;
    Diagnostics& diagnostics_;
    std::vector<std::string> names_;
};

}  // namespace

Value Component::parameter_defaults() const {
    Value result = Value::object();
    for (const auto& parameter : parameters)
        if (!parameter.fallback.is_null()) result.set(parameter.name, parameter.fallback);
    return result;
}

void read_component(Component& component, const Value& value, Diagnostics& diagnostics) {
    ComponentReader(component, value, diagnostics).read();
}

void check_components(const CatalogParts& parts, Diagnostics& diagnostics) {
    ComponentCheck check(parts, diagnostics);
    for (const auto& [name, component] : parts.components) check.check(component);
}

}  // namespace prove
