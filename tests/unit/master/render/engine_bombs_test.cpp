// Jinja templates and Python files that are out for trouble: the same fence as Mako's, one clear error each, and the
// next render is as good as ever.
#include <catch2/catch.hpp>

#include "tests/unit/master/render/rendering.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

constexpr const char* only_computes = "no files of this machine, no network, no processes";

RenderLimits short_limits() {
    RenderLimits limits;
    limits.processor = std::chrono::seconds(1);
    limits.time = std::chrono::seconds(300);  // so that a busy machine reaches the other limit first
    return limits;
}

struct Bombs : Rendering {
    explicit Bombs(const std::string& engine, const RenderLimits& limits = short_limits()) : Rendering({}, limits) {
        use(engine, engine == "jinja" ? "states/site.yml.jinja" : "states/site.py");
        good_ = engine == "jinja" ? "still {{ 1 + 1 }}" : "def states(ctx):\n    return {'still': 2}\n";
    }
    // The errors of a text; and that the renderer goes on afterwards.
    std::string bomb(const std::string& text) const {
        const std::string result = errors(text);
        CHECK_THAT(this->text(good_), Contains("still"));
        return result;
    }

  private:
    std::string good_;
};

std::string states(const std::string& body) {
    return "def states(ctx):\n    " + body + "\n";
}

}  // namespace

TEST_CASE("S79 an endless Jinja template and an endless Python file end at the limit, at their line",
          "[render][bomb]") {
    CHECK_THAT(Bombs("jinja").bomb("a\n{% for i in range(10**12) %}{% endfor %}"),
               Contains("states/site.yml.jinja:2:1: takes more than 1 s of processor time"));
    CHECK_THAT(Bombs("python").bomb(states("while True: pass")),
               Contains("states/site.py:2:") && Contains("takes more than 1 s of processor time"));
    RenderLimits limits;
    limits.time = std::chrono::seconds(3);
    CHECK_THAT(Bombs("python", limits).bomb("import time\n" + states("time.sleep(100)")),
               Contains("states/site.py:3:5: takes longer than 3 s"));
}

TEST_CASE("S79 memory of Jinja templates and Python files is limited", "[render][bomb]") {
    CHECK(Bombs("jinja").bomb("a\n{{ 'x' * 2**30 }}") ==
          "states/site.yml.jinja:2:1: takes more than 256 MiB of memory, the most that one file may\n");
    CHECK(Bombs("jinja").bomb("{{ range(10**9) | list }}") ==
          "states/site.yml.jinja:1:1: takes more than 256 MiB of memory, the most that one file may\n");
    CHECK(Bombs("python").bomb(states("return {'a': 'x' * 2**30}")) ==
          "states/site.py:2:18: takes more than 256 MiB of memory, the most that one file may\n");
}

TEST_CASE("S79 output of Jinja templates and Python files is limited", "[render][bomb]") {
    CHECK_THAT(Bombs("jinja").bomb("{% for i in range(10**9) %}\n{{ 'x' * 100000 }}\n{% endfor %}\n"),
               Contains("states/site.yml.jinja:2: writes more than 8 MiB of text"));
    CHECK(Bombs("python").bomb(states("return {'a': 'x' * 10**7}")) ==
          "states/site.py:2:13: gives more than 8 MiB of text, the most that one file may\n");
}

TEST_CASE("S79 neither Jinja nor a Python file starts processes, or reaches the network or files of the machine",
          "[render][bomb]") {
    const Bombs jinja("jinja");
    for (const char* const call : {"lipsum.__globals__.os.fork()", "lipsum.__globals__.os.popen('id').read()",
                                   "lipsum.__globals__.os.kill(1, 9)"}) {
        INFO(call);
        CHECK_THAT(jinja.bomb(std::string("{{ ") + call + " }}"),
                   Contains("PermissionError") && Contains(only_computes));
    }
    const Bombs python("python");
    for (const char* const call :
         {"__import__('os').fork()", "__import__('subprocess').run(['/bin/true'])", "__import__('socket').socket()",
          "__import__('urllib.request').request.urlopen('http://192.0.2.1/')", "open('/etc/shadow')",
          "open('/proc/1/environ')", "open('/tmp/written-by-a-template', 'w')",
          "__import__('threading').Thread(target=print).start()", "__import__('os').listdir('/root')"}) {
        INFO(call);
        const std::string errors = python.bomb(states(call));
        CHECK_THAT(errors, Contains("states/site.py:2:5: "));
        CHECK_THAT(errors, Contains(only_computes) || Contains("urlopen error"));
    }
}

TEST_CASE("a Python file that calls itself without end, or ends Python, is its own error", "[render][bomb]") {
    const Bombs rendering("python");
    CHECK_THAT(rendering.bomb(states("return states(ctx)")), Contains("calls or includes itself without end"));
    CHECK_THAT(rendering.bomb("raise SystemExit(0)\n"), Contains("states/site.py:1:1: SystemExit"));
    CHECK_THAT(rendering.bomb("import os\nos._exit(0)\n"), Contains("ended its worker (exit code"));
    Rendering jinja(Files{{"templates/loop.jinja", "{% include 'loop.jinja' %}"}});
    jinja.use("jinja", "states/site.yml.jinja");
    CHECK_THAT(jinja.errors("{% include 'loop.jinja' %}"),
               Contains("loop.jinja:1:1: calls or includes itself without end"));
}

TEST_CASE("S79 nothing of one render of Jinja or Python is found by the next", "[render][bomb]") {
    Bombs jinja("jinja");
    const std::string template_text =
        "{% set kept = namespace(n=0) %}{% macro m() %}{{ vars.get('p') }}{% endmacro %}{{ m() }}";
    jinja.set("vars", R"({"p": "swordfish"})");
    CHECK(jinja.text(template_text) == "swordfish");
    jinja.set("vars", "{}");
    CHECK(jinja.text(template_text) == "null");
    Bombs python("python");
    const std::string file = "kept = []\ndef states(ctx):\n    kept.append(1)\n    return {'a': len(kept)}\n";
    CHECK(python.text(file) == python.text(file));
}
