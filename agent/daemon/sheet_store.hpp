// What the master has signed and this agent goes by without it (S60): its schedule sheet and its last StateRun, as they
// came, in files beside the journal. Nothing here is trusted: what is read is verified again, every time, and must not be
// older than the newest that the journal says was kept. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/agent_journal.hpp"
#include "agent/daemon/mail.hpp"
#include "proto/schedule_sheet.hpp"

namespace prove {

class SheetStore {
 public:
    // All of them outlive it.
    SheetStore(Disk& disk, AgentJournal& journal, Mail& mail, const Self& self)
        : disk_(disk), journal_(journal), mail_(mail), self_(self) {}

    // Durable on return. Throws Error(refused) for one that is older than what was kept, Error(full).
    void keep_sheet(const Verified& verified, const std::vector<std::string>& frames);
    void keep_state_run(std::uint64_t generation, const std::vector<std::string>& frames);

    // Why there is nothing that may be used; `wrong` where something was kept and must not be.
    struct Trouble {
        std::string text;
        bool wrong = false;
    };
    struct Sheet {
        std::optional<ScheduleSheet> sheet;
        Trouble trouble;
    };
    Sheet load_sheet();
    struct StateRun {
        std::optional<StatesBody> body;
        Trouble trouble;
    };
    StateRun load_state_run();

 private:
    void write(const char* name, const std::vector<std::string>& frames);
    // Throws Error(missing) where nothing was kept, Error(refused) where it must not be used.
    Verified load(const char* name, Kept which, MessageType type, const std::string& what);

    Disk& disk_;
    AgentJournal& journal_;
    Mail& mail_;
    Self self_;
};

}  // namespace prove
