// A small site at random: some of it the same as yesterday, some wrong.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

namespace prove::test {

template <class List>
auto one_of(std::mt19937& random, const List& list) {
    return list[random() % list.size()];
}

inline std::map<std::string, std::string> random_site(std::mt19937& random) {
    const std::vector<std::string> expressions = {"${vars.x}",
                                                  "${facts.os}",
                                                  "${vars.get('y', 0)}",
                                                  "${len(vars)}",
                                                  "${target.name}",
                                                  "${vars.m.a}",
                                                  "${sorted(vars.m)}",
                                                  "${vars.m}",
                                                  "${[t.name for t in targets('*')]}",
                                                  "${file('f.txt')}",
                                                  "${'odd' if vars.x % 2 else vars.m.b}",
                                                  "${facts.get('n', {}).get('ip', '-')}",
                                                  "${targets('t1')[0].facts.os}",
                                                  "${len(targets('fact:os=debian'))}",
                                                  "${vars.c.p}"};
    const auto state = [&](const std::string& id) {
        return id + ":\n  - fn: cmd.run\n    cmd: 'echo " + one_of(random, expressions) + one_of(random, expressions) +
               "'\n";
    };
    std::map<std::string, std::string> files;
    std::string targets = "targets:\n";
    for (int i = 0; i < 4; ++i)
        targets += "  - {name: t" + std::to_string(i) + ", states: [s" + std::to_string(i % 2) +
                   ", s2], variable_files: [v], roles: [r], variables: {x: " + std::to_string(random() % 3) + "}}\n";
    files["targets.yml"] = targets;
    files["prove.yml"] = "variables: {m: {a: " + std::to_string(random() % 2) + ", b: 2}}\n";
    files["variables/v.yml"] = one_of(random, std::vector<std::string>{"y: ${vars.m.b}\n", "y: 5\n", "z: ${facts.os}\n"});
    for (int i = 0; i < 3; ++i)
        files["states/s" + std::to_string(i) + ".yml"] =
            state("a" + std::to_string(i)) + state("b" + std::to_string(i)) + "<%include file='common.mako'/>";
    files["templates/common.mako"] = one_of(random, std::vector<std::string>{"# one\n", "# ${vars.x}\n"});
    files["files/f.txt"] = one_of(random, std::vector<std::string>{"f", "g"});
    files["states/s2.yml"] +=
        "c:\n  - {fn: file.managed, path: /c, source: 'prove://c.mako', context: {k: " + std::to_string(random() % 2) +
        "}}\n";
    files["files/c.mako"] = "${k}" + one_of(random, expressions) + "\n";
    // A template that asks for a target which may not be there, and goes on.
    files["states/s1.yml"] +=
        "<%\n    try:\n        found = targets('t9')\n    except Exception:\n        found = []\n%>\n"
        "e: {fn: cmd.run, cmd: 'echo ${found and 1}'}\n% if found:\nf: {fn: cmd.rnu, cmd: x}\n% endif\n";
    // What variables alone make wrong.
    files["states/s0.yml"] += "\n% if vars.x == 2 and vars.m.a == 0:\nh: {fn: cmd.rnu, cmd: x}\n% endif\n";
    if (random() % 3 == 0) files["targets.yml"] += "  - {name: t9}\n";
    files["components/c/component.yml"] =
        std::string("name: c\nparameters:\n  p: {type: text, default: ") + (random() % 2 == 0 ? "one" : "two") + "}\n";
    if (random() % 12 == 0) files["prove.yml"] = "variables: {m: {a: 1, b: 2}, c: {p: [no, text]}}\n";
    files["components/c/states.yml"] = "g: {fn: cmd.run, cmd: 'echo ${vars.c.p}'}\n";
    files["roles.yml"] = "roles:\n  r: {components: [c]}\n";
    if (random() % 4 == 0) files["states/s0.yml"] += "d: {fn: cmd.rnu, cmd: x}\n";
    return files;
}

}  // namespace prove::test
