// From source, template and text to content.
#include "master/compile/contents.hpp"

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/compile/components.hpp"
#include "master/compile/lints.hpp"
#include "master/compile/secret_values.hpp"

namespace prove {

namespace {

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "mako", "jinja" or "": what the part says, or what the source's name says.
std::string engine_of(const Value& arguments, const std::string& name) {
    if (const Value* engine = arguments.find("template")) {
        const bool is_known = engine->is_text() && (engine->text() == "mako" || engine->text() == "jinja");
        return is_known ? engine->text() : "";  // the function's own check has called it wrong
    }
    if (ends_with(name, ".mako")) return "mako";
    return ends_with(name, ".jinja") ? "jinja" : "";
}

}  // namespace

Contents::TextPlace::TextPlace(const SourcePosition& position, const std::string& line, const std::string& next)
    : position_(position) {
    const std::size_t mark = line.find_last_of("|");
    is_block_ = mark != std::string::npos && line.find_first_not_of("|+-0123456789 \t\r", mark) == std::string::npos;
    const std::size_t indent = next.find_first_not_of(' ');
    indent_ = static_cast<std::uint32_t>(indent == std::string::npos ? 0 : indent);
}

SourcePosition Contents::TextPlace::position_of(const SourcePosition& in_text) const {
    if (!is_block_) return position_;
    return {position_.file, position_.line + in_text.line, in_text.column == 0 ? 0 : indent_ + in_text.column};
}

void Contents::resolve(StatePart& part, const Place& place) {
    const Function* function = sources_.functions.find(part.function);
    if (function == nullptr) return;
    if (const ComponentFunction* own = own_function(sources_.catalog, *function)) return from_function(part, place, *own);
    const Argument* argument = function->schema.argument("source");
    if (argument == nullptr || argument->type != ArgumentType::source) return;
    const std::string& where = place.state.id.text();
    const Value* source = part.arguments.find("source");
    const Value* content = part.arguments.find("content");
    if (source != nullptr) {
        // Anything else has been called wrong by the function's own check.
        if (source->is_text() && source->text().rfind("prove://", 0) == 0) from_source(part, place, *source);
        return;
    }
    if (content == nullptr || !(content->is_text() || is_secret(*content))) return;
    const std::string engine = engine_of(part.arguments, "");
    if (!engine.empty() && place.file.rendered) {
        // S81: one pass only.
        diagnostics_.error(
            part.arguments.at("template").position(), where,
            "the text written here is rendered with its state file; a template of its own is a 'source', or "
            "stands in a .plain.yml");
        return;
    }
    if (!content->is_text()) return;
    const std::string text =
        engine.empty() ? content->text() : rendered_here(part, place, {engine, place.file.path, content->text()});
    set_text(part, text);
}

// A secret in it stays a mark, which the target fills: contents are kept on disks, here and there.
void Contents::set_text(StatePart& part, const std::string& text) {
    const Hash hash = hash_of(text);
    set(part, hash, sources_.cache.get(hash, [&] { return text; }));
    Value holes = Value::object();
    for (const std::string& mark : marks_in(text)) {
        Value secret = Value::object();
        secret.set("$secret", mark);
        holes.set(mark, std::move(secret));
    }
    if (!holes.mapping().empty()) part.arguments.mapping().find("content")->set("holes", std::move(holes));
}

// A target knows no component: the part brings its program along.
void Contents::from_function(StatePart& part, const Place& place, const ComponentFunction& own) {
    Value arguments = Value::object();
    arguments.set_position(part.arguments.position());
    arguments.set("function", own.name);
    if (own.needs_agent) arguments.set("needs_agent", true);
    for (const Argument& argument : own.arguments) {
        const bool is_given = part.arguments.find(argument.name) != nullptr;
        if (!is_given && !argument.fallback.is_null()) part.arguments.set(argument.name, argument.fallback);
        part.sensitive = part.sensitive || (is_given && argument.sensitive);
    }
    arguments.set("args", std::move(part.arguments));
    part.arguments = std::move(arguments);
    part.function = component_function;
    try {
        set(part, own.program.hash,
            sources_.cache.get(own.program.hash, [&] { return sources_.catalog.read_served(own.program); }));
    } catch (const Error& error) {
        diagnostics_.error(part.position, place.state.id.text(), error.text());
    }
}

void Contents::set(StatePart& part, const Hash& hash, const Blob& blob) {
    Value content = Value::object();
    content.set("$blob", hash.hex());
    content.set("size", static_cast<std::int64_t>(blob->size()));
    Mapping& arguments = part.arguments.mapping();
    for (const char* name : {"source", "template", "context"}) arguments.erase(name);
    arguments.set("content", std::move(content));
    blobs_.emplace(hash, blob);
}

const ServedFile* Contents::served(const Value& source, const std::string& where) {
    const ServedFile* file = sources_.catalog.served_file(source.text());
    if (file != nullptr) return file;
    const std::string near = nearest(source.text(), sources_.catalog.served_urls());
    diagnostics_.error(source.position(), where,
                       "the catalog has no file " + quoted(source.text()) +
                           (near.empty() ? "; files stand below files/, or below files/ of a component"
                                         : "; did you mean " + quoted(near) + "?"));
    return nullptr;
}

void Contents::from_source(StatePart& part, const Place& place, const Value& source) {
    const std::string& where = place.state.id.text();
    const ServedFile* file = served(source, where);
    if (file == nullptr) return;
    const std::string engine = engine_of(part.arguments, file->url);
    try {
        Blob blob = sources_.cache.get(file->hash, [&] { return sources_.catalog.read_served(*file); });
        if (engine.empty()) {
            if (const auto* context = part.arguments.mapping().member("context"))
                diagnostics_.error(
                    context->key_position, where,
                    "'context' is for a template, and " + quoted(file->url) +
                        " is none; its name would end in .mako or .jinja, or 'template: mako' would say so");
            return set(part, file->hash, blob);
        }
        if (engine == "mako") lint_mako(file->path, *blob, false, diagnostics_);
        set_text(part, rendered(part, place, {engine, file->path, *blob}, nullptr));
    } catch (const CatalogError&) {
        throw;
    } catch (const Error& error) {
        diagnostics_.error(source.position(), where, error.text());
    }
}

std::string Contents::rendered(const StatePart& part, const Place& place, const Template& source,
                               const TextPlace* written) {
    if (!is_utf8(source.text))
        throw Error(ErrorKind::catalog, quoted(*source.path) + " is not UTF-8 text, so it cannot be a template");
    TargetScope::ManagedFile file;
    file.engine = source.engine;
    file.path = source.path;
    file.text = &source.text;
    file.params = &place.file.params;
    file.results = &place.file.results;
    file.context = part.arguments.find("context");
    for (std::size_t i = 0; i < place.state.probes.size(); ++i)
        file.probes[place.state.probes[i].name] = ((place.mask >> i) & 1) != 0;
    try {
        std::string text = scope_.render_file(file);
        if (const std::string filtered = filtered_secret(text, scope_.secrets()); !filtered.empty())
            diagnostics_.error(written != nullptr ? part.position : SourcePosition{source.path, 1, 1},
                               place.state.id.text(), filtered);
        return text;
    } catch (const CatalogError& error) {
        if (!scope_.whole()) return "";
        for (Diagnostic diagnostic : error.diagnostics().all()) {
            if (written != nullptr && diagnostic.position.file == file.path)
                diagnostic.position = written->position_of(diagnostic.position);
            const std::string at = part.position.known() ? " (" + part.position.text() + ")" : "";
            diagnostic.contexts.push_back("while compiling state " + quoted(place.state.id.text()) + at);
            diagnostics_.add(std::move(diagnostic));
        }
        return "";  // nothing is sent where anything is wrong
    }
}

// A template that is written in its state file: places in it are those of the file.
std::string Contents::rendered_here(const StatePart& part, const Place& place, const Template& source) {
    const SourcePosition& position = part.arguments.at("content").position();
    const TextPlace written(position, sources_.catalog.line_of(position.file_name(), position.line),
                            sources_.catalog.line_of(position.file_name(), position.line + 1));
    return rendered(part, place, {source.engine, std::make_shared<const std::string>(*source.path), source.text},
                    &written);
}

}  // namespace prove
