"""S91 through a master and its agent: a secret reaches the host, and nothing that Prove wrote or printed holds it."""
import os
import pathlib
import shutil
import signal
import subprocess
import threading

from harness import BIN, run, until
from prove_master import LocalCase

CANARY = "kanarienvogel-4711"

# Where a value can stand. Words of `cmd:` are the state's own affair: they are given to the system (see Watch).
SITE = """
content: {fn: file.managed, path: '${vars.root}/content', content: 'inline ${vars.v}', mode: '0600'}
mako: {fn: file.managed, path: '${vars.root}/mako', source: 'prove://m.mako', context: {given: '${vars.url}'}, mode: '0600'}
jinja: {fn: file.managed, path: '${vars.root}/jinja', source: 'prove://j.jinja', context: {given: {deep: ['${vars.v}']}}, mode: '0600'}
path: {fn: file.managed, path: '${vars.root}/${vars.v}', content: x}
described: {fn: file.directory, path: '${vars.root}/described', description: 'plain words', tags: [some]}
stdin: {fn: cmd.run, cmd: 'cat > ${vars.root}/stdin; sleep 1', stdin: '${vars.v}'}
env: {fn: cmd.run, cmd: 'printf "%s" "$SECRET" > ${vars.root}/env', env: {SECRET: '${vars.v}'}}
reads: {fn: cmd.read, cmd: [cat, '${vars.root}/content'], requires: [content]}
takes: {fn: file.managed, path: '${vars.root}/takes', content: !out reads.stdout, mode: '0600'}
other: {fn: cmd.run, cmd: ['sh', '-c', 'cat ${vars.root}/content; cat ${vars.root}/content >&2'], requires: [content]}
onlyif: {fn: cmd.run, cmd: x, onlyif: {equals: ['${vars.v}', other]}}
unless: {fn: cmd.run, cmd: x, unless: [{exists: '/${vars.v}'}, {equals: ['${vars.v}', '${vars.v}']}]}
asks: {fn: cmd.run, cmd: 'true', creates: '${vars.root}/${vars.v}-2'}
included: {fn: meta.include, file: called, as: c, with: {p: '${vars.url}'}}
python: {fn: meta.include, file: python}
own: {fn: shop.line, path: '${vars.root}/own', line: '${vars.v}'}
late: {late: true, requires: [reads], parts: {fn: cmd.run, cmd: 'cat > ${vars.root}/late-${len(results.reads.stdout)}', stdin: '${vars.v}'}}
rescued: {fn: meta.block, states: {inner: {fn: cmd.run, cmd: 'echo ${vars.v} >&2; exit 3', retry: {attempts: 2, delay: 100ms}}},
          rescue: {good: {fn: meta.noop}}}
fails: {fn: cmd.run, cmd: 'echo ${vars.v}; echo ${vars.v} >&2; exit 3', retry: {attempts: 2, delay: 100ms}}
message: {fn: meta.fail, message: 'no ${vars.v}'}
asserts: {fn: meta.assert, that: {equals: ['${vars.v}', x]}, message: 'no ${vars.v}'}
mode: {fn: file.directory, path: '${vars.root}/d', mode: '${vars.v}'}
nowhere: {fn: cmd.run, cmd: ['/nowhere/${vars.v}']}
tells: {fn: shop.tell, path: '${vars.root}/own', line: x, requires: [own]}
"""
CATALOG = {
    "variables/more.yml": "url: 'http://me:${vars.v}@db'\n",
    "states/called.yml": "_params: {p: ''}\ncalled: {fn: file.managed, path: '${vars.root}/called', content: '${params.p}', mode: '0600'}\n",
    "states/python.py": "def states(ctx):\n"
                        "    ctx.state('py').file.managed(path=ctx.vars.root + '/py', content=ctx.vars.url, mode='0600')\n",
    "files/m.mako": "mako ${vars.v} ${given}\n",
    "files/j.jinja": "jinja {{ vars.v }} {{ given.deep[0] }}\n",
    "components/shop/component.yml": "version: '1.0.0'\nparameters: {token: {type: text}}\n",
    "components/shop/functions/line": "#!/bin/sh\nr=$(cat); cat /proc/$$/cmdline /proc/$$/environ\n"
                                      "echo \"$r\" >> ROOT/own; echo \"$r\" >&2; echo '{\"changed\": false}' >&2\nexit 4\n",
    "components/shop/functions/tell": "#!/bin/sh\ncat > /dev/null; w=$(cat ROOT/content); echo \"$w\" >&2\n"
                                      "printf '{\"error\": \"found %s\"}' \"$w\"\n",
}
# More than what fits a command: the run goes by a content, which is kept on disks.
LARGE = "".join(f"filler{i}: {{fn: cmd.run, cmd: 'true {'x' * 900}', creates: /}}\n" for i in range(400))


def found_in(folder, word, ignore):
    """Files below a folder that hold a word, and names that do."""
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if pathlib.Path(base, name) not in ignore]
        for name in folders + files:
            path = pathlib.Path(base, name)
            if word in name:
                yield path
            if path.is_file() and word.encode() in path.read_bytes():
                yield path


class Watch(threading.Thread):
    """Looks at the arguments and environments of all processes, again and again, while a job runs."""

    def __init__(self, word):
        super().__init__(daemon=True)
        self.word, self.found, self.over = word.encode(), set(), threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            for process in filter(str.isdigit, os.listdir("/proc")):
                try:
                    command = pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
                    if self.word in command:
                        self.found.add(command)
                    if b"prove-" in command and self.word in pathlib.Path(f"/proc/{process}/environ").read_bytes():
                        self.found.add(command + b" by its environment")
                except OSError:
                    continue


class Secrets(LocalCase):
    agents = ("a1",)

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        self.key = self.master.folder / "master/keys/secret.key"
        (self.master.catalog / "prove.yml").write_text(f"variables: {{root: {self.root}}}\n")
        self.key.unlink(missing_ok=True)
        self.secret("init", "--key", self.key)
        encrypted = self.secret("encrypt", input=CANARY.encode()).out.strip()
        self.assertTrue(encrypted.startswith("!secret prove1."), encrypted)
        self.master.write("groups.yml", f"groups: [{{name: all, glob: '*', variables: {{v: {encrypted}}}}}]\n")
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site], variable_files: [more]}\n")
        for path, text in CATALOG.items():
            self.master.write(path, text.replace("ROOT", str(self.root)))
        for name in ("line", "tell"):
            (self.master.catalog / f"components/shop/functions/{name}").chmod(0o755)
        self.outputs = []

    def secret(self, *arguments, input=None):
        done = run([BIN / "prove-cli", "--catalog", self.master.catalog, "secret", *arguments], input=input)
        self.assertEqual(done.code, 0, done)
        return done

    def said(self, *arguments):
        for form in ("text", "json", "yaml"):
            done = self.master.cli("--output", form, *arguments, check=False)
            self.outputs += [done.out, done.err]

    def api(self, path):
        done = subprocess.run(["curl", "-s", "--max-time", "10", "--unix-socket", str(self.master.socket), f"http://prove{path}"],
                              stdout=subprocess.PIPE, check=True)
        self.outputs.append(done.stdout.decode())
        return done.stdout.decode()

    def check_that_nothing_tells(self):
        for output in self.outputs:
            self.assertNotIn(CANARY, output)
            self.assertNotIn("Secret<&", output)    # nor is what stands for it of any use to people
        self.assertEqual(list(found_in(self.master.folder, CANARY, {self.master.folder / "touched"})), [])

    def work(self, states):
        self.master.write("states/site.yml", states)
        self.master.cli("catalog", "reload")
        self.said("states", "plan", "a1")
        watch = Watch(CANARY)
        watch.start()
        self.said("states", "apply", "a1")
        watch.over.set()
        watch.join()
        job = self.master.json("jobs", "list")[0]["job"]
        self.said("jobs", "show", job)
        self.said("jobs", "list")
        for words in (("graph", "a1"), ("graph", "a1", "--format", "dot"), ("variables", "a1"), ("variables", "a1", "--explain"),
                      ("catalog", "status"), ("targets", "var:v=x"), ("keys", "list"), ("audit", "list")):
            self.said(*words)
        for path in ("/v1/jobs", f"/v1/jobs/{job}", f"/v1/jobs/{job}/events", "/v1/targets", "/v1/catalog", f"/v1/jobs/{job}/results/a1"):
            self.api(path)
        self.outputs.append(self.agent("a1").prove_agent("status", check=False).out)
        self.look_at(self.master.catalog)
        return watch.found

    def look_at(self, catalog):
        """All that prove-cli says of a catalog without a master, and without the private key."""
        other = self.master.folder / "other-catalog"
        shutil.copytree(catalog, other)
        site = (other / "states/site.yml").read_text()
        (other / "states/site.yml").write_text(site.replace("inline ${vars.v}", "other ${vars.v} ${vars.url}"))
        for words in (("check",), ("compile", "a1"), ("--output", "json", "compile", "a1"), ("variables", "a1"),
                      ("variables", "a1", "--explain"), ("graph", "a1"), ("graph", "a1", "--format", "dot"),
                      ("graph", "a1", "--format", "svg"), ("diff", catalog, other)):
            done = run([BIN / "prove-cli", "--catalog", catalog, *words], env={"PROVE_SECRET_KEY": "/nowhere"})
            self.assertIn(done.code, (0, 6), (words, done))
            self.outputs += [done.out, done.err]
        shutil.rmtree(other)

    def test_S91_a_secret_reaches_the_host_and_stands_in_nothing_that_prove_wrote_or_printed(self):
        commands = self.work(SITE)
        self.assertEqual((self.root / "content").read_text(), f"inline {CANARY}")
        self.assertEqual((self.root / "mako").read_text(), f"mako {CANARY} http://me:{CANARY}@db\n")
        self.assertEqual((self.root / "stdin").read_text(), CANARY)
        self.assertEqual((self.root / "env").read_text(), CANARY)
        self.assertEqual((self.root / "jinja").read_text(), f"jinja {CANARY} {CANARY}\n")
        self.assertEqual((self.root / "takes").read_text(), f"inline {CANARY}")
        self.assertEqual((self.root / "called").read_text(), f"http://me:{CANARY}@db")
        self.assertEqual((self.root / "py").read_text(), f"http://me:{CANARY}@db")
        self.assertEqual((self.root / "late-10").read_text(), CANARY)    # "inline ***"
        self.assertIn(f'"line":"{CANARY}"', (self.root / "own").read_text())
        self.assertTrue((self.root / CANARY).exists())
        self.assertTrue(any("read" in output and "***" in output for output in self.outputs))
        self.check_that_nothing_tells()
        # What a state itself puts into a command line is there while the command runs, and nothing else is.
        self.assertTrue(all(b"exit 3" in command for command in commands), commands)

    def test_S91_nor_where_the_states_are_too_many_for_one_message(self):
        self.work(SITE + LARGE)
        self.assertEqual((self.root / "content").read_text(), f"inline {CANARY}")
        self.check_that_nothing_tells()

    def test_without_the_private_key_the_target_fails_and_says_what_is_missing(self):
        self.master.write("states/site.yml", "a: {fn: cmd.run, cmd: 'true ${vars.v}'}\n")
        self.master.cli("catalog", "reload")
        self.key.rename(self.key.with_suffix(".away"))
        done = self.cli("states", "apply", "a1", code=4)
        self.assertIn(f"the private key that opens them is not there: {self.key}", done.out + done.err)
        self.key.with_suffix(".away").rename(self.key)
        self.cli("states", "apply", "a1")
        self.check_that_nothing_tells()

    def test_states_are_applied_without_a_master_by_who_has_the_key(self):
        self.master.write("targets.yml", (self.master.catalog / "targets.yml").read_text().replace("name: a1,", "name: a1, executor: local,"))
        self.master.write("states/site.yml", SITE)
        catalog = (BIN / "prove-cli", "--catalog", self.master.catalog)
        environment = {"PROVE_SECRET_KEY": str(self.key), "XDG_STATE_HOME": str(self.master.folder / "state")}
        done = run([*catalog, "states", "apply", "a1"], env=environment)
        self.assertEqual(done.code, 4, done)
        self.outputs += [done.out, done.err]
        self.assertEqual((self.root / "mako").read_text(), f"mako {CANARY} http://me:{CANARY}@db\n")
        self.check_that_nothing_tells()

    def test_S92_nothing_is_told_by_errors_of_the_catalog_either(self):
        for states in ("a: {fn: cmd.run, cmd: '${vars.v}', nonsense: '${vars.v}'}\n", "<% raise Exception(vars.v) %>\n",
                       "<% raise Exception(vars) %>\n", "${1 / 0} ${vars.v}\n", "'${vars.v}': {fn: cmd.run, cmd: x}\n",
                       "a: 'x' ${vars.v} 'y\n", "a: {fn: cmd.run, cmd: \"${vars.v.strip()}\"}\n"):
            self.master.write("states/site.yml", states)
            for words in (("catalog", "reload"), ("catalog", "status"), ("states", "apply", "a1"), ("states", "apply", "a1", "--in-force")):
                self.said(*words)
            for words in (("check",), ("compile", "a1")):
                done = run([BIN / "prove-cli", "--catalog", self.master.catalog, *words])
                self.assertEqual(done.code, 3, (states, done))
                self.assertIn("states/site.yml:1:", done.out + done.err)
                self.outputs += [done.out, done.err]
        self.check_that_nothing_tells()

    def test_S92_nor_by_programs_that_are_killed_at_their_work(self):
        self.master.write("states/site.yml", "a: {fn: cmd.run, cmd: 'cat > ${vars.root}/got; sleep 60', stdin: '${vars.v}'}\n")
        self.master.cli("catalog", "reload")
        for end in (signal.SIGSEGV, signal.SIGABRT):
            (self.root / "got").unlink(missing_ok=True)
            job = self.master.running_job("states", "apply", "a1")
            until((self.root / "got").exists, 30, "the command runs")
            for program in (self.agent("a1").program, self.master.program):
                program.process.send_signal(end)
                program.process.wait(20)
            self.master.program.start()
            self.agent("a1").program.start()
            self.master.answers("a1", 60)
            self.master.cli("jobs", "cancel", job, check=False)
            self.said("jobs", "show", job)
        self.check_that_nothing_tells()
