// Python files: what states(ctx) and variables(ctx) may give, the builder of states, the place of every member, and
// what errors say.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "tests/unit/master/render/rendering.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

class Python : public Rendering {
  public:
    explicit Python(const std::string& call = "states") { use("python", "states/site.py", call); }

    Value value(const std::string& text) const { return read_json(this->text(text)); }
    // The line and column of the rendered line that has this text.
    std::string place(const std::string& text, const std::string& member) const {
        const Rendered rendered = render(text);
        const auto lines = split_lines(rendered.text);
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i].find(member) != std::string::npos) return rendered.line_map[i].text();
        return "not there";
    }
    // What is wrong with a body of states(ctx), which begins in line 2.
    std::string wrong(const std::string& body) const { return errors("def states(ctx):\n    " + body + "\n"); }
};

}  // namespace

TEST_CASE("states(ctx) of a Python file returns what YAML would give", "[render][python]") {
    Python rendering;
    rendering.set("vars", R"({"site": {"name": "blog"}})");
    CHECK(rendering.value("def states(ctx):\n"
                          "    return {'motd': {'fn': 'file.managed', 'content': ctx.vars.site.name, 'n': (1, 2.5)},\n"
                          "            'two': [dict(fn='cmd.run', cmd=None)]}\n") ==
          read_json(R"({"motd": {"fn": "file.managed", "content": "blog", "n": [1, 2.5]},
                       "two": [{"fn": "cmd.run", "cmd": null}]})"));
}

TEST_CASE("the builder makes states in the order of their calls, with keys of their own and several parts",
          "[render][python]") {
    const Python rendering;
    const Value made = rendering.value(
        "def states(ctx):\n"
        "    conf = ctx.state('conf').file.managed(path='/x', notify=['reload'])\n"
        "    ctx.state('reload', lazy=True, requires=[conf]).service.reloaded(service='a').cmd.run(cmd='b')\n"
        "    return {'last': {'fn': 'cmd.run', 'cmd': ctx.out('conf.hash')}}\n");
    CHECK(made == read_json(R"({"conf": [{"fn": "file.managed", "path": "/x", "notify": ["reload"]}],
        "reload": {"lazy": true, "requires": ["conf"],
                   "parts": [{"fn": "service.reloaded", "service": "a"}, {"fn": "cmd.run", "cmd": "b"}]},
        "last": {"fn": "cmd.run", "cmd": {"$out": "conf.hash"}}})"));
    CHECK(made.mapping().begin()->key == "conf");
}

TEST_CASE("ctx has the names that templates have, and so has the file itself", "[render][python]") {
    Python rendering;
    rendering.set("params", R"({"port": 80})");
    rendering.set("results", "{}");
    rendering.set("probe", R"({"cert": true})");
    CHECK(rendering.value("def states(ctx):\n"
                          "    return {'a': [ctx.vars, ctx.facts, ctx.target.name, ctx.params.port, ctx.probe.cert,\n"
                          "                  ctx.results is results, params.port, callable(ctx.targets), callable(file)]}\n") ==
          read_json(R"({"a": [{}, {}, "web1", 80, true, true, 80, true, true]})"));
}

TEST_CASE("a Python variable file defines variables(ctx), a state file may have _params", "[render][python]") {
    const std::string text = "_params = {'port': 80}\ndef variables(ctx):\n    return {'a': {'b': [1]}}\n";
    CHECK(Python("variables").value(text) == read_json(R"({"a": {"b": [1]}})"));
    CHECK(Python("_params").value(text) == read_json(R"({"port": 80})"));
}

TEST_CASE("members of a dict that is written out have the places where they are written", "[render][python]") {
    const Python rendering;
    const std::string text =
        "def part(n):\n"
        "    return {'fn': 'cmd.run',\n"
        "            'cmd': n}\n"
        "def states(ctx):\n"
        "    result = {'first': part('one')}\n"
        "    for n in range(1):\n"
        "        result[f'n{n}'] = {'fn': 'file.managed', 'path': '/ä', 'mode': 1}\n"
        "    return result\n";
    CHECK(rendering.place(text, "\"first\"") == "states/site.py:5:15");
    CHECK(rendering.place(text, "\"one\"") == "states/site.py:3:13");
    CHECK(rendering.place(text, "\"n0\"") == "states/site.py:7:27");
    CHECK(rendering.place(text, "\"mode\"") == "states/site.py:7:64");
}

TEST_CASE("what the builder makes has the place of its call, arguments their own", "[render][python]") {
    const Python rendering;
    const std::string text =
        "def states(ctx):\n"
        "    ctx.state(\n"
        "        'web', lazy=True,\n"
        "    ).file.managed(path='/a',\n"
        "                   mode=5).cmd.run(\n"
        "        cmd='x')\n";
    CHECK(rendering.place(text, "\"web\"") == "states/site.py:3:9");
    CHECK(rendering.place(text, "\"lazy\"") == "states/site.py:3:16");
    CHECK(rendering.place(text, "file.managed") == "states/site.py:4:12");
    CHECK(rendering.place(text, "\"mode\"") == "states/site.py:5:20");
    CHECK(rendering.place(text, "cmd.run") == "states/site.py:5:32");
    CHECK(rendering.place(text, "\"cmd\"") == "states/site.py:6:9");
}

TEST_CASE("an exception in a Python file shows its line and column, and no value of a variable", "[render][python]") {
    Python rendering;
    rendering.set("vars", R"({"password": "swordfish"})");
    CHECK(rendering.wrong("return {'a': 1 + (2 // 0)}") ==
          "states/site.py:2:23: ZeroDivisionError: integer division or modulo by zero\n");
    CHECK(rendering.wrong("return {'ä': ctx.vars.pasword}") ==
          "states/site.py:2:27: vars has no 'pasword'; did you mean 'password'?\n");
    for (const char* const body : {"int(ctx.vars.password)", "raise Exception('not ' + ctx.vars.password)",
                                   "{}[ctx.vars.password]", "open(ctx.vars.password)", "ctx.file(ctx.vars.password)"}) {
        CHECK_THAT(rendering.wrong(body), Contains("states/site.py:2:5: "));
        CHECK_THAT(rendering.wrong(body), !Contains("swordfish"));
    }
}

TEST_CASE("an undefined name in a Python file is an error at its place with the nearest name", "[render][python]") {
    const Python rendering;
    CHECK(rendering.wrong("return {'a': vras.b}") ==
          "states/site.py:2:18: 'vras' is not defined; did you mean 'vars'?\n");
    CHECK(rendering.wrong("return ctx.fatcs") == "states/site.py:2:16: ctx has no 'fatcs'; did you mean 'facts'?\n");
}

TEST_CASE("what is wrong with a Python file as such is told at its place", "[render][python]") {
    const Python rendering;
    CHECK(rendering.errors("def states(ctx)\n    pass\n") == "states/site.py:1:16: wrong Python: expected ':'\n");
    CHECK(rendering.errors("x = 1\n") ==
          "states/site.py:1:1: a state file in Python defines states(ctx), and this one does not\n");
    CHECK(rendering.errors("x = 1\ndef state(ctx):\n    pass\n") ==
          "states/site.py:2:1: a state file in Python defines states(ctx), and this one does not; it has 'state'\n");
    CHECK(rendering.errors("\ndef states():\n    return {}\n") ==
          "states/site.py:2:1: states takes one argument: def states(ctx)\n");
    CHECK(rendering.wrong("pass") == "states/site.py:1:1: states(ctx) gives nothing; where that is meant, return {}\n");
    CHECK(Python("variables").errors("x = 1") ==
          "states/site.py:1:1: a variable file in Python defines variables(ctx), and this one does not\n");
}

TEST_CASE("values that YAML does not have are errors at their place", "[render][python]") {
    const Python rendering;
    CHECK(rendering.wrong("return {'a': {1}}") ==
          "states/site.py:2:13: a set has no order; write sorted(...) to make a list of it\n");
    CHECK(rendering.wrong("return {'a': {'b': object()}}") ==
          "states/site.py:2:19: a value is a text, number, boolean, None, list or dict, found object\n");
    CHECK(rendering.wrong("return {1: 2}") == "states/site.py:2:12: a key is a text, found int\n");
    CHECK(rendering.wrong("return {'a': float('nan')}") == "states/site.py:2:13: a number must be finite\n");
    CHECK(rendering.wrong("return {'a': '\\udc80'}") == "states/site.py:2:13: a text is not UTF-8\n");
    CHECK(rendering.wrong("x = {}; x['x'] = x; return x") ==
          "states/site.py:2:9: this is nested too deeply, or holds itself\n");
    CHECK(rendering.wrong("return {'a': 1,\n            'a': 2}") ==
          "states/site.py:3:13: the key 'a' is there twice\n");
    CHECK_THAT(rendering.wrong("yield 1"), Contains("found generator"));
}

TEST_CASE("mistakes with the builder are errors at the call", "[render][python]") {
    const Python rendering;
    CHECK(rendering.wrong("ctx.state('a')\n    ctx.state('a')") ==
          "states/site.py:3:15: the state 'a' is made twice, first in line 2\n");
    CHECK(rendering.wrong("ctx.state('a')\n    return {'a': []}") ==
          "states/site.py:2:15: the state 'a' is made and returned too\n");
    CHECK(rendering.wrong("ctx.state('a').file.managed('/x')") ==
          "states/site.py:2:33: arguments have names: file.managed(name=value)\n");
}
