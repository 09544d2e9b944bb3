// Rendering in a test with a memory, and whether a text was remembered.
#pragma once

#include <memory>
#include <string>

#include "master/render/render_memory.hpp"
#include "tests/unit/master/render/rendering.hpp"

namespace prove::test {

// Renders with a memory, and says each time whether a worker had to do it.
class Remembered {
  public:
    explicit Remembered(const Files& files = {}, std::size_t bytes = 64u << 20)
        : memory_(std::make_shared<RenderMemory>(bytes)), rendering_(files, {}, 1, memory_) {}

    Rendering& operator*() { return rendering_; }
    Rendering* operator->() { return &rendering_; }
    // "TEXT" where a worker rendered it, "(TEXT)" where it was remembered.
    std::string text(const std::string& text) {
        const auto before = memory_->counts().found;
        const std::string result = rendering_.text(text);
        return memory_->counts().found == before ? result : "(" + result + ")";
    }
    const std::shared_ptr<RenderMemory>& memory() const { return memory_; }

  private:
    std::shared_ptr<RenderMemory> memory_;
    Rendering rendering_;
};

}  // namespace prove::test
