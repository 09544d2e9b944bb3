// Start order (D9): store, keys, then whatever asks them, the sockets (which test themselves), last the API. Stop order:
// the API takes nothing more, the loop ends, workers and sockets go, the store writes what it was given and closes.
#include "master/daemon/house.hpp"

#include <unistd.h>

#include <csignal>
#include <thread>

#include "agent/functions/registry.hpp"
#include "common/files/files.hpp"
#include "common/files/lock.hpp"
#include "common/log/sinks.hpp"
#include "common/text/text.hpp"
#include "master/api/http_server.hpp"
#include "master/api/resources.hpp"
#include "master/commands/running_master.hpp"
#include "master/daemon/stop_signal.hpp"
#include "master/keys/master_keys.hpp"
#include "master/server/event_loop.hpp"
#include "master/server/loop_store.hpp"
#include "master/server/maintenance.hpp"
#include "master/server/workers.hpp"

namespace prove {

namespace {

std::string own_host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? std::string(name) : std::string("localhost");
}

Logger make_logger(const MasterSettings& settings, const Clock& clock) {
    if (settings.log_file.empty()) return Logger(stderr_sink(clock, settings.log_level));
    return Logger(std::make_shared<FileSink>(settings.log_file, clock, settings.log_level));
}

CurveKey curve(const TransportKey& key) {
    return {key.public_key(), {key.secret().data(), key.secret().size()}};
}

MasterPin pin_of(const MasterKeys& keys, const MasterSettings& settings, const ZeromqPorts& ports) {
    MasterPin pin;
    pin.cluster = keys.cluster();
    pin.root_set = keys.root_set();
    pin.enrol = keys.enrol().public_key();
    pin.host = settings.advertise.empty() ? own_host_name() : settings.advertise;
    pin.publish_port = static_cast<std::uint16_t>(ports.publish);
    pin.router_port = static_cast<std::uint16_t>(ports.main);
    pin.enrol_port = static_cast<std::uint16_t>(ports.enrol);
    return pin;
}

Policy policy_of(const MasterSettings& settings) {
    Policy policy;
    policy.administrator_uids.push_back(::geteuid());   // who runs it can read its keys anyway
    policy.administrator_groups = settings.administrators;
    return policy;
}

LoadSnapshot snapshot_loader(const MasterSettings& settings, const FunctionRegistry& functions,
                             const TargetDirectory& targets) {
    return [workers = settings.render_workers, &functions, &targets](const std::string& directory) {
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->catalog = Catalog::load(directory);
        snapshot->renderer = make_renderer(snapshot->catalog, workers);
        snapshot->compiler =
            std::make_unique<Compiler>(snapshot->catalog, functions, *snapshot->renderer, targets);
        return std::shared_ptr<const Snapshot>(std::move(snapshot));
    };
}

}  // namespace

void init_master(const MasterSettings& settings) {
    const SystemClock clock;
    SystemRandom random;
    make_private_folder(settings.data);
    MasterKeys::make(settings.keys(), clock, random);
}

int run_master(const MasterSettings& settings, const std::string& version) {
    const SystemClock clock;
    SystemRandom random;
    StopSignal stop_signal;   // before any thread, so that all of them leave the signals to it
    const auto log = make_logger(settings, clock);
    log.info("starting", {{"version", version}, {"data", settings.data}, {"catalog", settings.catalog}});

    make_private_folder(settings.data);
    const auto only_one = FileLock::try_acquire(settings.data + "/lock");
    if (!only_one) throw Error(ErrorKind::refused, "another prove-master runs with " + quoted(settings.data));
    const auto store = open_sqlite_store(settings.database(), log);
    if (!MasterKeys::exists_in(settings.keys())) {
        MasterKeys::make(settings.keys(), clock, random);
        log.info("made a new cluster's keys", {{"folder", settings.keys()}});
    }
    const auto master_keys = MasterKeys::load(settings.keys(), clock);

    Mailbox mailbox;
    LoopStore loop_store(*store, mailbox);
    KeyTable keys;
    KeyDesk desk(loop_store, keys, clock, log);
    const KeyEnvelopeSigner online(master_keys.online());
    LocalSigner signer(online, master_keys.cluster(), master_keys.epoch(), *store, clock, random);
    Connections connections;
    TransportNet net;

    const auto functions = all_functions();
    const TargetList targets(*store, keys, connections);
    CatalogKeeper catalog(settings.catalog, snapshot_loader(settings, functions, targets), clock, log);
    const CommandTable commands;
    const CommandOperations operations(commands, catalog, targets);
    Workers compilers(static_cast<std::size_t>(settings.compile_threads), log);
    WorkerPool pool(compilers, mailbox);
    Dispatch dispatch({clock, net, loop_store, keys, desk, signer, pool, operations, connections, log},
                      {master_keys.keyset().version, master_keys.signed_keyset()});
    pool.on_ready([&dispatch](ReadyCommand ready) {
        dispatch.prepared(std::move(ready));
        dispatch.settle();
    });

    const ZeromqServerSettings sockets{settings.address, settings.ports, curve(master_keys.transport()),
                                       curve(master_keys.enrol()), settings.io_threads};
    const auto transport = make_zeromq_server(sockets, keys, clock, random, log);
    net.use(transport.get());
    Enrolment enrolment({keys, desk, signer, clock, random, log,
                         [&transport](const Route& route, const Frames& frames) { transport->send(route, frames); }},
                        {root_set_bytes(master_keys.roots()), master_keys.signed_keyset(),
                         master_keys.enrol().public_key()});
    EventLoop loop(*transport, mailbox, dispatch, enrolment, desk, clock, log);

    Authorizer authorizer(policy_of(settings), *store, clock);
    Workers front(1, log);
    RunningMaster master({clock, random, *store, keys, desk, dispatch, catalog, commands, operations, targets, authorizer,
                          [&mailbox](std::function<void()> work) { mailbox.post(std::move(work)); },
                          [&front](std::function<void()> work) { front.post(std::move(work)); }},
                         pin_of(master_keys, settings, transport->ports()), master_keys.fingerprint());
    dispatch.recover();
    bool well = true;
    std::thread loop_thread([&] {
        well = loop.run();
        if (!well) stop_signal.raise();
    });
    {
        const Maintenance maintenance(*store, settings.retention, clock, log);
        make_folders(settings.runtime, 0750);
        ApiContext context{master, authorizer, clock, version};
        const HttpServer api({settings.socket(), 0660, settings.socket_group}, {},
                             Router(all_routes(context), authorizer, log), log);
        log.info("ready", {{"address", settings.address},
                           {"main_port", transport->ports().main},
                           {"fingerprint", master_keys.fingerprint()}});
        stop_signal.wait();
        log.info("stopping");
        master.stop_taking();
    }
    loop.stop();
    loop_thread.join();
    mailbox.close();
    net.use(nullptr);
    return well ? 0 : 1;
}

}  // namespace prove
