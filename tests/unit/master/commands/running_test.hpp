// A whole master in one thread for tests of what is asked of it: a catalog on disk, agents that are asked to be there,
// and a front and a loop that run when pump() is called.
#pragma once

#include <catch2/catch.hpp>

#include <deque>

#include "agent/functions/registry.hpp"
#include "master/commands/running_master.hpp"
#include "tests/support/catalog_folder.hpp"
#include "tests/support/fake_agent.hpp"

namespace prove::test {

struct RunningWorld {
    CatalogFolder folder;
    MasterWorld world;
    FunctionRegistry functions = all_functions();
    TargetList targets{world.store, world.life->keys, world.life->connections};
    CatalogKeeper catalog{folder.path(),
                          [this](const std::string& directory) {
                              auto snapshot = std::make_shared<Snapshot>();
                              snapshot->catalog = Catalog::load(directory);
                              snapshot->renderer = make_renderer(snapshot->catalog, 1);
                              snapshot->compiler = std::make_unique<Compiler>(snapshot->catalog, functions,
                                                                              *snapshot->renderer, targets);
                              return std::shared_ptr<const Snapshot>(std::move(snapshot));
                          },
                          targets, world.clock, silent_logger()};
    CommandTable commands;
    CommandOperations operations{commands, catalog, targets, world.clock};
    Authorizer authorizer{{}, world.store, world.clock};
    std::deque<std::function<void()>> work;
    RunningMaster master;

    explicit RunningWorld(const std::map<std::string, std::string>& files)
        : folder(files),
          master(
              {world.clock, world.random, world.store, world.life->keys, world.life->desk, world.life->dispatch,
               catalog, commands, operations, targets, authorizer, [this](auto one) { work.push_back(std::move(one)); },
               [this](auto one) { work.push_back(std::move(one)); }, silent_logger()},
              pin(), "abcd-efgh") {}
    static MasterPin pin() {
        MasterPin pin;
        pin.host = "master.example.com";
        pin.enrol = TransportKey::generate().public_key();
        return pin;
    }
    Permit permit(Permission permission) {
        return authorizer.authorize({0, "root", {}, "socket uid 0"}, permission, "");
    }
    void pump() {
        while (!work.empty()) {
            const auto one = std::move(work.front());
            work.pop_front();
            one();
            world.settle();
        }
    }
    // The error's text, or "" with the job in `made`.
    std::string submit(const std::string& operation, const std::string& expression, Value options = Value::object()) {
        JobAsked asked;
        asked.operation = operation;
        asked.expression = expression;
        asked.options = std::move(options);
        std::string text = "no answer";
        master.submit(permit(master.permission_for(asked)), asked, [&](Answer<JobMade> answer) {
            text = answer.error ? answer.error->text() : "";
            error = answer.error;
            if (answer.value) made = *answer.value;
        });
        pump();
        return text;
    }
    JobMade made;
    std::shared_ptr<const Error> error;
};

inline Value states(const char* mode) {
    Value options = Value::object();
    options.set("mode", Value(mode));
    return options;
}

}  // namespace prove::test
