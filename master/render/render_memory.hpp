// What was rendered before, found again by what the rendering read. A rendering is the same function of its reads each
// time, so reads are followed like a path: what is to be looked at first, is told by the template; what next, by what
// was found there; until all that was read is looked at, and there is the text. Only hashes of values are kept.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "master/render/interned.hpp"
#include "master/render/renderer.hpp"
#include "master/render/recently_used.hpp"

namespace prove {

// What a request's reads give now.
class ReadValues {
  public:
    // Both are borrowed.
    ReadValues(const RenderRequest& request, const Catalog& catalog) : request_(request), catalog_(catalog) {}
    // Of the request itself: the template's text, how it is rendered, the first names.
    Hash begin() const;
    // Of what there is at these reads, after all that led to `before`.
    Hash after(const Hash& before, const std::vector<Read>& reads);

    // All of them were reads: the rendering was found by them.
    void tell_asked() const;

  private:
    const Value* find(const Read& read);
    void add(const Read& read, std::string& bytes);
    void add_template(const Read& read, std::string& bytes) const;

    const RenderRequest& request_;
    const Catalog& catalog_;
    // By expression: what targets() gives, or what is wrong with it.
    std::map<std::string, std::shared_ptr<const Value>> targets_;
};

// Thread-safe. Shared by the renderers of successive catalogs. What was not used for longest is forgotten first.
class RenderMemory {
  public:
    struct Counts {
        std::size_t found = 0, rendered = 0, unrepeatable = 0, bytes = 0;
    };
    explicit RenderMemory(std::size_t most_bytes = 256u << 20) : steps_(most_bytes) {}

    // Null where it has to be rendered.
    std::shared_ptr<const Rendered> find(ReadValues& values, const Hash& begin);
    void add(ReadValues& values, const Hash& begin, const std::vector<Read>& reads,
             std::shared_ptr<const Rendered> rendered);
    void count(bool repeatable);  // what was rendered
    Counts counts() const;

  private:
    using Reads = std::shared_ptr<const std::vector<Read>>;
    // One step: what to look at next, or what it comes to.
    struct Step {
        Reads reads;
        std::shared_ptr<const Rendered> rendered;
    };
    Reads next(const Hash& at, const std::vector<Read>& own, std::size_t done);
    Reads put_reads(const Hash& at, std::vector<Read> reads);

    mutable std::mutex mutex_;  // over all below
    Counts counts_;
    RecentlyUsed<Step> steps_;
    Interned<std::vector<Read>> known_reads_;
};

// Asks `memory` first. Thread-safe, as `inner` is.
std::unique_ptr<Renderer> make_remembering(std::unique_ptr<Renderer> inner, std::shared_ptr<const Catalog> catalog,
                                           std::shared_ptr<RenderMemory> memory);

}  // namespace prove
