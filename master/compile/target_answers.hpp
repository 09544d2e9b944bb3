// What targets(expression) gives in templates: other targets, by everything that can be known of them. The same for
// whoever asks, so it is worked out once for as long as nothing is said anew of any target. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "master/catalog/catalog.hpp"
#include "master/compile/compiler.hpp"
#include "master/render/renderer.hpp"

namespace prove {

struct TargetAnswer {
    Value targets;  // a list of {name, host, roles, groups, facts}
    Hash hash;      // of it
};

class TargetAnswers {
  public:
    // All are borrowed.
    TargetAnswers(const Catalog& catalog, Renderer& renderer, const TargetDirectory& directory)
        : catalog_(catalog), renderer_(renderer), directory_(directory) {}

    // Throws Error for what is wrong with the expression. `merging`: a variable file asks, whose target's variables are
    // not all there yet, so that nobody's can be asked for.
    std::shared_ptr<const TargetAnswer> find(const std::string& expression, bool merging);

  private:
    struct Known {
        std::uint64_t version = 0;
        std::shared_ptr<const TargetAnswer> answer;
    };
    Value matching(const class TargetExpression& expression);

    const Catalog& catalog_;
    Renderer& renderer_;
    const TargetDirectory& directory_;
    std::mutex mutex_;  // over what follows; not held while an answer is worked out
    std::map<std::string, Known> known_;
};

}  // namespace prove
