// A regular expression over names, as /regex/ and a group's `regex:` have it. Found anywhere in the name, as everywhere
// else where people write /.../; `^` and `$` anchor it. Time is bounded whatever the expression is.
#pragma once

#include <memory>
#include <string>

namespace prove {

class NameRegex {
  public:
    // Throws Error(usage) with what is wrong with the pattern, in words.
    explicit NameRegex(const std::string& pattern);
    bool found_in(const std::string& name) const;
    const std::string& pattern() const { return pattern_; }

  private:
    struct Compiled;
    std::string pattern_;
    std::shared_ptr<const Compiled> compiled_;  // shared: expressions are copied, this never changes
};

}  // namespace prove
