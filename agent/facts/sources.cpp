// Facts from files of /etc, /proc and /sys, and from a few system calls.
#include "agent/facts/sources.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <map>

#include "agent/facts/network.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// A small file; "" where it cannot be read. Files of /proc say that they have no size.
std::string text_of(const HostReader& host, const char* path) {
    try {
        return host.read_file(Path(path), 1u << 20);
    } catch (const Error&) {
        return "";
    }
}

// Sets a text, unless it is empty: a fact that is not known is absent.
void set_text(Value& facts, const char* name, std::string_view text) {
    if (!trim(text).empty()) facts.set(name, std::string(trim(text)));
}

utsname kernel() {
    utsname names{};
    (void)::uname(&names);
    return names;
}

std::map<std::string, std::string> os_release(const HostReader& host) {
    std::string text = text_of(host, "/etc/os-release");
    if (text.empty()) text = text_of(host, "/usr/lib/os-release");
    std::map<std::string, std::string> fields;
    for (const std::string& line : split_lines(text)) {
        const auto equals = line.find('=');
        if (equals == std::string::npos || line[0] == '#') continue;
        std::string value = line.substr(equals + 1);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        fields[line.substr(0, equals)] = value;
    }
    return fields;
}

std::string family_of(const std::map<std::string, std::string>& release) {
    static const std::map<std::string, std::string> families = {
        {"debian", "debian"}, {"ubuntu", "debian"}, {"rhel", "redhat"}, {"fedora", "redhat"}, {"centos", "redhat"},
        {"suse", "suse"},     {"opensuse", "suse"}, {"sles", "suse"},   {"arch", "arch"},     {"alpine", "alpine"},
        {"gentoo", "gentoo"}, {"amzn", "redhat"},   {"rocky", "redhat"}};
    std::string named;
    for (const char* field : {"ID", "ID_LIKE"}) {
        const auto found = release.find(field);
        if (found == release.end()) continue;
        for (const std::string& word : split_words(found->second)) {
            if (named.empty()) named = word;
            const auto family = families.find(word);
            if (family != families.end()) return family->second;
        }
    }
    return named;
}

Value read_os(const HostReader& host) {
    const auto release = os_release(host);
    Value facts = Value::object();
    set_text(facts, "family", family_of(release));
    for (const auto& [field, name] : {std::pair("ID", "name"), std::pair("VERSION_ID", "version"),
                                      std::pair("VERSION_CODENAME", "codename"), std::pair("PRETTY_NAME", "title")}) {
        const auto found = release.find(field);
        if (found != release.end()) set_text(facts, name, found->second);
    }
    return facts;
}

Value read_kernel(const HostReader&) {
    const utsname names = kernel();
    Value facts = Value::object();
    set_text(facts, "name", names.sysname);
    set_text(facts, "release", names.release);
    set_text(facts, "version", names.version);
    return facts;
}

// The value after "key : value" in a file such as /proc/cpuinfo.
std::string field_of(const std::string& text, std::string_view key) {
    for (const std::string& line : split_lines(text)) {
        const auto colon = line.find(':');
        if (colon != std::string::npos && trim(std::string_view(line).substr(0, colon)) == key)
            return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
    return "";
}

Value read_cpu(const HostReader& host) {
    Value facts = Value::object();
    set_text(facts, "architecture", kernel().machine);
    facts.set("count", static_cast<std::int64_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
    set_text(facts, "model", field_of(text_of(host, "/proc/cpuinfo"), "model name"));
    return facts;
}

Value read_memory(const HostReader& host) {
    const std::string text = text_of(host, "/proc/meminfo");
    Value facts = Value::object();
    for (const auto& [field, name] : {std::pair("MemTotal", "total"), std::pair("SwapTotal", "swap")}) {
        const std::string found = field_of(text, field);  // "8152620 kB"
        std::int64_t kilobytes = 0;
        if (std::from_chars(found.data(), found.data() + found.size(), kilobytes).ec == std::errc())
            facts.set(name, kilobytes * 1024);
    }
    return facts;
}

std::string virtual_of(const HostReader& host) {
    const std::string container = text_of(host, "/run/systemd/container");
    if (!trim(container).empty()) return std::string(trim(container));
    if (host.stat(Path("/.dockerenv"))) return "docker";
    if (host.stat(Path("/run/.containerenv"))) return "podman";
    const std::string vendor =
        text_of(host, "/sys/class/dmi/id/sys_vendor") + text_of(host, "/sys/class/dmi/id/product_name");
    for (const auto& [sign, name] :
         {std::pair("QEMU", "kvm"), std::pair("KVM", "kvm"), std::pair("Amazon EC2", "amazon"),
          std::pair("VMware", "vmware"), std::pair("VirtualBox", "oracle"), std::pair("Virtual Machine", "microsoft"),
          std::pair("Xen", "xen"), std::pair("Google", "google")})
        if (vendor.find(sign) != std::string::npos) return name;
    const std::string flags = " " + field_of(text_of(host, "/proc/cpuinfo"), "flags") + " ";
    return flags.find(" hypervisor ") != std::string::npos ? "vm" : "none";
}

Value read_host(const HostReader& host) {
    Value facts = Value::object();
    // systemd asks that the id itself stays on the machine (machine-id(5)).
    const std::string id = text_of(host, "/etc/machine-id");
    if (!trim(id).empty())
        facts.set("machine_id", hash_of("prove.machine.v1" + std::string(trim(id))).hex().substr(0, 32));
    set_text(facts, "name", kernel().nodename);
    facts.set("virtual", virtual_of(host));
    return facts;
}

Value read_init(const HostReader& host) {
    Value facts = Value::object();
    const std::string name = text_of(host, "/proc/1/comm");
    set_text(facts, "name", name);
    // "252.30-1~deb12u2": the number before the first dot or dash is what people know.
    const std::string version = trim(name) == "systemd" ? host.package("systemd").version : "";
    set_text(facts, "version", version.substr(0, version.find_first_not_of("0123456789")));
    return facts;
}

Value read_net(const HostReader& host) {
    Value facts = read_interfaces();
    set_text(facts, "fqdn", fqdn_of(kernel().nodename, text_of(host, "/etc/hosts")));
    return facts;
}

}  // namespace

const std::vector<FactSource>& fact_sources() {
    static const std::vector<FactSource> sources = {
        {"cpu", read_cpu},       {"host", read_host}, {"init", read_init}, {"kernel", read_kernel},
        {"memory", read_memory}, {"net", read_net},   {"os", read_os},
    };
    return sources;
}

}  // namespace prove
