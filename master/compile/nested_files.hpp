// State files that states call: meta.include brings the states of a file once more, meta.run with parameters one state
// of it. Each call is rendered with its own parameters and gets ids of its own.
#pragma once

#include <functional>
#include <unordered_map>

#include "master/compile/gather_files.hpp"

namespace prove {

class NestedFiles {
  public:
    // Adds to `gathered`, which is borrowed. `include` takes what such a file includes for the run as a whole.
    NestedFiles(const Catalog& catalog, StateFileReader& reader, Diagnostics& diagnostics, GatheredFiles& gathered,
                std::function<void(const Reference&)> include);

    // What the states of this file bring by meta.include, and so on.
    void add_includes(std::size_t file);
    // When all files are there: what is run with other parameters than its file has.
    void add_runs();

  private:
    struct Call {
        std::size_t from = 0;  // the file
        const DraftState& state;
        const DraftCall& call;
        const void* key = nullptr;
    };
    struct Found {
        std::size_t file = 0;
        const DraftState* state = nullptr;
    };

    void add_include(const Call& call);
    void add_runs_of(std::size_t file);
    void add_run(const Call& call, std::map<StateId, int>& runs);
    std::optional<Found> find(const Call& call) const;
    std::optional<CompiledFile> read(const Call& call, const std::string& name, std::vector<std::string> scopes);
    void add(const Call& call, CompiledFile file, CompiledFile::Caller caller);
    bool goes_in_circles(const Call& call, const std::string& name);
    bool is_full(const Call& call);

    const Catalog& catalog_;
    StateFileReader& reader_;
    Diagnostics& diagnostics_;
    GatheredFiles& gathered_;
    std::function<void(const Reference&)> include_;
    std::unordered_map<std::string, Found> by_id_;
    bool full_ = false;  // which is said once
};

}  // namespace prove
