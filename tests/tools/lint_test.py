"""The lint tools notice what they are for: each is run on a small tree with one fault in it, and on one without.

    /usr/bin/python3 tests/tools/lint_test.py
"""

import pathlib
import tempfile
import unittest

import check_comments
import check_layers
import check_raw_calls
import check_sizes
import check_types
import sources

LAYERS = """
proto        : | sodium
common/text  : proto
common/files : proto common/text
agent/host   : proto common | systemd
master/api   : proto common
"""


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("tests/tools/layers.txt", LAYERS)
        self.write("common/text/text.hpp", "// Text.\n#pragma once\n#include <string>\n")
        self.write("agent/host/host.hpp", "// Host.\n#pragma once\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def complaints(self, tool):
        return list(tool.check(self.root))

    def assert_one(self, tool, *parts):
        found = self.complaints(tool)
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])


class LayersTest(Tree):
    def test_allowed_includes_pass(self):
        self.write("agent/host/x.cpp", '// X.\n#include "agent/host/host.hpp"\n#include "common/text/text.hpp"\n'
                                       "#include <systemd/sd-bus.h>\n#include <sys/stat.h>\n#include <vector>\n")
        self.assertEqual(self.complaints(check_layers), [])

    def test_a_room_that_is_not_listed_is_refused(self):
        self.write("common/files/x.cpp", '// X.\n\n#include "agent/host/host.hpp"\n')
        self.assert_one(check_layers, "common/files/x.cpp:3", "may not include agent/host")

    def test_the_agent_does_not_know_the_master(self):
        self.write("master/api/api.hpp", "// Api.\n#pragma once\n")
        self.write("agent/host/x.cpp", '// X.\n#include "master/api/api.hpp"\n')
        self.assert_one(check_layers, "agent/host may not include master/api")

    def test_a_library_outside_its_fence_is_refused(self):
        self.write("master/api/x.cpp", "// X.\n#include <sodium.h>\n")
        self.assert_one(check_layers, "sodium is not in its fence")

    def test_a_library_that_nobody_knows_is_refused(self):
        self.write("master/api/x.cpp", "// X.\n#include <openssl/ssl.h>\n")
        self.assert_one(check_layers, "no header that this project knows")

    def test_a_header_that_brings_a_library_along_stays_in_its_room(self):
        self.write("proto/crypto.hpp", "// C.\n#pragma once\n#include <sodium.h>\n")
        self.write("proto/outer.hpp", '// O.\n#pragma once\n#include "proto/crypto.hpp"\n')
        self.write("master/api/x.cpp", '// X.\n#include "proto/outer.hpp"\n')
        self.assert_one(check_layers, "brings sodium along")

    def test_an_unlisted_room_and_a_missing_header_are_refused(self):
        self.write("master/web/x.cpp", "// X.\n")
        self.assert_one(check_layers, "no room 'master/web'")
        self.write("master/web/x.cpp", "")
        (self.root / "master/web/x.cpp").unlink()
        self.write("master/api/x.cpp", '// X.\n#include "text.hpp"\n')
        self.assert_one(check_layers, "from the top of the tree")

    def test_an_include_in_a_comment_is_none(self):
        self.write("master/api/x.cpp", '// X.\n// #include <sodium.h>\n/*\n#include <sodium.h>\n*/\n')
        self.assertEqual(self.complaints(check_layers), [])


class RawCallsTest(Tree):
    def test_each_raw_call_is_found_outside_the_adapters(self):
        for call in ("time(nullptr)", "std::time(nullptr)", "std::chrono::system_clock::now()", "rand()", "std::random_device d;",
                     "::open(name, 0)", "std::ifstream in(name)", "fsync(fd)", "::fdatasync(fd)", "fork()", "popen(x, y)",
                     "std::this_thread::sleep_for(x)", "fopen(name, mode)"):
            with self.subTest(call):
                self.write("master/api/x.cpp", f"// X.\nvoid f() {{\n    auto x = {call};\n}}\n")
                self.assert_one(check_raw_calls, "master/api/x.cpp:3")

    def test_adapters_may(self):
        self.write("common/files/x.cpp", "// X.\nint x = ::open(name, 0);\n")
        self.assertEqual(self.complaints(check_raw_calls), [])

    def test_members_comments_and_strings_are_no_raw_calls(self):
        self.write("master/api/x.cpp", '// time(nullptr)\nauto a = b.time(c);\nauto d = e->fork();\nauto f = "rand()";\n'
                                       "auto g = Journal::open(h);\nbool fork_time(int);\nauto t = at.run_time(1);\n")
        self.assertEqual(self.complaints(check_raw_calls), [])

    def test_an_exception_needs_a_reason_and_a_use(self):
        self.write("master/api/x.cpp", "// X.\nint x = rand();\n")
        self.write("tests/tools/raw_calls_allowed.txt", "master/api/x.cpp rand dice are meant here\n")
        self.assertEqual(self.complaints(check_raw_calls), [])
        self.write("tests/tools/raw_calls_allowed.txt", "master/api/x.cpp rand\n")
        self.assertEqual(len(self.complaints(check_raw_calls)), 2)
        self.write("master/api/x.cpp", "// X.\n")
        self.write("tests/tools/raw_calls_allowed.txt", "master/api/x.cpp rand dice were meant here\n")
        self.assert_one(check_raw_calls, "not needed any more")


class SizesTest(Tree):
    def test_a_long_file_is_found_and_may_be_excepted_with_a_reason(self):
        self.write("master/api/x.cpp", "// X.\n" * 400)
        self.assertEqual(self.complaints(check_sizes), [])
        self.write("master/api/x.cpp", "// X.\n" * 401)
        self.assert_one(check_sizes, "401 lines")
        self.write("tests/tools/sizes_allowed.txt", "master/api/x.cpp a table\n")
        self.assertEqual(self.complaints(check_sizes), [])
        self.write("tests/tools/sizes_allowed.txt", "master/api/x.cpp\n")
        self.assert_one(check_sizes, "no reason")

    def test_a_long_function_is_found(self):
        body = "    x();\n" * 60
        for head in ("void f() {", "int C::f(int a) const {", "    void f() override {"):
            with self.subTest(head):
                indent = head[:len(head) - len(head.lstrip())]
                self.write("master/api/x.cpp", f"// X.\nnamespace prove {{\n{head}\n{body}{indent}}}\n}}\n")
                self.assert_one(check_sizes, "master/api/x.cpp:3", "62 lines")

    def test_a_class_may_be_longer_than_a_function(self):
        self.write("master/api/x.hpp", "// X.\nclass X : public Y<int()> {\n" + "    int f() { return 1; }\n" * 100 + "};\n")
        self.assertEqual(self.complaints(check_sizes), [])


class CommentsTest(Tree):
    def test_a_file_without_an_opening_comment_is_found(self):
        self.write("master/api/x.cpp", "#include <string>\n")
        self.assert_one(check_comments, "does not open with a comment")

    def test_unfinished_work_in_a_comment_is_found(self):
        self.write("master/api/x.cpp", "// X.\nint x;\nint y;  // TODO: z\n")
        self.assert_one(check_comments, "master/api/x.cpp:3", "TODO")

    def test_scripts_may_open_with_their_interpreter(self):
        self.write("tests/system/x.py", '#!/usr/bin/python3\n"""What it is for."""\n')
        self.assertEqual(self.complaints(check_comments), [])

    def test_a_header_without_its_guard_is_found(self):
        self.write("master/api/x.hpp", "// X.\n")
        self.assert_one(check_comments, "pragma once")


class TypesTest(Tree):
    def test_a_name_that_two_headers_give_to_types_is_found(self):
        self.write("agent/host/a.hpp", "// A.\n#pragma once\nnamespace prove {\nstruct Order {\n};\n}\n")
        self.write("master/api/b.hpp", "// B.\n#pragma once\nnamespace prove {\nclass Order final : public X {\n};\n}\n")
        self.assert_one(check_types, "master/api/b.hpp:4", "prove::Order", "agent/host/a.hpp:4")

    def test_declarations_inner_types_and_other_namespaces_share_names(self):
        self.write("agent/host/a.hpp", "// A.\n#pragma once\nnamespace prove {\nstruct Order {\n    struct Item {\n    };\n};\n}\n")
        self.write("master/api/b.hpp", "// B.\n#pragma once\nnamespace prove {\nstruct Order;\nstruct Other {\n    struct Item {\n    };\n};\n}\n")
        self.write("master/api/c.hpp", "// C.\n#pragma once\nnamespace prove::wire {\nstruct Order {\n};\n}\n")
        self.assertEqual(self.complaints(check_types), [])


class SourcesTest(unittest.TestCase):
    def test_comments_and_strings_are_blanked_and_lines_keep_their_numbers(self):
        lines = sources.code_lines('a("b\\"c", \'"\');  // d\n/* e\n f */ g\nR"x(h)" i)x" j\n1\'000 k\n#include "l"\n')
        self.assertEqual([line.split() for line in lines],
                         [["a(", ",", ");"], [], ["g"], ["j"], ["1'000", "k"], ["#include", '"l"'], []])


if __name__ == "__main__":
    unittest.main()
