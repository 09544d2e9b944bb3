// From places in rendered text back to the template that the user wrote, line by line. Rendered text carries a file
// name of its own (a pointer that nobody else has), so that what was translated already is left alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/compile/draft.hpp"
#include "master/render/renderer.hpp"

namespace prove {

class SourceMap {
  public:
    // `rendered` is borrowed.
    SourceMap(const Catalog& catalog, const SourceFile& source, const Rendered& rendered);

    // The name to read the rendered text under.
    const FileName& rendered_name() const { return rendered_name_; }

    // The column is that of the template where both lines agree up to it, else that of the expression that made it.
    SourcePosition translated(const SourcePosition& position) const;
    void translate(SourcePosition& position) const { position = translated(position); }
    void translate(Value& value) const;
    void translate(DraftFile& file) const;
    // Adds the rendered line to what has no excerpt of its own text.
    Diagnostics translated(const Diagnostics& diagnostics) const;

  private:
    const std::string& template_line(const SourcePosition& position) const;
    std::string translated_text(const std::string& text) const;
    std::string rendered_above(std::uint32_t number) const;
    void translate(std::vector<Reference>& references) const;
    void translate(std::vector<Condition>& conditions) const;
    void translate(DraftState& state) const;
    void translate(std::optional<DraftCall>& call) const;

    const Catalog& catalog_;
    const SourceFile& source_;
    const Rendered& rendered_;
    FileName rendered_name_;
    std::vector<std::string> rendered_lines_;
    mutable std::map<std::string, std::vector<std::string>> template_lines_;
};

}  // namespace prove
