// Variables in their layers, and the names that a template gets.
#include "master/compile/target_scope.hpp"

#include "common/text/text.hpp"
#include "master/catalog/component.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/secret_values.hpp"
#include "master/compile/source_map.hpp"
#include "master/render/template_source.hpp"

namespace prove {

namespace {

const std::vector<std::string> own_names = {"vars",    "facts",   "target", "params", "probe",
                                            "results", "targets", "file",   "yaml"};

Value list_of(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

void gather(const CatalogError& error, const std::string& context, Diagnostics& diagnostics) {
    for (Diagnostic diagnostic : error.diagnostics().all()) {
        if (!context.empty()) diagnostic.contexts.push_back(context);
        diagnostics.add(std::move(diagnostic));
    }
}

}  // namespace

TargetScope::TargetScope(const Sources& sources, const ResolvedTarget& target, const Value& facts,
                         const Value& overrides, Diagnostics& diagnostics)
    : sources_(sources), target_(target) {
    Value self = Value::object();
    self.set("name", target.target->id.text());
    self.set("host", target.target->host);
    self.set("executor", target.target->executor);
    self.set("roles", list_of(target.roles));
    self.set("groups", list_of(target.groups));
    names_.set("vars", Value::object());
    names_.set("facts", facts);
    names_.set("target", std::move(self));
    names_.set("params", Value::object());
    names_.set("probe", Value::object());
    names_.set("results", Value::object());
    components_.insert(target.components.begin(), target.components.end());
    for (const VariableLayer& layer : target.layers) {
        Value variables = values_of(layer, diagnostics);
        if (!layer.component.empty()) defaults_ = layers_.size() + 1;
        layers_.push_back({layer.component, std::move(variables), layer.rule});
        lay(layers_.back(), diagnostics);  // a variable file sees the layers below it
    }
    layers_.push_back({"", with_marks(overrides, SecretRule::command_line, diagnostics), "command line"});
    lay(layers_.back(), diagnostics);
    merging_ = false;
}

const Value& TargetScope::variables() const {
    return names_.at("vars");
}

Value TargetScope::Layer::placed() const {
    if (component.empty()) return variables;
    Value own = Value::object();
    own.set(component, variables);
    return own;
}

std::vector<NamedLayer> TargetScope::layers() const {
    std::vector<NamedLayer> result;
    for (const Layer& layer : layers_)
        result.push_back({layer.rule, secrets_.empty() ? layer.placed() : shown(layer.placed())});
    return result;
}

void TargetScope::lay(const Layer& layer, Diagnostics& diagnostics) {
    try {
        merge_variables(*names_.mapping().find("vars"), layer.placed());
    } catch (const Error& error) {
        diagnostics.error(error.position(), "", error.text());
    }
}

void TargetScope::add_component(const std::string& component, Diagnostics& diagnostics) {
    if (component.empty() || !components_.insert(component).second) return;
    const Component* known = sources_.catalog.component(component);
    if (known == nullptr) return;
    for (const VariableLayer& layer : default_layers(*known)) {
        layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(defaults_++),
                       Layer{component, values_of(layer, diagnostics), layer.rule});
    }
    names_.set("vars", Value::object());
    for (const Layer& each : layers_) lay(each, diagnostics);
    for (const RequiredComponent& required : known->required) add_component(required.name, diagnostics);
}

Value TargetScope::values_of(const VariableLayer& layer, Diagnostics& diagnostics) {
    return layer.file == nullptr ? with_marks(layer.variables, layer.secrets, diagnostics)
                                 : file_variables(*layer.file, layer.secrets, diagnostics);
}

Value TargetScope::with_marks(Value variables, SecretRule rule, Diagnostics& diagnostics) {
    if (!holds_secret(variables)) return variables;
    const auto before = diagnostics.error_count();
    check_secrets(variables, "", rule, diagnostics);
    if (diagnostics.error_count() > before) whole_ = false;
    take_secrets(variables, secrets_);
    return variables;
}

Value TargetScope::file_variables(const SourceFile& source, SecretRule rule, Diagnostics& diagnostics) {
    const auto before = diagnostics.error_count();
    Value variables = read_variables(source, diagnostics);
    if (diagnostics.error_count() > before) whole_ = false;
    if (variables.is_null()) return Value::object();
    if (!variables.is_mapping()) {
        diagnostics.error(variables.position(), "",
                          "a variable file is a mapping from names to values, found " + variables.described());
        return Value::object();
    }
    lift_variable_secrets(variables, sources_.catalog, source, rule, diagnostics);
    check_variables(variables, "", SecretRule::allowed, diagnostics);
    take_secrets(variables, secrets_);
    return variables;
}

Value TargetScope::read_variables(const SourceFile& source, Diagnostics& diagnostics) {
    if (!needs_rendering(source)) return read_data(source, source.text, source.path, diagnostics).value_or(Value());
    try {
        set_names(Value::object(), Value::object(), {});
        const Rendered rendered = render_data(source, "variables", false);
        if (const std::string filtered = filtered_secret(rendered.text, secrets_); !filtered.empty())
            diagnostics.error({source.path, 1, 1}, "", filtered);
        const SourceMap map(sources_.catalog, source, rendered);
        Diagnostics found;
        auto value = read_data(source, rendered.text, map.rendered_name(), found);
        diagnostics.append(map.translated(found));
        if (!value) return Value();
        map.translate(*value);
        return std::move(*value);
    } catch (const CatalogError& error) {
        gather(error, "", diagnostics);
        return Value();
    }
}

void TargetScope::set_names(const Value& params, const Value& results, const ProbeAnswers& probes) {
    names_.set("params", params);
    names_.set("results", results);
    Value answers = Value::object();
    for (const auto& [name, answer] : probes) answers.set(name, answer);
    names_.set("probe", std::move(answers));
}

Rendered TargetScope::render_states(const SourceFile& source, const StateNames& names, const ProbeAnswers& probes) {
    set_names(names.params, names.results, probes);
    return render_data(source, "states", true);
}

Rendered TargetScope::render_params(const SourceFile& source) {
    set_names(Value::object(), Value::object(), {});
    return render_data(source, "_params", true);
}

Rendered TargetScope::render_data(const SourceFile& source, const char* call, bool collect_probes) {
    RenderRequest request;
    request.engine = engine_of(source.format);
    request.call = call;
    request.path = source.path;
    request.text = &source.text;
    request.names = &names_;
    request.yaml = true;
    request.collect_probes = collect_probes;
    ask_targets(request);
    return render(request);
}

// Which templates a rendering brought in is told by the renderer, which looks them up without us.
Rendered TargetScope::render(const RenderRequest& request) {
    Rendered rendered = sources_.renderer.render(request);
    if (sources_.noting == nullptr) return rendered;
    if (!rendered.reads) {
        sources_.noting->note_unrepeatable();
        return rendered;
    }
    for (const Read& read : *rendered.reads)
        if (read.kind == Read::Kind::template_ || read.kind == Read::Kind::file)
            (void)identify_template(*sources_.noting, read.path.at(0), read.path.at(1));
    return rendered;
}

std::string TargetScope::render_file(const ManagedFile& file) {
    set_names(*file.params, *file.results, file.probes);
    std::vector<std::string> added;
    if (file.context != nullptr)
        for (const Mapping::Member& member : file.context->mapping()) {
            if (std::find(own_names.begin(), own_names.end(), member.key) != own_names.end()) {
                Diagnostics diagnostics;
                diagnostics.error(
                    member.key_position, "",
                    "'context' must not set " + quoted(member.key) + ", which every template has already");
                throw CatalogError(std::move(diagnostics));
            }
            added.push_back(member.key);
            names_.set(member.key, member.value);
        }
    RenderRequest request;
    request.engine = file.engine;
    request.path = file.path;
    request.text = file.text;
    request.names = &names_;
    ask_targets(request);
    const auto forget = [&] {
        for (const std::string& name : added) names_.mapping().erase(name);
    };
    try {
        std::string text = render(request).text;
        forget();
        return text;
    } catch (...) {
        forget();
        throw;
    }
}

// Results are what a target says of itself: they must not choose whose facts are shown to it. So with them a template
// may ask for what it asks for without them too, or what is written in it.
void TargetScope::ask_targets(RenderRequest& request) {
    request.targets = [this, text = request.text](const std::string& expression) {
        const bool has_results = !names_.at("results").mapping().empty();
        if (has_results && asked_.count(expression) == 0 && text->find(expression) == std::string::npos)
            throw Error(
                ErrorKind::catalog,
                "targets() of a late state takes an expression that is written in the template, and not one that is "
                "put together: the results of a target must not choose whose facts it sees");
        const auto found = answer(expression);
        return std::shared_ptr<const Value>(found, &found->targets);
    };
    request.asked = [this](const std::string& expression) { asked_.insert(expression); };
}

std::shared_ptr<const TargetAnswer> TargetScope::answer(const std::string& expression) {
    if (const auto known = answers_.find(expression); known != answers_.end()) return known->second;
    try {
        return answers_.emplace(expression, sources_.answers.find(expression, merging_)).first->second;
    } catch (const Error&) {
        // A template may catch it and go on; that there is no such target yet, say, is noted nowhere else.
        if (sources_.noting != nullptr) sources_.noting->note_unrepeatable();
        throw;
    }
}

std::map<std::string, Hash> TargetScope::asked() const {
    std::map<std::string, Hash> result;
    for (const std::string& expression : asked_) result[expression] = answers_.at(expression)->hash;
    return result;
}

std::string TargetScope::basis() const {
    Value all = Value::object();
    all.set("catalog", sources_.catalog.hash().hex());
    for (const char* name : {"vars", "facts", "target"}) all.set(name, names_.at(name));
    for (const auto& [expression, hash] : asked()) all.set("targets " + expression, hash.hex());
    return hash_of(write_json(all)).hex();
}

}  // namespace prove
