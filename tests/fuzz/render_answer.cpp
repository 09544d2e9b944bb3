// Answers of a render worker, which the file that it renders may have forged: lines' places, reads and errors, or no
// answer.
#include "fuzz.hpp"
#include "master/render/answers.hpp"

#include <algorithm>

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto path = std::make_shared<const std::string>("states/site.yml");
    fuzz::decode([&] {
        const Value answer = read_json(fuzz::text_of(data, size));
        if (answer.find("errors") != nullptr) {
            for (const Diagnostic& diagnostic : errors_from(answer, path).all())
                fuzz::expect(!diagnostic.text.empty(), "an error has words");
            return;
        }
        const Rendered rendered = rendered_from(answer, path);
        for (std::size_t line = 0; line < rendered.line_map.size(); ++line)
            fuzz::expect(rendered.line_map[line].file != nullptr, "a line has a file");
        const auto lines = static_cast<std::size_t>(std::count(rendered.text.begin(), rendered.text.end(), '\n')) + 1;
        fuzz::expect(answer.find("places") != nullptr || rendered.line_map.size() <= lines, "no line has two places");
    });
    return 0;
}
