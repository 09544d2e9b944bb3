// What a rendering read, and that what is remembered by it is what would be rendered.
#include "master/render/render_memory.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/unit/master/render/remembered.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// Whether changing `name` from one value to the other renders the text again.
bool is_rendered_again(const std::string& text, const std::string& name, const std::string& from, const std::string& to,
                       const std::string& engine = "mako") {
    Remembered remembered;
    if (engine != "mako") remembered->use(engine, engine == "jinja" ? "states/site.yml.jinja" : "states/site.py");
    remembered->set(name, from);
    remembered.text(text);
    INFO(text);
    CHECK(remembered.text(text).front() == '(');
    remembered->set(name, to);
    return remembered.text(text).front() != '(';
}

}  // namespace

TEST_CASE("a file is rendered again only when something differs that its rendering read", "[render][memory]") {
    Remembered remembered;
    remembered->set("vars", R"({"port": 80, "other": 1})");
    CHECK(remembered.text("p ${vars.port}") == "p 80");
    CHECK(remembered.text("p ${vars.port}") == "(p 80)");
    remembered->set("vars", R"({"other": 2, "port": 80, "more": {"a": 1}})");
    CHECK(remembered.text("p ${vars.port}") == "(p 80)");
    remembered->set("vars", R"({"port": 81})");
    CHECK(remembered.text("p ${vars.port}") == "p 81");
    remembered->set("vars", R"({"port": 80})");
    CHECK(remembered.text("p ${vars.port}") == "(p 80)");
    CHECK(remembered.text("q ${vars.port}") == "q 80");
}

TEST_CASE("every way to look at a mapping is a read: members, absent ones, keys, length, order, the whole",
          "[render][memory]") {
    const auto again = [](const std::string& text, const std::string& from, const std::string& to) {
        return is_rendered_again(text, "vars", from, to);
    };
    CHECK(again("${'x' in vars}", "{}", R"({"x": 1})"));
    CHECK(again("${'x' in vars}", R"({"y": 1})", R"({"y": 1, "x": 1})"));
    CHECK_FALSE(again("${'x' in vars}", R"({"y": 1})", R"({"y": 2, "z": 1})"));
    CHECK(again("${vars.get('x', 5)}", R"({"y": 1})", R"({"x": 5})"));
    CHECK(again("${len(vars)}", R"({"y": 1})", R"({"y": 1, "z": 1})"));
    CHECK_FALSE(again("${len(vars)}", R"({"y": 1})", R"({"y": 2})"));
    CHECK(again("${'yes' if vars.m else 'no'}", R"({"m": {}})", R"({"m": {"a": 1}})"));
    CHECK(again("${' '.join(vars)}", R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})"));
    CHECK(again("${' '.join(reversed(vars.keys()))}", R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})"));
    CHECK_FALSE(again("${vars.a}${vars.b}", R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})"));
    for (const char* whole : {"${vars.m}",
                              "${vars.m | yaml}",
                              "${list(vars.m.items())}",
                              "${list(vars.m.values())}",
                              "${dict(vars.m)}",
                              "${vars.m.copy()}",
                              "${dict(**vars.m)}",
                              "${{**vars.m}}",
                              "<% x = vars.m | {} %>${x}",
                              "<% x = {} | vars.m %>${x}",
                              "${str(vars.m)}",
                              "${vars.m == {'a': 1}}",
                              "${{'a': 1} != vars.m}",
                              "<% import json %>${json.dumps(vars.m)}",
                              "<% import copy %>${copy.deepcopy(vars.m)}",
                              "<% import copy %>${copy.copy(vars.m)['a']}",
                              "<% d = {}\nd.update(vars.m) %>${d}",
                              "${'%(a)s' % vars.m}",
                              "${'{a}'.format_map(vars.m)}",
                              "${'{m[a]}'.format(**vars)}",
                              "${vars.m.pop('a')}",
                              "${vars.m.popitem()}",
                              "${vars.m.setdefault('a', 3)}"}) {
        INFO(whole);
        CHECK(again(whole, R"({"m": {"a": 1}})", R"({"m": {"a": 2}})"));
    }
    CHECK(again("${vars.l[0]}", R"({"l": [{"a": 1}]})", R"({"l": [{"a": 2}]})"));
    CHECK(
        again("% for one in vars.l:\n${one.a}\n% endfor\n", R"({"l": [{"a": 1}]})", R"({"l": [{"a": 1}, {"a": 2}]})"));
}

TEST_CASE("values of different kinds are different, also where they look alike", "[render][memory]") {
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"1", "1.0"},
                                                                                   {"1", "true"},
                                                                                   {"1", "\"1\""},
                                                                                   {"0", "false"},
                                                                                   {"null", "false"},
                                                                                   {"\"\"", "null"},
                                                                                   {"[]", "{}"},
                                                                                   {"[1, 2]", "[12]"},
                                                                                   {"[\"a\", \"b\"]", "[\"ab\"]"},
                                                                                   {"0.0", "-0.0"},
                                                                                   {"{}", "null"}}) {
        INFO(from << " " << to);
        CHECK(is_rendered_again("${vars.x}", "vars", "{\"x\": " + from + "}", "{\"x\": " + to + "}"));
        CHECK(is_rendered_again("${vars.x is None} ${isinstance(vars.x, dict)}", "vars", "{\"x\": " + from + "}",
                                "{\"x\": " + to + "}"));
    }
}

TEST_CASE("facts, parameters, probes, the target itself and names of its own are reads", "[render][memory]") {
    for (const char* name : {"facts", "params", "target", "results", "own"}) {
        INFO(name);
        const std::string text = "${" + std::string(name) + ".a}";
        CHECK(is_rendered_again(text, name, R"({"a": 1})", R"({"a": 2})"));
        CHECK_FALSE(is_rendered_again(text, name, R"({"a": 1})", R"({"a": 1, "b": 2})"));
    }
    CHECK(is_rendered_again("${own}", "own", "1", "2"));
    CHECK(is_rendered_again("${probe.a}", "probe", R"({"a": true})", R"({"a": false})"));
    CHECK_FALSE(is_rendered_again("${probe.a}", "probe", R"({"a": true})", R"({"a": true, "b": true})"));
    CHECK(is_rendered_again("${'known' if facts else 'unknown'}", "facts", "null", R"({"a": 1})"));
}

TEST_CASE("probes that a remembered rendering read are told again", "[render][memory]") {
    Remembered remembered;
    remembered->set("probe", "{}");
    const std::string text = "a: ${probe.fresh}";
    CHECK(remembered->render(text, true, true).probes_read == std::vector<std::string>{"fresh"});
    CHECK(remembered->render(text, true, true).probes_read == std::vector<std::string>{"fresh"});
    CHECK(remembered.memory()->counts().found == 1);
    remembered->set("probe", R"({"fresh": true})");
    CHECK(remembered->render(text, true, true).probes_read.empty());
}

TEST_CASE("Jinja and Python files are remembered by what they read", "[render][memory]") {
    const std::string jinja = "{% for k in vars.m %}{{ k }}{{ vars.x | default('none') }}{% endfor %}{{ 1 }}";
    CHECK(is_rendered_again(jinja, "vars", R"({"m": {"a": 1}})", R"({"m": {"b": 1}})", "jinja"));
    CHECK(is_rendered_again(jinja, "vars", R"({"m": {"a": 1}})", R"({"m": {"a": 1}, "x": 2})", "jinja"));
    CHECK_FALSE(is_rendered_again(jinja, "vars", R"({"m": {"a": 1}})", R"({"m": {"a": 2}, "y": 2})", "jinja"));
    CHECK(is_rendered_again("{{ vars.m | tojson }}", "vars", R"({"m": {"a": 1}})", R"({"m": {"a": 2}})", "jinja"));
    CHECK(is_rendered_again("{{ vars.m | dictsort }}", "vars", R"({"m": {"a": 1}})", R"({"m": {"a": 2}})", "jinja"));
    const std::string python = "def states(ctx):\n    return {'a': {'fn': 'cmd.run', 'cmd': ctx.vars.x}}\n";
    CHECK(is_rendered_again(python, "vars", R"({"x": "a"})", R"({"x": "b"})", "python"));
    CHECK_FALSE(is_rendered_again(python, "vars", R"({"x": "a"})", R"({"x": "a", "y": 1})", "python"));
}

TEST_CASE("what looks beyond its names is rendered each time: the clock, chance, the machine, addresses",
          "[render][memory]") {
    for (const char* text :
         {"<% import time %>${1}", "<%! import random %>${1}", "<% from datetime import datetime %>${1}",
          "<% import os %>${1}", "<% import uuid, json %>${1}", "<%namespace name='t' module='gc'/>${t.is_tracked()}",
          "${open('/dev/null').mode}", "${eval('1')}", "${id(vars)}", "${str(context)}", "${dict.get(vars, 'x')}",
          "${vars.__class__.__name__}", "<%! x = hash('a') %>${1}",
          "<% import importlib %>${importlib.import_module('time') is not None}"}) {
        Remembered remembered;
        INFO(text);
        remembered.text(text);
        CHECK(remembered.text(text).front() != '(');
        CHECK(remembered.memory()->counts().unrepeatable == 2);
    }
    for (const char* text : {"{{ [1, 2] | random }}", "{{ lipsum() }}", "{{ vars.__class__.__name__ }}"}) {
        Remembered remembered;
        remembered->use("jinja", "states/site.yml.jinja");
        INFO(text);
        remembered.text(text);
        CHECK(remembered.text(text).front() != '(');
    }
}

TEST_CASE("what only computes may import what it likes of Python's pure modules", "[render][memory]") {
    Remembered remembered;
    const std::string text =
        "<%! import re, ipaddress, json %>${re.sub('a', 'b', 'a')} ${ipaddress.ip_address('10.0.0.1')}";
    CHECK(remembered.text(text) == "b 10.0.0.1");
    CHECK(remembered.text(text) == "(b 10.0.0.1)");
}

TEST_CASE("a set has the same order in every worker", "[render][memory]") {
    const std::string text = "${' '.join({'alpha', 'beta', 'gamma', 'delta', 'epsilon'})}";
    const std::string first = Rendering().text(text);
    for (int i = 0; i < 3; ++i) CHECK(Rendering().text(text) == first);
}

TEST_CASE("templates that a file brings in are reads: another text, another file of that name, one that comes",
          "[render][memory]") {
    const auto memory = std::make_shared<RenderMemory>();
    const auto text = [&](const Files& files) {
        const auto before = memory->counts().found;
        const auto result = Rendering(files, {}, 1, memory).text("<%include file='a.mako'/>${file('f.txt')}");
        return memory->counts().found == before ? result : "(" + result + ")";
    };
    const Files files = {{"templates/a.mako", "A${vars.get('x', 1)}"}, {"files/f.txt", "F"}};
    CHECK(text(files) == "A1F");
    CHECK(text(files) == "(A1F)");
    Files others = files;
    others["files/else.txt"] = "not read";
    CHECK(text(others) == "(A1F)");
    others["files/f.txt"] = "G";
    CHECK(text(others) == "A1G");
    others["templates/a.mako"] = "B";
    CHECK(text(others) == "BG");
    others["states/a.mako"] = "nearer";
    CHECK(text(others) == "nearerG");
    CHECK(text(others) == "(nearerG)");
}

TEST_CASE("what targets() gave is read by its members", "[render][memory]") {
    Remembered remembered;
    const auto give = [&](const std::string& json) {
        remembered->targets = [json](const std::string&) { return std::make_shared<const Value>(read_json(json)); };
    };
    give(R"([{"name": "a", "facts": {"x": 1, "y": 1}}])");
    const std::string text = "% for t in targets('all'):\n${t.name} ${t.facts.x}\n% endfor\n";
    CHECK(remembered.text(text) == "a 1\n");
    give(R"([{"name": "a", "facts": {"x": 1, "y": 2}}])");
    CHECK(remembered.text(text) == "(a 1\n)");
    give(R"([{"name": "a", "facts": {"x": 2, "y": 2}}])");
    CHECK(remembered.text(text) == "a 2\n");
    give(R"([{"name": "a", "facts": {"x": 2}}, {"name": "b", "facts": {"x": 3}}])");
    CHECK(remembered.text(text) == "a 2\nb 3\n");
    CHECK(remembered.text(text) == "(a 2\nb 3\n)");
}

TEST_CASE("who keeps account of what targets() was asked hears the same of a remembered rendering",
          "[render][memory]") {
    const auto memory = std::make_shared<RenderMemory>();
    const auto asked = [&](const std::string& vars) {
        Rendering rendering({}, {}, 1, memory);
        std::string result;
        rendering.targets = [](const std::string&) { return std::make_shared<const Value>(Value::array()); };
        rendering.asked = [&](const std::string& expression) { result += expression + " "; };
        rendering.set("vars", vars);
        rendering.text("${len(targets('a'))}${len(targets('b')) if vars.x else ''}");
        return result;
    };
    CHECK(asked(R"({"x": true})") == "a b ");
    CHECK(asked(R"({"x": true})") == "a b ");
    CHECK(memory->counts().found == 1);
    // Looking for a remembered one meets 'b', which this one does not ask for.
    CHECK(asked(R"({"x": false})") == "a ");
}

TEST_CASE("results of other states are reads, also of those that have not come yet", "[render][memory]") {
    Remembered remembered;
    remembered->set("results", "{}");
    const std::string text = "${results.early.stdout}";
    CHECK(remembered->render(text, true, true).results_read == std::vector<std::string>{"early"});
    CHECK(remembered->render(text, true, true).results_read == std::vector<std::string>{"early"});
    CHECK(remembered.memory()->counts().found == 1);
    remembered->set("results", R"({"early": {"stdout": "x", "ms": 1}})");
    CHECK(remembered->render(text, true, true).text == "x");
    remembered->set("results", R"({"early": {"stdout": "x", "ms": 2}, "other": {}})");
    CHECK(remembered->render(text, true, true).text == "x");
    CHECK(remembered.memory()->counts().found == 2);
    remembered->set("results", R"({"early": {"stdout": "y", "ms": 2}})");
    CHECK(remembered->render(text, true, true).text == "y");
}

TEST_CASE("what a value says decides what is read next, and both ways are remembered", "[render][memory]") {
    Remembered remembered;
    const std::string text = "${vars[vars.which]} ${vars.last}";
    const auto set = [&](const std::string& which) {
        remembered->set("vars", "{\"which\": \"" + which + "\", \"a\": \"A\", \"b\": \"B\", \"last\": \"z\"}");
    };
    set("a");
    CHECK(remembered.text(text) == "A z");
    set("b");
    CHECK(remembered.text(text) == "B z");
    set("a");
    remembered.text(text);  // what was read before the ways parted is known only now
    CHECK(remembered.text(text) == "(A z)");
    set("b");
    CHECK(remembered.text(text) == "(B z)");
}

TEST_CASE("a memory holds no more than it may, and forgets first what was not used for longest", "[render][memory]") {
    Remembered remembered({}, 40'000);
    const auto render = [&](int x) {
        remembered->set("vars", "{\"x\": " + std::to_string(x) + "}");
        return remembered.text("${'-' * 5000}${vars.x}").front() == '(';
    };
    for (int x = 0; x < 30; ++x) {
        CHECK_FALSE(render(x));
        if (x > 0) CHECK(render(0));
        CHECK(remembered.memory()->counts().bytes <= 40'000);
    }
    CHECK(render(29));
    CHECK_FALSE(render(5));
}

TEST_CASE("errors are found anew each time", "[render][memory]") {
    Remembered remembered;
    remembered->set("vars", "{}");
    CHECK(remembered->errors("${vars.x}") == "states/site.yml:1:8: vars has no 'x'\n");
    CHECK(remembered->errors("${vars.x}") == "states/site.yml:1:8: vars has no 'x'\n");
    remembered->set("vars", R"({"x": 1})");
    CHECK(remembered.text("${vars.x}") == "1");
}

TEST_CASE("threads share a memory", "[render][memory]") {
    const auto memory = std::make_shared<RenderMemory>(20'000);
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int thread = 0; thread < 3; ++thread)
        threads.emplace_back([&] {
            Rendering rendering({}, {}, 1, memory);
            for (int i = 0; i < 200; ++i) {
                const int x = (i * 7) % 20;
                rendering.set("vars", "{\"x\": " + std::to_string(x) + "}");
                if (rendering.text("${vars.x}${'-' * 900}").compare(0, 3, std::to_string(x) + "---", 0, 3) != 0)
                    ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}
