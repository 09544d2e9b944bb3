// When a new catalog takes the place of the one in force, and when it is refused. The threads that check are run() here.
#include "running_test.hpp"

#include "master/catalog/source.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const std::string site = "states/site.plain.yml";

std::string file_at(const std::string& path) {
    return "it:\n  - fn: file.directory\n    path: " + path + "\n";
}

Value facts(const char* json) {
    return read_json(json);
}

// A keeper whose catalog is checked in steps of the test's own, and targets whose facts it sets.
struct Keeping {
    struct Known final : TargetDirectory {
        std::map<std::string, Value> facts;
        Value facts_of(const TargetId& target) const override {
            const auto found = facts.find(target.text());
            return found == facts.end() ? Value() : found->second;
        }
        std::string status_of(const TargetId&) const override { return "unknown"; }
    };

    explicit Keeping(const std::map<std::string, std::string>& files) : folder(files) {
        known.facts["web1"] = facts(R"({"os": {"family": "debian"}})");
        known.facts["web2"] = facts(R"({"os": {"family": "debian"}})");
        keeper.emplace(
            folder.path(), [this](const std::string& directory) { return load(directory); }, known, clock,
            silent_logger());
        keeper->check_in([this](std::function<void()> one) { work.push_back(std::move(one)); }, 2);
        run();
    }
    std::shared_ptr<const Snapshot> load(const std::string& directory) {
        ++loads;
        if (while_loading) while_loading();
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->catalog = Catalog::load_and_keep(files_of_directory(directory), "");
        snapshot->renderer = make_renderer(snapshot->catalog, 1);
        snapshot->compiler =
            std::make_unique<Compiler>(snapshot->catalog, functions, *snapshot->renderer, known);
        return snapshot;
    }
    void run() {
        while (!work.empty()) step();
    }
    void step() {
        const auto one = std::move(work.front());
        work.pop_front();
        one();
    }
    // Looks at the disk, and runs the check to its end.
    CatalogStatus look() {
        keeper->look([] {});
        run();
        return keeper->status();
    }
    std::string errors() const {
        std::string result;
        for (const auto& problem : keeper->status().problems) result += problem.position.text() + ": " + problem.text + "\n";
        return result;
    }
    std::string hash() const { return keeper->current()->catalog->hash().hex(); }
    // What a target would be sent from the catalog in force.
    Value argument(const char* name) const {
        CompileRequest request;
        request.target = TargetId("web1");
        request.facts = known.facts.at("web1");
        return keeper->in_force()->compiler->compile(request).run->nodes.at(0).variants.at(0).parts.at(0).arguments.at(name);
    }

    CatalogFolder folder;
    Known known;
    FunctionRegistry functions = all_functions();
    FakeClock clock;
    std::deque<std::function<void()>> work;
    std::function<void()> while_loading;
    int loads = 0;
    std::optional<CatalogKeeper> keeper;
};

const std::map<std::string, std::string> two_targets = {
    {"targets.yml", "targets: [{name: web1, states: [site]}, {name: web2, states: [site]}, {name: unseen, states: [site]}]\n"},
    {site, file_at("/srv/one")}};

}  // namespace

TEST_CASE("a new catalog is checked for its targets before it takes the place of the one in force", "[keeper]") {
    Keeping keeping(two_targets);
    const auto before = keeping.hash();
    keeping.folder.write(site, file_at("/srv/two"));
    bool told = false;
    keeping.keeper->look([&] { told = true; });
    CHECK_FALSE(told);
    CHECK(keeping.hash() == before);
    CHECK(keeping.keeper->status().checking);
    CHECK_FALSE(keeping.keeper->status().next.empty());
    keeping.run();
    CHECK(told);
    CHECK(keeping.hash() != before);
    const auto status = keeping.keeper->status();
    CHECK(status.hash == keeping.hash());
    CHECK(status.next.empty());
    CHECK(status.looked_at == 3);
    CHECK(status.compiled == 2);
    CHECK(keeping.argument("path").text() == "/srv/two");
}

TEST_CASE("a catalog whose states an edit broke is refused with its errors, and the old one stays in force", "[keeper]") {
    Keeping keeping(two_targets);
    const auto before = keeping.hash();
    const std::map<std::string, std::string> broken = {
        {"it:\n  - fn: file.directry\n    path: /srv\n", "states/site.plain.yml:2:9: unknown function 'file.directry'; did you mean 'file.directory'?\n"},
        {"it:\n  - fn: file.directory\n    pth: /srv\n", "states/site.plain.yml:3:5: unknown argument 'pth' of file.directory; did you mean 'path'?\n"},
        {"it:\n  requires: [gone]\n  parts: [{fn: file.directory, path: /srv}]\n", "states/site.plain.yml:2:14: "},
        {"it: [\n", "states/site.plain.yml:"}};
    for (const auto& [text, error] : broken) {
        keeping.folder.write(site, text);
        const auto status = keeping.look();
        CHECK(status.refused);
        CHECK(status.hash == before);
        CHECK(status.next.empty());
        CHECK_THAT(keeping.errors(), Contains(error));
        CHECK_THROWS_AS(keeping.keeper->newest(), CatalogError);
        CHECK(keeping.argument("path").text() == "/srv/one");
    }
    keeping.folder.write(site, file_at("/srv/two"));
    CHECK_FALSE(keeping.look().refused);
    CHECK(keeping.keeper->newest()->catalog->hash().hex() != before);
    CHECK(keeping.errors().empty());
}

TEST_CASE("a template that an edit broke is refused as well, for the facts that its targets have", "[keeper]") {
    auto files = two_targets;
    files.erase(site);
    files["states/site.yml"] = "it:\n  - fn: file.directory\n    path: /srv/${facts.os.family}\n";
    Keeping keeping(files);
    CHECK(keeping.argument("path").text() == "/srv/debian");
    keeping.folder.write("states/site.yml", "it:\n  - fn: file.directory\n    path: /srv/${fact.os.family}\n");
    CHECK(keeping.look().refused);
    CHECK_THAT(keeping.errors(), Contains("states/site.yml:3:18: "));
    CHECK(keeping.argument("path").text() == "/srv/debian");
}

TEST_CASE("what one host's odd fact breaks keeps no new catalog from the others", "[keeper]") {
    auto files = two_targets;
    files.erase(site);
    files["states/site.yml"] = "it:\n  - fn: file.directory\n    path: ${facts.os.family == 'odd' and 'no-path' or '/srv/one'}\n";
    Keeping keeping(files);
    keeping.known.facts["web2"] = facts(R"({"os": {"family": "odd"}})");
    const auto before = keeping.hash();
    keeping.folder.write("states/other.plain.yml", file_at("/srv/two"));
    const auto status = keeping.look();
    CHECK_FALSE(status.refused);
    CHECK(status.hash != before);
    CHECK_THAT(keeping.errors(), Contains("states/site.yml:3:11: argument 'path'"));  // shown, and web2's jobs fail
}

TEST_CASE("a new target that does not compile fails alone", "[keeper]") {
    Keeping keeping(two_targets);
    keeping.known.facts["new1"] = facts("{}");
    keeping.folder.write("states/new.yml", "it:\n  - fn: file.directory\n    path: /srv/${facts.os.family}\n");
    keeping.folder.write("targets.yml", "targets: [{name: web1, states: [site]}, {name: new1, states: [new]}]\n");
    CHECK_FALSE(keeping.look().refused);
    CHECK_THAT(keeping.errors(), Contains("states/new.yml:3:"));
}

TEST_CASE("a state file without a template is checked whoever has it", "[keeper]") {
    Keeping keeping(two_targets);
    keeping.folder.write("states/nobodys.plain.yml", "it:\n  - fn: file.directry\n    path: /srv\n");
    CHECK(keeping.look().refused);
    CHECK_THAT(keeping.errors(), Contains("states/nobodys.plain.yml:2:9: unknown function"));
}

TEST_CASE("where nothing is in force yet, a catalog is taken with its errors, and what they were does not keep a later one",
          "[keeper]") {
    auto files = two_targets;
    files["states/nobodys.plain.yml"] = "it:\n  - fn: file.directry\n    path: /srv\n";
    Keeping keeping(files);
    CHECK_FALSE(keeping.keeper->status().refused);
    CHECK_THAT(keeping.errors(), Contains("states/nobodys.plain.yml:2:9: unknown function"));
    keeping.folder.write(site, file_at("/srv/two"));
    CHECK_FALSE(keeping.look().refused);
    CHECK(keeping.argument("path").text() == "/srv/two");
}

TEST_CASE("who waits for a large site is told of a refusal a hundred targets after it; the rest is looked at all the same",
          "[keeper]") {
    std::string targets = "targets:\n";
    for (int i = 0; i < 300; ++i) targets += "  - {name: t" + std::to_string(i) + ", states: [site]}\n";
    Keeping keeping({{"targets.yml", targets}, {site, file_at("/srv/one")}});
    keeping.folder.write(site, "it:\n  - fn: file.directory\n    path: /srv\n    pth: x\n");
    bool told = false;
    keeping.keeper->look([&] { told = true; });
    while (!told) keeping.step();
    const auto status = keeping.keeper->status();
    CHECK(status.refused);
    CHECK(status.checking);
    CHECK(status.looked_at >= 100);
    CHECK(status.looked_at <= 102);
    keeping.run();
    CHECK_FALSE(keeping.keeper->status().checking);
    CHECK(keeping.keeper->status().looked_at == 300);
}

TEST_CASE("a refused catalog is not checked again while nothing changes, and one put back is in force at once", "[keeper]") {
    Keeping keeping(two_targets);
    const auto before = keeping.hash();
    keeping.folder.write(site, "it: [\n");
    keeping.look();
    const auto loads = keeping.loads;
    CHECK(keeping.look().refused);
    CHECK(keeping.loads == loads);
    keeping.folder.write(site, file_at("/srv/one"));
    keeping.keeper->look([] {});
    CHECK(keeping.hash() == before);
    CHECK_FALSE(keeping.keeper->status().refused);
    CHECK(keeping.keeper->newest()->catalog->hash().hex() == before);
}

TEST_CASE("of several edits during a check only the last one counts", "[keeper]") {
    Keeping keeping(two_targets);
    const auto before = keeping.hash();
    keeping.folder.write(site, "it: [\n");
    keeping.keeper->look([] {});
    keeping.folder.write(site, file_at("/srv/three"));
    int told = 0;
    keeping.keeper->look([&] { ++told; });
    CHECK(keeping.hash() == before);
    keeping.run();
    CHECK(told == 1);
    CHECK_FALSE(keeping.keeper->status().refused);
    CHECK(keeping.argument("path").text() == "/srv/three");
}

TEST_CASE("a file that is half written, or vanishes, while the catalog is read does no harm", "[keeper]") {
    Keeping keeping(two_targets);
    keeping.folder.write(site, "it:\n  - fn: file.dir");
    keeping.while_loading = [&] {
        keeping.while_loading = nullptr;
        // What the editor writes next, while the first half is read.
        keeping.folder.write(site, file_at("/srv/written"));
    };
    CHECK_FALSE(keeping.look().refused);
    CHECK(keeping.argument("path").text() == "/srv/written");

    keeping.folder.write("targets.yml", "targets: [{name: web1, states: [other]}, {name: web2, states: [site]}]\n");
    keeping.while_loading = [&] {
        if (keeping.while_loading) keeping.folder.write("states/other.yml", file_at("/srv/came"));
    };
    CHECK_FALSE(keeping.look().refused);
    CHECK(keeping.argument("path").text() == "/srv/came");
}

TEST_CASE("a run of the catalog in force gets the files of then, whatever has become of them", "[keeper]") {
    auto files = two_targets;
    files[site] = "it:\n  - fn: file.managed\n    path: /etc/motd\n    source: prove://motd\n";
    files["files/motd"] = "of then\n";
    Keeping keeping(files);
    const auto snapshot = keeping.keeper->current();
    keeping.folder.write("files/motd", "of now\n");
    CHECK(snapshot->catalog->read_served(*snapshot->catalog->served_file("prove://motd")) == "of then\n");
    remove_file(keeping.folder.path() + "/files/motd");
    CHECK(snapshot->catalog->read_served(*snapshot->catalog->served_file("prove://motd")) == "of then\n");
    CHECK(keeping.look().refused);  // the state names a file that is gone
    CHECK(keeping.argument("content").at("size").integer() == 8);
}

TEST_CASE("a job waits for the check of what has just been edited, and is made from it or told what is wrong", "[keeper]") {
    RunningWorld running({{"targets.yml", "targets: [{name: web1, states: [site]}]\n"}, {site, file_at("/srv/one")}});
    FakeAgent web1(running.world, "web1");
    web1.hello({}, facts(R"({"kernel": "Linux"})"));
    running.world.settle();
    running.catalog.check_in([&](std::function<void()> one) { running.work.push_back(std::move(one)); });
    running.pump();
    const auto first = running.catalog.current()->catalog->hash().hex();

    running.folder.write(site, file_at("/srv/two"));
    CHECK(running.submit("states", "web1", states("plan")) == "");
    const auto second = running.catalog.current()->catalog->hash().hex();
    CHECK(second != first);
    CHECK(running.world.store.job(running.made.id)->catalog == second);

    running.folder.write(site, "it:\n  - fn: file.directory\n    pth: /srv\n");
    CHECK(running.submit("states", "web1", states("plan")) != "");
    REQUIRE(dynamic_cast<const CatalogError*>(running.error.get()) != nullptr);
    CHECK(running.submit("ping", "web1") == "");

    JobAsked asked{.operation = "states", .expression = "web1", .options = states("plan")};
    asked.in_force = true;
    std::optional<JobMade> made;
    running.master.submit(running.permit(Permission::states_plan), asked,
                          [&](Answer<JobMade> answer) { made = std::move(answer.value); });
    running.pump();
    REQUIRE(made);
    CHECK(running.world.store.job(made->id)->catalog == second);
}
