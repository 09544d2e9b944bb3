#!/usr/bin/python3
"""Holds prove-cli's JSON Schemas against files that are right and files that are wrong, with python3-jsonschema.

    json_schema_check.py FOLDER-OF-SCHEMAS ROOT-OF-THE-SOURCE

Right: the catalogs of the demo and of the system tests, the examples of the documentation, and golden catalogs that
compile. Wrong: one file for each kind of mistake, with the place that the validator must point at, and golden catalogs.
"""
import json
import pathlib
import sys

import jsonschema
import yaml

WRONG_STATES = [
    ("a: {fn: file.manged, path: /a}", ["a", "fn"]),
    ("a: {path: /a}", ["a"]),
    ("a: {fn: file.managed, path: /a, content: x, pth: /b}", ["a"]),
    ("a: {fn: file.managed, content: x}", ["a"]),
    ("a: {fn: file.managed, path: /a}", ["a"]),
    ("a: {fn: file.managed, path: /a, content: x, source: 'prove://x'}", ["a"]),
    ("a: {fn: file.managed, path: a/b, content: x}", ["a", "path"]),
    ("a: {fn: file.managed, path: /a, content: x, mode: 0644}", ["a", "mode"]),
    ("a: {fn: file.managed, path: /a, content: x, mode: '0999'}", ["a", "mode"]),
    ("a: {fn: file.managed, path: /a, content: x, make_dirs: 'yes'}", ["a", "make_dirs"]),
    ("a: {fn: file.managed, path: /a, content: x, symlink: keep}", ["a", "symlink"]),
    ("a: {fn: file.managed, path: /a, source: /etc/x}", ["a", "source"]),
    ("a: {fn: cmd.run, cmd: 7}", ["a", "cmd"]),
    ("a: {fn: cmd.run, cmd: []}", ["a", "cmd"]),
    ("a: {fn: cmd.run, cmd: x, env: [A]}", ["a", "env"]),
    ("a: {fn: cmd.run, cmd: x, timeout: soon}", ["a", "timeout"]),
    ("a: {fn: cmd.run, cmd: x, success_codes: [zero]}", ["a", "success_codes"]),
    ("a: {fn: cmd.run, cmd: x, onlyif: 'yes'}", ["a", "onlyif"]),
    ("a: {fn: cmd.run, cmd: x, onlyif: {exist: /x}}", ["a", "onlyif"]),
    ("a: {fn: cmd.run, cmd: x, unless: [7]}", ["a", "unless", 0]),
    ("a: {fn: cmd.run, cmd: x, retry: {delay: 2s}}", ["a", "retry"]),
    ("a: {fn: cmd.run, cmd: x, notify: {b: c}}", ["a", "notify"]),
    ("a: {fn: cmd.run, cmd: x, lazy: 'on'}", ["a", "lazy"]),
    ("a: {fn: cmd.run, cmd: x, probe: {1x: {exists: /x}}}", ["a", "probe"]),
    ("a: [{fn: cmd.run, cmd: x}, {fn: cmd.run}]", ["a", 1]),
    ("a: []", ["a"]),
    ("a: text", ["a"]),
    ("a: {parts: [{fn: cmd.run, cmd: x}], notfy: [b]}", ["a"]),
    ("a: {fn: meta.block, states: {b: {fn: cmd.rum}}}", ["a", "states", "b", "fn"]),
    ("a: {fn: meta.assert, that: {exist: /x}}", ["a", "that"]),
    ("[a, b]", []),
]
RIGHT_STATES = [
    "a: {fn: webserver.vhost, domain: blog}",
    "a: {fn: file.managed, path: /a, content: !out b.stdout, mode: '0644'}",
    "a: {fn: cmd.run, cmd: [a, !out b.stdout], timeout: 5, success_codes: 3}",
    "a: {fn: file.managed, path: '${vars.path}', content: '', make_dirs: '${vars.make}'}",
    "a: {parts: {fn: cmd.run, cmd: x}, late: true, tags: x}",
    "a: {fn: webserver.vhost, anything: [goes]}",
    "a: {fn: user.present, name: app, uid: '{{ vars.uid }}'}",
    "_params: {port: 80}\n_include: [b]\n_require: c\n",
    "",
]
OTHERS = [
    ("targets", "targets: [{name: web1, roles: [web], verify: false}]", None),
    ("targets", "targets: [{nme: web1}]", ["targets", 0]),
    ("targets", "targets: [{name: Web1}]", ["targets", 0, "name"]),
    ("targets", "targets: {web1: {}}", ["targets"]),
    ("groups", "groups: [{name: web, glob: 'web*'}]", None),
    ("groups", "groups: [{name: web}]", ["groups", 0]),
    ("groups", "groups: [{name: web, glob: x, regex: y}]", ["groups", 0]),
    ("roles", "roles: {web: {states: [a]}, none: }", None),
    ("roles", "roles: {web: {state: [a]}}", ["roles", "web"]),
    ("prove", "options: {on_failure: stop}\nvariables: {a: 1}\n", None),
    ("prove", "options: {on_failure: halt}", ["options", "on_failure"]),
    ("prove", "option: {}", []),
    ("prove", "options: {executor: agent, transport: zeromq, parallelism: 2, verify: true, renderer: plain}\n"
              "targets: [{name: a}]\ngroups: [{name: b, regex: x}]\nroles: {c: {}}\n"
              "schedules: {d: {targets: '*', run: states plan, cron: '0 3 * * *'}}\n", None),
    ("prove", "variables: {list+: 7}", ["variables", "list+"]),
    ("targets", "targets: [{name: web1, ssh: {port: 0}}]", ["targets", 0, "ssh", "port"]),
    ("targets", "targets: [{name: web1, variables: {site: {map!: [a]}}}]", ["targets", 0, "variables", "site", "map!"]),
    ("targets", "targets: [{name: web1, executor: docker}]", ["targets", 0, "executor"]),
    ("groups", "groups: [{name: web, match: 7}]", ["groups", 0, "match"]),
    ("roles", "roles: {web: {components: [a], states: b, variables: {x+: [1]}, variable_files: [eu]}}", None),
    ("roles", "roles: [web]", ["roles"]),
    ("schedules", "schedules: {nightly: {targets: '*', run: states apply, every: 30m, splay: 5m}}", None),
    ("schedules", "schedules: {nightly: {targets: '*', run: states.apply, every: 30m}}", ["schedules", "nightly", "run"]),
    ("schedules", "schedules: {nightly: {targets: '*', run: cmd}}", ["schedules", "nightly"]),
    ("schedules", "schedules: {nightly: {run: cmd, every: 1h}}", ["schedules", "nightly"]),
    ("variables", "site: {port: 80, names+: [a], tls!: {on: true}}\nkey: !secret 'x'\nmore+: '${x}'\n", None),
    ("variables", "", None),
    ("variables", "names+: a", ["names+"]),
    ("variables", "site: {tls!: [a]}", ["site", "tls!"]),
    ("variables", "[a]", []),
    ("component", "functions: {vhost: {arguments: {path: {help: x}}}}", ["functions", "vhost", "arguments", "path"]),
    ("component", "parameters: {port: {type: integer, defualt: 1}}", ["parameters", "port"]),
    ("component", "name: web\nversion: '1.0'\n", None),
    ("component", "[a]", []),
    ("component", "prove: '>=0.1, <2'\nrequires: {tls: '1.2', dns: null}\nparameters: {port: {type: integer, default: 80}}\n"
                  "functions: {vhost: {arguments: {path: {type: path, required: true}}}}\n", None),
    ("component", "parameters: {port: {type: interger}}", ["parameters", "port", "type"]),
    ("component", "prove: newest", ["prove"]),
]


class Loader(yaml.SafeLoader):
    """As an editor reads: tags of Prove's are texts, and YAML 1.2's booleans are all there are."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: node.value)
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def main():
    schemas, root = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    validators = {}
    for path in schemas.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        validators[path.stem] = jsonschema.Draft7Validator(schema)
    problems, right, wrong = [], 0, 0

    def errors(name, text):
        return list(validators[name].iter_errors(yaml.load(text, Loader)))

    def must_be_right(name, text, what):
        nonlocal right
        right += 1
        for error in errors(name, text):
            problems.append(f"{what}: {list(error.absolute_path)}: {error.message[:200]}")

    def must_be_wrong(name, text, place, what):
        nonlocal wrong
        wrong += 1
        found = [list(error.absolute_path) for error in errors(name, text)]
        if not found or (place is not None and place not in found):
            problems.append(f"{what}: expected an error at {place}, found {found}")

    for text in RIGHT_STATES:
        must_be_right("states", text, text)
    for text, place in WRONG_STATES:
        must_be_wrong("states", text, place, text)
    for name, text, place in OTHERS:
        if place is None:
            must_be_right(name, text, text)
        else:
            must_be_wrong(name, text, place, text)

    # Files of whole catalogs, as they stand; those that are YAML only once they are rendered are no editor's business.
    catalogs = [root / "packaging/demo/catalog", root / "tests/system/catalogs/site"]
    compiled = [case for case in sorted((root / "tests/golden/compile").iterdir()) if (case / "catalog").is_dir()]
    whole = [case for case in compiled if "while compiling for target" not in (case / "expected.txt").read_text("utf-8")]
    for catalog in catalogs + [case / "catalog" for case in whole]:
        for path in sorted(catalog.rglob("*.yml")):
            relative = path.relative_to(catalog)
            top = relative.parts[0]
            sections = {f"{name}.yml": name for name in ("targets", "groups", "roles", "schedules", "prove")}
            name = ("states" if "states" in relative.parts[:-1] or relative.name == "states.yml" else
                    "variables" if top == "variables" or relative.name == "variables.yml" else
                    "component" if relative.name == "component.yml" else sections.get(str(relative)))
            if name is None:
                continue
            try:
                must_be_right(name, path.read_text(encoding="utf-8"), str(path.relative_to(root)))
            except yaml.YAMLError:
                right -= 1
    for case in ("unknown_argument", "unknown_function", "wrong_types", "mode_without_quotes", "neither_source_nor_content",
                 "trap_yes_is_text", "trap_text_as_state", "assert_wrong", "conditions"):
        path = next((root / "tests/golden/compile" / case / "catalog/states").iterdir())
        must_be_wrong("states", path.read_text(encoding="utf-8"), None, case)

    for problem in problems:
        print(problem)
    print(f"{right} files are right, {wrong} are wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
