// How the parts are wired, and the order of stopping: the API takes nothing more, the loop ends, workers and sockets
// go, the store writes what it was given and closes.
#include "master/catalog/source.hpp"
#include "master/daemon/house.hpp"

#include <unistd.h>

#include <thread>

#include "common/files/files.hpp"
#include "common/log/rewritten_file.hpp"
#include "common/text/text.hpp"
#include "master/api/http_server.hpp"
#include "master/api/resources.hpp"
#include "master/server/maintenance.hpp"
#include "master/server/periodic.hpp"

namespace prove {

namespace {

constexpr Milliseconds forget_gone_interval(60'000);
constexpr Milliseconds metrics_interval(15'000);

std::string own_host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? std::string(name) : std::string("localhost");
}

FileLock lock_data(const MasterSettings& settings) {
    make_private_folder(settings.data);
    auto lock = FileLock::try_acquire(settings.data + "/lock");
    if (!lock) throw Error(ErrorKind::refused, "another prove-master runs with " + quoted(settings.data));
    return std::move(*lock);
}

MasterKeys keys_of(const MasterSettings& settings, const Clock& clock, Random& random, const Logger& log) {
    if (!MasterKeys::exists_in(settings.keys())) {
        MasterKeys::make(settings.keys(), clock, random);
        log.info("made a new cluster's keys", {{"folder", settings.keys()}});
    }
    return MasterKeys::load(settings.keys(), clock);
}

CurveKey curve(const TransportKey& key) {
    return {key.public_key(), {key.secret().data(), key.secret().size()}};
}

ZeromqServerSettings sockets_of(const MasterSettings& settings, const MasterKeys& keys) {
    return {settings.address, settings.ports, curve(keys.transport()), curve(keys.enrol()), settings.io_threads};
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
    policy.administrator_uids.push_back(::geteuid());  // who runs it can read its keys anyway
    policy.administrator_groups = settings.administrators;
    return policy;
}

std::unique_ptr<CatalogSource> source_of(const MasterSettings& settings, const std::string& directory) {
    const bool is_commit =
        settings.catalog_from.empty() ? is_git_work_tree(directory) : settings.catalog_from == "commit";
    return is_commit ? commit_of_directory(directory) : files_of_directory(directory);
}

LoadSnapshot snapshot_loader(const MasterSettings& settings, const FunctionRegistry& functions,
                             const TargetDirectory& targets) {
    // What one catalog's compiles learned serves the next one's.
    const auto memory = std::make_shared<CompileMemory>();
    return [&settings, memory, workers = settings.render_workers, key = settings.secret_key_file(), &functions,
            &targets](const std::string& directory) {
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->catalog = Catalog::load_and_keep(source_of(settings, directory), settings.data);
        snapshot->renderer = make_renderer(snapshot->catalog, workers, {.must_be_fenced = true}, memory->renderings());
        snapshot->compiler =
            std::make_unique<Compiler>(snapshot->catalog, functions, *snapshot->renderer, targets, memory);
        snapshot->secret_key = key;
        return std::shared_ptr<const Snapshot>(std::move(snapshot));
    };
}

SessionCarrier::Open ssh_sessions(MasterSsh& ssh) {
    return [&ssh](const Way& way, const JobId& job, ContentSource& content, LateSource* late,
                  const Cancellation& cancellation) {
        return ssh.open(way.host, way.ssh, job, content, late, cancellation);
    };
}

}  // namespace

void init_master(const MasterSettings& settings) {
    const SystemClock clock;
    SystemRandom random;
    make_private_folder(settings.data);
    MasterKeys::make(settings.keys(), clock, random);
}

MasterPin pin_of_master(const MasterSettings& settings) {
    const SystemClock clock;
    return pin_of(MasterKeys::load(settings.keys(), clock), settings, settings.ports);
}

House::House(const MasterSettings& settings, std::string version)
    : settings_(settings),
      version_(std::move(version)),
      log_(make_sink(settings_.log, clock_)),
      only_one_(lock_data(settings_)),
      store_(open_sqlite_store(settings_.database(), log_)),
      master_keys_(keys_of(settings_, clock_, random_, log_)),
      loop_store_(*store_, mailbox_),
      desk_(loop_store_, keys_, clock_, log_),
      online_(master_keys_.online()),
      signer_(online_, master_keys_.cluster(), master_keys_.epoch(), *store_, clock_, random_),
      functions_(all_functions()),
      targets_(*store_, keys_, connections_),
      catalog_(settings_.catalog, snapshot_loader(settings_, functions_, targets_), targets_, clock_, log_),
      operations_(commands_, catalog_, targets_, clock_, settings_.offline_ms),
      compilers_(static_cast<std::size_t>(settings_.compile_threads), log_),
      pool_(compilers_, mailbox_),
      ssh_({settings_.ssh_folder, settings_.ssh_config()}, clock_, random_),
      carrier_(static_cast<std::size_t>(settings_.ssh_sessions), ssh_sessions(ssh_), mailbox_, compilers_, log_),
      dispatch_({clock_, net_, loop_store_, keys_, desk_, signer_, pool_, carrier_, operations_, connections_, log_},
                {master_keys_.keyset().version, master_keys_.signed_keyset()}),
      transport_(make_zeromq_server(sockets_of(settings_, master_keys_), keys_, clock_, random_, log_)),
      enrolment_(
          {keys_, desk_, signer_, clock_, random_, log_,
           [this](const Route& route, const Frames& frames) { transport_->send(route, frames); }},
          {root_set_bytes(master_keys_.roots()), master_keys_.signed_keyset(), master_keys_.enrol().public_key()}),
      loop_(*transport_, mailbox_, dispatch_, enrolment_, desk_, clock_, log_),
      authorizer_(policy_of(settings_), *store_, clock_),
      master_({clock_, random_, *store_, keys_, desk_, dispatch_, catalog_, commands_, operations_, targets_,
               authorizer_, [this](std::function<void()> work) { mailbox_.post(std::move(work)); },
               [this](std::function<void()> work) { front_.post(std::move(work)); }, log_, version_},
              pin_of(master_keys_, settings_, transport_->ports()), master_keys_.fingerprint()),
      front_(1, log_) {
    net_.use(transport_.get());
    carrier_.tell(dispatch_);
    loop_.every_second([this] { master_.tick(); });
    catalog_.check_in([this](std::function<void()> work) { compilers_.post(std::move(work)); },
                      static_cast<std::size_t>(settings_.compile_threads));
    pool_.on_ready([this](ReadyCommand ready) {
        dispatch_.prepared(std::move(ready));
        dispatch_.settle();
    });
}

bool House::run() {
    dispatch_.recover();
    bool well = true;
    std::thread loop([&] {
        well = loop_.run();
        if (!well) stop_signal_.raise();
    });
    try {
        serve();
    } catch (...) {
        loop_.stop();
        loop.join();
        throw;
    }
    loop_.stop();
    loop.join();
    // After the loop: how these targets end is not told any more. What had begun there ends as interrupted, by the next
    // start; what had not is begun then.
    ssh_.cut();
    mailbox_.close();
    net_.use(nullptr);
    return well;
}

// The API answers until a signal comes.
void House::serve() {
    const Periodic maintenance([this] { return forget_some(*store_, settings_.retention, clock_, log_); });
    const Periodic forgets_gone([this] {
        master_.forget_gone();
        return forget_gone_interval;
    });
    std::optional<Periodic> metrics;
    if (!settings_.metrics_file.empty())
        metrics.emplace([this, file = std::make_shared<RewrittenFile>(settings_.metrics_file, log_)] {
            master_.gather_metrics([file](const Answer<std::string>& answer) {
                if (answer.value) file->write(*answer.value);
            });
            return metrics_interval;
        });
    make_folders(settings_.runtime, 0750);
    ApiContext context{master_, authorizer_, clock_, version_};
    const HttpServer api({settings_.socket(), 0660, settings_.socket_group}, {},
                         Router(all_routes(context), authorizer_, log_), log_);
    log_.info("ready", {{"version", version_},
                        {"address", settings_.address},
                        {"main_port", transport_->ports().main},
                        {"fingerprint", master_keys_.fingerprint()}});
    stop_signal_.wait();
    log_.info("stopping");
    master_.stop_taking();
}

}  // namespace prove
