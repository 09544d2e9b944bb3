// Over random templates and names: what is remembered is what would be rendered.
#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/master/render/remembered.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A template of random looks at the names a to e of two mappings, some of them depending on others.
std::string random_template(std::mt19937& random) {
    static const std::vector<std::string> looks = {"${V.get('K')}",
                                                   "${'K' in V}",
                                                   "${len(V)}",
                                                   "${list(V)}",
                                                   "${V}",
                                                   "${V.K if 'K' in V else 0}",
                                                   "% if V.get('K'):\n${V.get('L')}\n% endif",
                                                   "% for k in V:\n${k}\n% endfor",
                                                   "% for k, v in V.items():\n${k}${v}\n% endfor",
                                                   "${[V[k] for k in V if k != 'K']}",
                                                   "${V.get(str(V.get('K')), V.get('L'))}",
                                                   "${type(V.get('K')) is dict and V.K.get('L')}",
                                                   "${V == {'K': 1}}"};
    std::string result;
    for (int i = 0; i < 4; ++i) {
        const std::string mapping = random() % 2 != 0 ? "vars" : "facts";
        const std::string key(1, static_cast<char>('a' + random() % 4));
        const std::string other(1, static_cast<char>('a' + random() % 4));
        for (const char c : looks[random() % looks.size()])
            result += c == 'V' ? mapping : c == 'K' ? key : c == 'L' ? other : std::string(1, c);
        result += "\n";
    }
    return result;
}

Value random_names(std::mt19937& random, int depth = 0) {
    Value result = Value::object();
    for (std::size_t i = random() % 4; i > 0; --i) {
        const std::string key(1, static_cast<char>('a' + random() % 4));
        switch (random() % (depth < 2 ? 6 : 4)) {
            case 0:
                result.set(key, static_cast<int>(random() % 3));
                break;
            case 1:
                result.set(key, std::string(1, static_cast<char>('a' + random() % 4)));
                break;
            case 2:
                result.set(key, random() % 2 == 0);
                break;
            case 3:
                result.set(key, Value());
                break;
            case 4:
                result.set(key, Value::List{1, random_names(random, depth + 1)});
                break;
            default:
                result.set(key, random_names(random, depth + 1));
        }
    }
    return result;
}

}  // namespace

TEST_CASE("over random templates and names, what is remembered is what would be rendered", "[render][memory]") {
    std::mt19937 random(20261122);
    Remembered remembered;
    Rendering fresh;
    for (int number = 0; number < 40; ++number) {
        const std::string text = random_template(random);
        for (int i = 0; i < 30; ++i) {
            for (const char* name : {"vars", "facts"}) {
                if (random() % 3 == 0) continue;
                const Value names = random_names(random);
                remembered->names().set(name, names);
                fresh.names().set(name, names);
            }
            INFO(text << write_json(fresh.names()));
            const Rendered expected = fresh.render(text);
            const Rendered found = remembered->render(text);
            REQUIRE(found.text == expected.text);
            REQUIRE(places_of(found) == places_of(expected));
        }
    }
    const auto counts = remembered.memory()->counts();
    CHECK(counts.unrepeatable == 0);
    CHECK(counts.found > 100);  // else nothing was tried
}
