// State files of one target: parameters, rendering for every combination of probes, reading, and joining the renderings
// into one draft. Drafts are remembered by what was read, so that targets with equal text share them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "master/compile/draft.hpp"
#include "master/compile/late_reader.hpp"
#include "master/compile/target_scope.hpp"
#include "master/render/recently_used.hpp"
#include "proto/late.hpp"

namespace prove {

// Thread-safe. What texts were read to, with what is wrong in them; what was not used for longest is forgotten. But where
// more targets are compiled in turn than fit, each would push out the one that is next: so when it is full, most of
// what comes is not taken, and a part of the targets is found again each time.
class DraftCache {
  public:
    struct Entry {
        std::shared_ptr<const DraftFile> draft;  // null where the text could not be read at all
        Diagnostics diagnostics;
    };
    explicit DraftCache(std::size_t most_bytes) : entries_(most_bytes) {}
    // `key` tells all that a reading hangs on: the file, the text, the places of its lines.
    std::shared_ptr<const Entry> find(const Hash& key);
    void add(const Hash& key, std::shared_ptr<const Entry> entry);

  private:
    std::mutex mutex_;
    RecentlyUsed<std::shared_ptr<const Entry>> entries_;
    std::size_t came_when_full_ = 0;
};

class StateFileReader {
  public:
    struct Sources {
        const Catalog& catalog;
        const FunctionRegistry& functions;
        DraftCache& cache;
        std::string own_functions = {};  // tells a catalog that brings functions from others; "" for those without
    };
    // `late`: the late states that are compiled by now, with their results; null: none.
    StateFileReader(const Sources& sources, TargetScope& scope, const LateRequest* late, Diagnostics& diagnostics)
        : sources_(sources), scope_(scope), late_(late), diagnostics_(diagnostics) {}

    // A file that a state calls: with the parameters that the state `where` gives it (null: none) in place of its own,
    // the scopes of its ids, and probes that each of its states has too.
    struct Call {
        const Value* with = nullptr;
        std::string where;
        std::vector<std::string> scopes = {""};
        std::vector<Probe> probes = {};
    };
    // Nothing where the file could not be read at all; its states are unknown then.
    std::optional<CompiledFile> read(const SourceFile& source) { return read(source, Call{}); }
    std::optional<CompiledFile> read(const SourceFile& source, const Call& call);

  private:
    // What a reading of a file hangs on besides its text.
    struct Reading {
        LateStates late;
        std::vector<Probe> probes;  // that each state has too
        std::string key() const;
    };

    Value python_params(const SourceFile& source);
    std::shared_ptr<const DraftFile> read_written(const SourceFile& source, const Reading& reading);
    std::shared_ptr<const DraftFile> read_rendered(const SourceFile& source, CompiledFile& file, const Value& results,
                                                   Reading reading);
    std::optional<std::vector<Rendered>> render_all(const SourceFile& source, const TargetScope::StateNames& names,
                                                    std::vector<std::string>& probes);
    void read_states_of(const SourceFile& source, const Call& call, CompiledFile& file);
    void check_only_late_differ(const DraftFile& before, const DraftFile& now);
    DraftCache::Entry read_renderings(const SourceFile& source, const std::vector<Rendered>& renderings,
                                      const std::vector<std::string>& probes, const Reading& reading) const;
    std::optional<DraftFile> read_rendering(const SourceFile& source, const Rendered& rendered, const Reading& reading,
                                            Diagnostics& diagnostics) const;
    std::shared_ptr<const DraftFile> remembered(const Hash& key, const std::function<DraftCache::Entry()>& read);

    const Sources sources_;
    TargetScope& scope_;
    const LateRequest* late_;
    Diagnostics& diagnostics_;
};

// The `_params` block at the head of a file's text: an empty mapping where there is none.
Value read_params(const SourceFile& source, Diagnostics& diagnostics);

// `defaults` of a file with what the state `where` gives in their place: an unknown parameter, or a value of another
// kind than its default, is an error.
Value params_with(const Value& defaults, const Value& with, const std::string& where, const SourceFile& source,
                  Diagnostics& diagnostics);

// One draft from the renderings of a file for every combination of `probes` (by mask). A state gets its variants by the
// probes that it declares; that it differs by others, or that ids, probes or requirements differ, is an error.
DraftFile join_renderings(std::vector<DraftFile> renderings, const std::vector<std::string>& probes,
                          const SourceFile& source, Diagnostics& diagnostics);

}  // namespace prove
