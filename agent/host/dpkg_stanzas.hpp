// The paragraphs of dpkg's and apt's own files, as text: fields by name, nothing copied. What one field means is the
// reader's business.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prove {

// Views into the text that it was read from.
class DpkgStanza {
  public:
    // Trimmed; with the lines that go on. Empty where there is no such field.
    std::string_view field(std::string_view name) const;

  private:
    friend std::vector<DpkgStanza> dpkg_stanzas(std::string_view text);
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

std::vector<DpkgStanza> dpkg_stanzas(std::string_view text);
std::vector<DpkgStanza> dpkg_stanzas(std::string&&) = delete;  // its text would be gone

}  // namespace prove
