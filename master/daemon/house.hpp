// What prove-master is made of, as members in the order in which they are made (D9: store, keys, then whatever asks
// them, the sockets, which test themselves, last the API); they go in the opposite order. Only wiring.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/functions/registry.hpp"
#include "common/files/lock.hpp"
#include "common/time/random.hpp"
#include "master/commands/running_master.hpp"
#include "master/daemon/settings.hpp"
#include "master/daemon/stop_signal.hpp"
#include "master/executors/master_ssh.hpp"
#include "master/keys/master_keys.hpp"
#include "master/server/event_loop.hpp"
#include "master/server/loop_store.hpp"
#include "master/server/session_carrier.hpp"
#include "master/server/workers.hpp"

namespace prove {

class House {
  public:
    // Makes keys where there are none; binds the agents' sockets. Throws Error where any of it cannot be.
    House(const MasterSettings& settings, std::string version);
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    // Serves until SIGTERM or SIGINT; false where the store broke meanwhile.
    bool run();

  private:
    void serve();

    MasterSettings settings_;
    std::string version_;
    StopSignal stop_signal_;  // before any thread, so that all of them leave the signals to it
    SystemClock clock_;
    SystemRandom random_;
    Logger log_;
    FileLock only_one_;
    Mailbox mailbox_;  // before the store, whose last answers still come to it
    std::unique_ptr<Store> store_;
    MasterKeys master_keys_;

    LoopStore loop_store_;
    KeyTable keys_;
    KeyDesk desk_;
    KeyEnvelopeSigner online_;
    LocalSigner signer_;
    Connections connections_;
    TransportNet net_;

    FunctionRegistry functions_;
    TargetList targets_;
    CatalogKeeper catalog_;
    CommandTable commands_;
    CommandOperations operations_;
    Workers compilers_;
    WorkerPool pool_;
    MasterSsh ssh_;
    SessionCarrier carrier_;
    Dispatch dispatch_;

    std::unique_ptr<ZeromqServer> transport_;
    Enrolment enrolment_;
    EventLoop loop_;

    Authorizer authorizer_;
    RunningMaster master_;
    Workers front_;  // after the master: what it still does is done before that goes
};

// `prove-master init`: makes the cluster's keys. Throws where there are some already.
void init_master(const MasterSettings& settings);
// `prove-master pin`: what an agent's settings name so that it takes no other master for this one. Needs the keys.
MasterPin pin_of_master(const MasterSettings& settings);

}  // namespace prove
