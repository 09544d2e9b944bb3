// Steps from a template to its text.
#include "master/render/render_memory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace prove {

namespace {

std::size_t size_of(const std::vector<Read>& reads) {
    std::size_t result = 0;
    for (const Read& read : reads) {
        result += sizeof read;
        for (const std::string& key : read.path) result += sizeof key + (key.size() > 15 ? key.size() + 1 : 0);
    }
    return result;
}

std::size_t size_of(const Rendered& rendered) {
    return sizeof rendered + rendered.text.size() + rendered.line_map.bytes() +
           (rendered.reads ? size_of(*rendered.reads) : 0);
}

Hash hash_of_reads(const std::vector<Read>& reads) {
    std::string bytes;
    for (const Read& read : reads) {
        bytes += static_cast<char>('0' + static_cast<int>(read.kind));
        for (const std::string& key : read.path) bytes += std::to_string(key.size()) + ':' + key;
    }
    return hash_of(bytes);
}

bool is_of_catalog(const Read& read) {
    return read.kind == Read::Kind::template_ || read.kind == Read::Kind::file;
}

class Remembering final : public Renderer {
  public:
    Remembering(std::unique_ptr<Renderer> inner, std::shared_ptr<const Catalog> catalog,
                std::shared_ptr<RenderMemory> memory)
        : inner_(std::move(inner)), catalog_(std::move(catalog)), memory_(std::move(memory)) {}

    Rendered render(const RenderRequest& request) override {
        ReadValues values(request, *catalog_);
        const Hash begin = values.begin();
        if (const auto found = memory_->find(values, begin)) {
            values.tell_asked();
            return *found;
        }
        Rendered rendered = inner_->render(request);
        memory_->count(rendered.reads.has_value());
        if (!rendered.reads) return rendered;
        const std::vector<Read> reads = *rendered.reads;
        std::erase_if(*rendered.reads, [](const Read& read) { return !is_of_catalog(read); });
        memory_->add(values, begin, reads, std::make_shared<const Rendered>(rendered));
        return rendered;
    }

  private:
    std::unique_ptr<Renderer> inner_;
    std::shared_ptr<const Catalog> catalog_;
    std::shared_ptr<RenderMemory> memory_;
};

}  // namespace

// Ten thousand targets read the same names, each by steps of its own. Their bytes count for the first of them.
RenderMemory::Reads RenderMemory::put_reads(const Hash& at, std::vector<Read> reads) {
    const Hash hash = hash_of_reads(reads);
    Reads held = known_reads_.find(hash);
    const std::size_t bytes = held ? 0 : size_of(reads);
    if (!held) held = known_reads_.keep(hash, std::move(reads));
    steps_.put(at, {held, nullptr}, bytes);
    return held;
}

std::shared_ptr<const Rendered> RenderMemory::find(ReadValues& values, const Hash& begin) {
    Hash at = begin;
    for (;;) {
        Reads reads;
        {
            const std::lock_guard lock(mutex_);
            const Step* step = steps_.find(at);
            if (step != nullptr && step->rendered) {
                ++counts_.found;
                return step->rendered;
            }
            if (step == nullptr) return nullptr;
            reads = step->reads;
        }
        at = values.after(at, *reads);
    }
}

// The next of `own` from `done` on that are looked at in one step from `at`; null where they cannot be remembered.
RenderMemory::Reads RenderMemory::next(const Hash& at, const std::vector<Read>& own, std::size_t done) {
    const std::lock_guard lock(mutex_);
    const Step* step = steps_.find(at);
    auto end = own.end();
    if (step != nullptr) {
        // What was the same all the way and goes on otherwise now hangs on something that reads do not tell.
        if (step->rendered) return nullptr;
        const std::vector<Read>& before = *step->reads;
        const auto begin = own.begin() + static_cast<std::ptrdiff_t>(done);
        const auto [differs, own_differs] = std::mismatch(before.begin(), before.end(), begin, own.end());
        if (differs == before.end()) return step->reads;
        if (own_differs == begin) return nullptr;
        // A step that goes too far is cut; what it led to is found again by rendering it once more.
        end = own_differs;
    }
    return put_reads(at, {own.begin() + static_cast<std::ptrdiff_t>(done), end});
}

void RenderMemory::add(ReadValues& values, const Hash& begin, const std::vector<Read>& reads,
                       std::shared_ptr<const Rendered> rendered) {
    Hash at = begin;
    for (std::size_t done = 0; done < reads.size();) {
        const Reads step = next(at, reads, done);
        if (!step) return;
        at = values.after(at, *step);
        done += step->size();
    }
    const std::lock_guard lock(mutex_);
    const std::size_t bytes = size_of(*rendered);
    steps_.put(at, {nullptr, std::move(rendered)}, bytes);
}

void RenderMemory::count(bool repeatable) {
    const std::lock_guard lock(mutex_);
    ++counts_.rendered;
    counts_.unrepeatable += repeatable ? 0 : 1;
}

RenderMemory::Counts RenderMemory::counts() const {
    const std::lock_guard lock(mutex_);
    Counts counts = counts_;
    counts.bytes = steps_.bytes();
    return counts;
}

std::unique_ptr<Renderer> make_remembering(std::unique_ptr<Renderer> inner, std::shared_ptr<const Catalog> catalog,
                                           std::shared_ptr<RenderMemory> memory) {
    return std::make_unique<Remembering>(std::move(inner), std::move(catalog), std::move(memory));
}

}  // namespace prove
