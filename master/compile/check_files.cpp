// What is wrong with state files whoever has them: those without a template read the same for every target.
#include "master/compile/check_files.hpp"

#include "master/compile/data_file.hpp"
#include "master/compile/state_reader.hpp"

namespace prove {

Diagnostics check_state_files(const Catalog& catalog, const FunctionRegistry& functions) {
    Diagnostics found;
    for (const std::string& name : catalog.state_file_names()) {
        const SourceFile& source = *catalog.state_file(name);
        if (needs_rendering(source)) continue;
        Diagnostics here;
        if (auto document = read_data(source, source.text, source.path, here))
            (void)read_states(std::move(*document), functions, LateStates(), here);
        for (const Diagnostic& diagnostic : here.all())
            if (diagnostic.severity == Diagnostic::Severity::error) found.add(diagnostic);
    }
    return found;
}

}  // namespace prove
