// One catalog, compiled with a memory that others fill too.
#pragma once

#include "common/text/text.hpp"
#include "master/render/render_memory.hpp"
#include "tests/unit/master/compile/compiling.hpp"

namespace prove::test {

using Files = std::map<std::string, std::string>;

class WithMemory {
  public:
    WithMemory(const Files& files, std::shared_ptr<CompileMemory> memory)
        : folder_(files),
          catalog_(folder_.load()),
          functions_(all_functions()),
          memory_(std::move(memory)),
          renderer_(make_renderer(catalog_, 1, {}, memory_->renderings())),
          compiler_(catalog_, functions_, *renderer_, known_, memory_) {}

    KnownTargets& known() { return known_; }
    // What errors_of() says.
    std::string errors(const std::string& target) const {
        return written(compiler_.errors_of(TargetId(target), known_.facts_of(TargetId(target))));
    }
    // Whether errors_of() looked for any rendering: it compiled, then.
    bool compiles(const std::string& target) const {
        const auto asked = [&] {
            const auto counts = memory_->renderings()->counts();
            return counts.found + counts.rendered;
        };
        const auto before = asked();
        errors(target);
        return asked() != before;
    }
    // All that compiling gave, written down; the diagnostics where it failed.
    std::string outcome(const std::string& target) const {
        try {
            const Compiled compiled =
                compiler_.compile({.target = TargetId(target), .facts = known_.facts_of(TargetId(target))});
            std::string result = write_json_pretty(to_value(*compiled.run));
            for (const auto& [hash, blob] : compiled.blobs) result += hash.hex() + " " + *blob + "\n";
            return result;
        } catch (const CatalogError& error) {
            return written(error.diagnostics());
        }
    }
    // How many texts a worker rendered for this.
    std::size_t rendered(const std::string& target) const {
        const auto before = memory_->renderings()->counts().rendered;
        outcome(target);
        return memory_->renderings()->counts().rendered - before;
    }

  private:
    static std::string written(const Diagnostics& diagnostics) {
        std::string result;
        for (const Diagnostic& one : diagnostics.sorted())
            result += one.position.text() + ": " + one.where + ": " + one.text + "\n" + one.excerpt + "\n" +
                      join(one.contexts, "\n");
        return result;
    }

    CatalogFolder folder_;
    std::shared_ptr<const Catalog> catalog_;
    FunctionRegistry functions_;
    KnownTargets known_;
    std::shared_ptr<CompileMemory> memory_;
    std::unique_ptr<Renderer> renderer_;
    Compiler compiler_;
};

inline Value facts_with(const std::string& os) {
    Value result = Value::object();
    result.set("os", os);
    return result;
}

}  // namespace prove::test
