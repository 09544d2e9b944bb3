// Contents of managed files: a part's source, template or text becomes one content, named by its hash. The bytes are
// shared between targets for as long as anybody holds them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agent/functions/registry.hpp"
#include "master/compile/compiler.hpp"
#include "master/compile/draft.hpp"
#include "master/compile/target_scope.hpp"
#include "master/render/interned.hpp"

namespace prove {

struct ComponentFunction;

// Thread-safe.
class BlobCache {
  public:
    // The blob with this hash, made by `make` where nobody holds it now.
    template <class Make>
    Blob get(const Hash& hash, Make make) {
        {
            const std::lock_guard lock(mutex_);
            if (auto blob = blobs_.find(hash)) return blob;
        }
        std::string content = make();
        const std::lock_guard lock(mutex_);
        return blobs_.keep(hash, std::move(content));
    }

  private:
    std::mutex mutex_;
    Interned<std::string> blobs_;
};

class Contents {
  public:
    struct Sources {
        const Catalog& catalog;
        const FunctionRegistry& functions;
        BlobCache& cache;
    };
    struct Place {
        const CompiledFile& file;
        const DraftState& state;
        std::uint32_t mask = 0;  // of the state's probes
    };
    Contents(const Sources& sources, TargetScope& scope, Diagnostics& diagnostics)
        : sources_(sources), scope_(scope), diagnostics_(diagnostics) {}

    // Puts `content` in the place of source, template, context and text. A part that is wrong stays as it is.
    void resolve(StatePart& part, const Place& place);
    std::map<Hash, Blob> take() { return std::move(blobs_); }

  private:
    struct Template {
        std::string engine;  // "mako" or "jinja"
        FileName path;
        const std::string& text;
    };
    // Where the lines of a text stand in the file that it is written in: known for YAML's `|` blocks, else the text's
    // own place for all of it.
    class TextPlace {
      public:
        // `line` has the text's begin, `next` is the line after it.
        TextPlace(const SourcePosition& position, const std::string& line, const std::string& next);
        SourcePosition position_of(const SourcePosition& in_text) const;

      private:
        SourcePosition position_;
        bool is_block_ = false;
        std::uint32_t indent_ = 0;
    };

    void set_text(StatePart& part, const std::string& text);
    void set(StatePart& part, const Hash& hash, const Blob& blob);
    void from_source(StatePart& part, const Place& place, const Value& source);
    void from_function(StatePart& part, const Place& place, const ComponentFunction& own);
    std::string rendered(const StatePart& part, const Place& place, const Template& source, const TextPlace* written);
    std::string rendered_here(const StatePart& part, const Place& place, const Template& source);
    const ServedFile* served(const Value& source, const std::string& where);

    const Sources sources_;
    TargetScope& scope_;
    Diagnostics& diagnostics_;
    std::map<Hash, Blob> blobs_;
};

}  // namespace prove
