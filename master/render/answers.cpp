// See the header.
#include "master/render/answers.hpp"

#include <limits>
#include <map>

namespace prove {

namespace {

[[noreturn]] void wrong(const std::string& what) {
    throw Error(ErrorKind::invalid, "a render worker's answer has wrong " + what);
}

const Value& field(const Value& answer, const std::string& name) {
    const Value* const found = answer.find(name);
    if (found == nullptr) wrong("fields: no '" + name + "'");
    return *found;
}

std::uint32_t number_of(const Value& value) {
    if (value.integer() < 0 || value.integer() > std::numeric_limits<std::uint32_t>::max()) wrong("numbers");
    return static_cast<std::uint32_t>(value.integer());
}

FileName file_name(const std::string& name, const FileName& path) {
    return name == *path ? path : std::make_shared<const std::string>(name);
}

// `runs` holds triples: from this rendered line on, that file, lines from that one on.
LineMap places_of_runs(const Value::List& runs, const std::vector<FileName>& files, std::size_t lines) {
    LineMap result;
    result.reserve(lines);
    if (runs.size() % 3 != 0) wrong("runs");
    for (std::size_t i = 0; i < runs.size(); i += 3) {
        const std::size_t end = i + 3 < runs.size() ? number_of(runs[i + 3]) : lines;
        const std::size_t file = number_of(runs[i + 1]);
        if (file >= files.size()) wrong("files");
        for (auto line = number_of(runs[i + 2]); result.size() < end && result.size() < lines; ++line)
            result.add({files[file], line, 0});
    }
    return result;
}

// `places` holds the line and column of each rendered line, in the file itself.
LineMap places_of_lines(const Value::List& places, const FileName& path) {
    LineMap result;
    result.reserve(places.size() / 2);
    if (places.size() % 2 != 0) wrong("places");
    for (std::size_t i = 0; i < places.size(); i += 2)
        result.add({path, number_of(places[i]), number_of(places[i + 1])});
    return result;
}

std::vector<Read> reads_of(const Value::List& list) {
    static const std::map<std::string, Read::Kind> kinds = {{"value", Read::Kind::value},
                                                            {"keys", Read::Kind::keys},
                                                            {"kind", Read::Kind::kind},
                                                            {"template", Read::Kind::template_},
                                                            {"file", Read::Kind::file}};
    std::vector<Read> result;
    result.reserve(list.size());
    for (const Value& one : list) {
        Read& read = result.emplace_back();
        for (const Value& part : one.list()) read.path.push_back(part.text());
        if (read.path.size() < 2) wrong("reads");
        const auto kind = kinds.find(read.path.front());
        if (kind == kinds.end()) wrong("reads");
        const bool is_file = kind->second == Read::Kind::template_ || kind->second == Read::Kind::file;
        if (is_file && read.path.size() != 3) wrong("reads");
        read.kind = kind->second;
        read.path.erase(read.path.begin());
    }
    return result;
}

}  // namespace

Rendered rendered_from(const Value& answer, const FileName& path) {
    Rendered result;
    result.text = field(answer, "text").text();
    for (const Value& probe : field(answer, "probes").list()) result.probes_read.push_back(probe.text());
    for (const Value& name : field(answer, "results").list()) result.results_read.push_back(name.text());
    if (const Value* reads = answer.find("reads")) result.reads = reads_of(reads->list());
    if (const Value* places = answer.find("places")) {
        result.line_map = places_of_lines(places->list(), path);
        return result;
    }
    std::vector<FileName> files;
    for (const Value& file : field(answer, "files").list()) files.push_back(file_name(file.text(), path));
    std::size_t lines = 1;
    for (const char c : result.text) lines += c == '\n';
    result.line_map = places_of_runs(field(answer, "runs").list(), files, lines);
    return result;
}

Diagnostics errors_from(const Value& answer, const FileName& path) {
    Diagnostics result;
    for (const Value& error : field(answer, "errors").list()) {
        const SourcePosition position{file_name(field(error, "file").text(), path), number_of(field(error, "line")),
                                      number_of(field(error, "column"))};
        if (field(error, "text").text().empty()) wrong("words");
        Diagnostic& diagnostic = result.error(position, "", field(error, "text").text());
        for (const Value& context : field(answer, "contexts").list()) diagnostic.contexts.push_back(context.text());
    }
    if (!result.has_errors()) wrong("errors");
    return result;
}

}  // namespace prove
