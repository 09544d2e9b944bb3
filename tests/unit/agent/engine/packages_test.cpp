// Adjacent package parts become one transaction, and each still answers for itself.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"
#include "tests/support/forwarding_host.hpp"

using namespace prove;
using test::PaperMachine;
using test::story;

namespace {

// Writes down the transactions that it is told of.
class ListeningHost final : public test::ForwardingHost {
 public:
    using ForwardingHost::ForwardingHost;
    void prepare_install(const std::vector<PackageWish>& wishes) override {
        std::string text = "+";
        for (const PackageWish& wish : wishes) text += wish.name + " ";
        transactions.push_back(text);
        if (ledger) owed_then = ledger->owed();
        if (refuses) throw Error(ErrorKind::missing, "no such package");
    }
    void prepare_removal(const std::vector<std::string>& names, bool) override {
        std::string text = "-";
        for (const std::string& name : names) text += name + " ";
        transactions.push_back(text);
    }
    std::vector<std::string> transactions;
    bool refuses = false;
    const Ledger* ledger = nullptr;
    std::vector<Debt> owed_then;
};

std::vector<std::string> transactions(const std::string& yaml) {
    PaperMachine machine;
    ListeningHost host(machine.host);
    machine.machine = &host;
    CHECK(machine.run(yaml).end == RunReport::End::done);
    return host.transactions;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("adjacent package states are merged into one transaction", "[packages]") {
    CHECK(transactions("a: [{fn: package.installed, package: nginx}]\n"
                       "b: [{fn: package.installed, package: [curl, openssl]}]\n"
                       "c:\n- {fn: package.installed, package: git}\n- {fn: package.installed, package: make}\n") ==
          Texts{"+nginx curl openssl git make "});
}

TEST_CASE("a state between two package states keeps them apart", "[packages]") {
    CHECK(transactions("a: [{fn: package.installed, package: nginx}]\n"
                       "x: [{fn: file.directory, path: /x}]\n"
                       "b: [{fn: package.installed, package: curl}]\n").empty());
}

TEST_CASE("a row ends where something is notified, conditional, or waits for what is in it", "[packages]") {
    CHECK(transactions("a: {notify: [r], parts: [{fn: package.installed, package: aaa}]}\n"
                       "b: [{fn: package.installed, package: bbb}]\n"
                       "r: {lazy: true, parts: [{fn: file.directory, path: /r}]}\n").empty());
    CHECK(transactions("a: [{fn: package.installed, package: aaa}]\n"
                       "b: [{fn: package.installed, package: bbb, onlyif: {exists: /}}]\n").empty());
    CHECK(transactions("a: [{fn: package.installed, package: aaa}]\n"
                       "b: {requires: [a], parts: [{fn: package.installed, package: bbb}]}\n").empty());
    CHECK(transactions("a: [{fn: package.installed, package: aaa}]\n"
                       "b: {probe: {p: {exists: /p}}, parts: [{fn: package.installed, package: bbb}]}\n").empty());
}

TEST_CASE("the last of a row may notify", "[packages]") {
    CHECK(transactions("a: [{fn: package.installed, package: aaa}]\n"
                       "b: {notify: [r], parts: [{fn: package.installed, package: bbb}]}\n"
                       "r: {lazy: true, parts: [{fn: file.directory, path: /r}]}\n") == Texts{"+aaa bbb "});
}

TEST_CASE("installing and removing are different transactions, and so are removing and purging", "[packages]") {
    PaperMachine machine;
    ListeningHost host(machine.host);
    machine.machine = &host;
    machine.run("i: [{fn: package.installed, package: [aaa, bbb, ccc, ddd]}]\n");
    // A machine on paper is not sure that a package which it would have purged left nothing: hence without proof.
    const RunReport report = machine.run(
        "i: [{fn: package.installed, package: eee}]\n"
        "j: [{fn: package.removed, package: aaa}]\n"
        "k: [{fn: package.removed, package: bbb}]\n"
        "l: [{fn: package.removed, package: ccc, purge: true, verify: false}]\n"
        "m: [{fn: package.removed, package: ddd, purge: true, verify: false}]\n");
    CHECK(story(report) == "i:changed j:changed k:changed l:changed m:changed");
    CHECK(host.transactions == Texts{"-aaa bbb ", "-ccc ddd "});
}

TEST_CASE("what is installed in different ways is installed in different transactions", "[packages]") {
    // One of apt's transactions brings recommended packages for all that is named in it, or for nothing.
    const auto both = [](const std::string& first, const std::string& second) {
        return transactions("a: [{fn: package.installed, package: aaa" + first + "}]\n" +
                            "b: [{fn: package.installed, package: bbb" + second + "}]\n");
    };
    CHECK(both(", recommends: true", ", recommends: true") == Texts{"+aaa bbb "});
    CHECK(both("", ", recommends: true").empty());
    CHECK(both(", recommends: false", ", recommends: false") == Texts{"+aaa bbb "});
    CHECK(both("", ", recommends: false").empty());
    CHECK(both(", refresh: never", ", refresh: never") == Texts{"+aaa bbb "});
    CHECK(both(", refresh: never", ", refresh: always").empty());
    CHECK(both("", ", refresh: never").empty());
}

TEST_CASE("what is installed already makes no transaction, and writes nothing to the ledger", "[packages]") {
    PaperMachine machine;
    ListeningHost host(machine.host);
    machine.machine = &host;
    const char* const wanted =
        "a: [{fn: package.installed, package: aaa}]\n"
        "b: [{fn: package.installed, package: bbb, notify: [r]}]\n"
        "r: {lazy: true, parts: [{fn: file.directory, path: /r}]}\n";
    host.ledger = &machine.ledger;
    machine.run(wanted);
    CHECK(host.transactions.size() == 1);
    // The transaction makes b's change too: what b owes is in the ledger before it begins.
    CHECK(host.owed_then == std::vector<Debt>{{StateId("b"), StateId("r")}});
    CHECK(machine.ledger.owed().empty());
    CHECK(story(machine.run(wanted)) == "a:ok b:ok");
    CHECK(host.transactions.size() == 1);
}

TEST_CASE("a failed transaction is no error: each part then tries alone", "[packages]") {
    PaperMachine machine;
    ListeningHost host(machine.host);
    host.refuses = true;
    machine.machine = &host;
    CHECK(story(machine.run("a: [{fn: package.installed, package: aaa}]\nb: [{fn: package.installed, package: bbb}]\n")) ==
          "a:changed b:changed");
}

TEST_CASE("a plan makes no transaction", "[packages]") {
    PaperMachine machine;
    ListeningHost host(machine.host);
    machine.machine = &host;
    machine.run("a: [{fn: package.installed, package: aaa}]\nb: [{fn: package.installed, package: bbb}]\n", RunMode::plan);
    CHECK(host.transactions.empty());
}
