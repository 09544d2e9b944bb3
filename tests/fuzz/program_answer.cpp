// What a component's own program answers: lines of changes, or an error that says whose answer is none.
#include "agent/host/programs.hpp"
#include "fuzz.hpp"

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    for (const char* verb : {"plan", "apply"}) {
        try {
            const ProgramAnswer answer = read_program_answer(text, "webserver.vhost", verb);
            for (const std::string& line : answer.changes)
                fuzz::expect(line.size() <= 8 * 500 && line.find('\n') == std::string::npos, "a change is one line");
            fuzz::expect(answer.changed || answer.changes.empty(), "without a change there are no lines of it");
        } catch (const Error& error) {
            fuzz::expect(error.kind() == ErrorKind::failed, "a wrong answer fails the part");
            fuzz::expect(error.text().find("webserver.vhost") != std::string::npos, "the error names the program");
        }
    }
    return 0;
}
