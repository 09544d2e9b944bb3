// The list of facts, and choosing among them. How they are found is in sources.cpp and custom.cpp.
#include "agent/facts/facts.hpp"

#include <algorithm>

#include "agent/facts/sources.hpp"
#include "common/text/text.hpp"

namespace prove {

const std::vector<FactDescription>& fact_descriptions() {
    static const std::vector<FactDescription> descriptions = {
        {"cpu.architecture", "text", "what the processor is, as uname says", "x86_64"},
        {"cpu.count", "integer", "processors that are online", "4"},
        {"cpu.model", "text", "the processor's name; absent where it has none", "AMD EPYC 7763"},
        {"host.machine_id", "text", "a stable number of this installation, derived from /etc/machine-id", "5f3c..."},
        {"host.name", "text", "the host's name as the kernel has it", "web1"},
        {"host.virtual", "text", "'none', or what the host runs in: kvm, vmware, docker, systemd-nspawn ...", "kvm"},
        {"init.name", "text", "the first process", "systemd"},
        {"init.version", "text", "its version, where it is systemd", "252"},
        {"kernel.name", "text", "the kernel", "Linux"},
        {"kernel.release", "text", "its release", "6.1.0-18-amd64"},
        {"kernel.version", "text", "its build", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1"},
        {"memory.swap", "integer", "swap in bytes", "1073741824"},
        {"memory.total", "integer", "memory in bytes", "8348282880"},
        {"net.addresses", "list", "addresses of all interfaces but the loopback and link-local ones; at most 500",
         "[10.0.0.5]"},
        {"net.fqdn", "text", "the host's full name where /etc/hosts has one, else its name", "web1.example.com"},
        {"net.interfaces", "mapping", "interfaces by name: mac, up, addresses; at most 300, those with addresses first",
         "{eth0: {...}}"},
        {"os.codename", "text", "the release's name", "bookworm"},
        {"os.family", "text", "what it descends from: debian, redhat, suse, arch, alpine ...", "debian"},
        {"os.name", "text", "the distribution", "debian"},
        {"os.title", "text", "the distribution and its release for people", "Debian GNU/Linux 12 (bookworm)"},
        {"os.version", "text", "the release's number", "12"},
    };
    return descriptions;
}

namespace {

bool is_part_of(const std::string& inner, const std::string& outer) {
    return inner == outer || inner.rfind(outer + ".", 0) == 0;
}

class Wanted {
  public:
    explicit Wanted(const std::vector<std::string>& names) : names_(names) {
        for (const std::string& name : names) check(name);
    }

    // Whether something of this group ("os") is asked for.
    bool group(const std::string& group) const {
        return names_.empty() || std::any_of(names_.begin(), names_.end(),
                                             [&](const std::string& name) { return is_part_of(name, group); });
    }

    // The parts of a gathered mapping that were asked for.
    Value chosen(const Value& all) const {
        if (names_.empty()) return all;
        Value result = Value::object();
        for (const std::string& name : names_) copy(all, split(name, '.'), 0, result);
        return result;
    }

  private:
    static void check(const std::string& name) {
        if (is_part_of(name, "custom")) return;
        std::vector<std::string> known;
        for (const FactDescription& fact : fact_descriptions()) {
            if (is_part_of(name, fact.name) || is_part_of(fact.name, name)) return;
            known.push_back(fact.name);
        }
        const std::string near = nearest(name, known);
        throw Error(ErrorKind::usage,
                    "there is no fact " + quoted(name) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
    }

    static void copy(const Value& from, const std::vector<std::string>& path, std::size_t at, Value& to) {
        const Value* member = from.is_mapping() ? from.find(path[at]) : nullptr;
        if (member == nullptr) return;
        if (at + 1 == path.size() || !member->is_mapping()) {
            to.set(path[at], *member);
            return;
        }
        Value inner = to.find(path[at]) != nullptr ? *to.find(path[at]) : Value::object();
        copy(*member, path, at + 1, inner);
        if (!inner.mapping().empty()) to.set(path[at], std::move(inner));
    }

    const std::vector<std::string>& names_;
};

}  // namespace

Facts gather_facts(const HostReader& host, const FactsRequest& request) {
    const Wanted wanted(request.names);
    Facts facts;
    Value all = Value::object();
    for (const FactSource& source : fact_sources())
        if (wanted.group(source.group)) all.set(source.group, source.read(host));
    if (wanted.group("custom"))
        all.set("custom", read_custom_facts(host, request.custom_folder, request.names, facts.problems));
    facts.values = wanted.chosen(all);
    return facts;
}

}  // namespace prove
