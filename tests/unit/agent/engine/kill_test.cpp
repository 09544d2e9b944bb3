// The case that the language is made for, on real files, with the program killed at every step of it: each converge,
// each write of the ledger, before and after. Whatever the moment, the next run ends where the reference says.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using test::RealMachine;
using test::story;

namespace {

// The program is gone at this point. Not an Error, nor any exception that code may catch.
struct Killed {};

// Counts the moments at which the program can be killed, and kills it at one of them.
struct Killer {
    int at = 0;         // 0: never
    int moments = 0;
    void moment() {
        if (++moments == at) throw Killed{};
    }
};

class KillingLedger final : public Ledger {
 public:
    KillingLedger(Ledger& inner, Killer& killer) : inner_(inner), killer_(killer) {}
    std::vector<Debt> owed() const override { return inner_.owed(); }
    void add(const std::vector<Debt>& debts) override {
        killer_.moment();
        inner_.add(debts);
        killer_.moment();
    }
    void strike(const std::vector<Debt>& debts) override {
        killer_.moment();
        inner_.strike(debts);
        killer_.moment();
    }

 private:
    Ledger& inner_;
    Killer& killer_;
};

FunctionRegistry killing_functions(Killer& killer) {
    const FunctionRegistry all = all_functions();
    FunctionRegistry killing;
    for (const std::string& name : all.names()) {
        Function function = *all.find(name);
        function.converge = [inner = function.converge, &killer](const Arguments& arguments, Host& host) {
            killer.moment();
            inner(arguments, host);
            killer.moment();
        };
        killing.add(std::move(function));
    }
    return killing;
}

// `served` is what the server has loaded; it can only give the certificate a page where that is the plain vhost.
const char* const the_case =
    "vhost:\n"
    "  probe: {cert: {exists: $/cert}}\n"
    "  parts:\n"
    "    - {fn: file.managed, path: $/vhost, content: 'tls ${cert}', notify: [reload]}\n"
    "reload:\n"
    "  lazy: true\n"
    "  parts: [{fn: cmd.run, cmd: 'cp $/vhost $/served && echo reload >> $/log'}]\n"
    "certificate:\n"
    "  requires: [vhost]\n"
    "  notify: [vhost]\n"
    "  parts: [{fn: cmd.run, cmd: 'test -e $/served && echo cert > $/cert', creates: $/cert}]\n";

int reloads(const RealMachine& machine) {
    const std::string log = machine.read("log");
    return static_cast<int>(std::count(log.begin(), log.end(), '\n'));
}

void check_converged(RealMachine& machine) {
    CHECK(machine.read("vhost") == "tls true");
    CHECK(machine.read("served") == "tls true");
    CHECK(machine.read("cert") == "cert\n");
    CHECK(machine.memory.owed().empty());
    const int before = reloads(machine);
    const RunReport again = machine.run(the_case);
    CHECK(story(again) == "vhost:ok certificate:ok");
    CHECK(reloads(machine) == before);
}

}  // namespace

TEST_CASE("the certificate case on real files: vhost, reload, certificate, vhost with TLS, reload", "[engine][kill]") {
    RealMachine machine;
    // A command for a reload may do anything, so what comes after it is not guessed at.
    CHECK(story(machine.run(the_case, RunMode::plan)) ==
          "vhost:would_change reload:would_change certificate:unknown vhost:unknown reload:unknown");
    CHECK(list_folder(machine.folder.path()).empty());
    CHECK(story(machine.run(the_case)) ==
          "vhost:changed reload:changed certificate:changed vhost:changed reload:changed");
    CHECK(reloads(machine) == 2);
    CHECK(story(machine.run(the_case, RunMode::plan)) == "vhost:ok certificate:ok");
    check_converged(machine);
}

TEST_CASE("killed after the certificate, the next run writes vhost once, with TLS, and reloads once", "[engine][kill]") {
    RealMachine machine;
    machine.write("vhost", "tls false");
    machine.write("served", "tls false");
    machine.write("cert", "cert\n");
    machine.memory.add({{StateId("certificate"), StateId("vhost")}});
    CHECK(story(machine.run(the_case, RunMode::plan)) == "vhost:would_change reload:would_change certificate:ok");
    CHECK(story(machine.run(the_case)) == "vhost:changed reload:changed certificate:ok");
    CHECK(reloads(machine) == 1);
    check_converged(machine);
}

TEST_CASE("killed between the first vhost and its reload, the next run reloads before it asks for the certificate",
          "[engine][kill]") {
    RealMachine machine;
    machine.write("vhost", "tls false");
    machine.memory.add({{StateId("vhost"), StateId("reload")}});
    CHECK(story(machine.run(the_case)) == "vhost:ok reload:changed certificate:changed vhost:changed reload:changed");
    check_converged(machine);
}

TEST_CASE("killed at any step of it, the next run ends converged, with nothing owed", "[engine][kill]") {
    int moments = 0;
    {
        RealMachine machine;
        Killer killer;
        machine.functions = killing_functions(killer);
        KillingLedger ledger(machine.memory, killer);
        machine.ledger = &ledger;
        machine.run(the_case);
        moments = killer.moments;
    }
    REQUIRE(moments > 20);
    for (int at = 1; at <= moments; ++at) {
        INFO("killed at moment " << at << " of " << moments);
        RealMachine machine;
        Killer killer{at};
        machine.functions = killing_functions(killer);
        KillingLedger ledger(machine.memory, killer);
        machine.ledger = &ledger;
        REQUIRE_THROWS_AS(machine.run(the_case), Killed);

        machine.functions = all_functions();
        machine.ledger = &machine.memory;
        const RunReport next = machine.run(the_case);
        INFO(story(next));
        CHECK(next.end == RunReport::End::done);
        check_converged(machine);
    }
}
