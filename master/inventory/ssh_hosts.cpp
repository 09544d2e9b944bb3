// Hosts named on the command line: web1,deploy@web2:2222. What is left out is as ssh's configuration has it.
#include <charconv>

#include "common/text/text.hpp"
#include "master/inventory/formats.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

class SshHostsReader {
  public:
    explicit SshHostsReader(const std::string& list) : list_(list) { inventory_.texts[*name_] = list; }

    Inventory read() {
        std::size_t begin = 0;
        for (const auto& word : split(list_, ',')) {
            const auto leading = word.size() - word.substr(std::min(word.find_first_not_of(" \t"), word.size())).size();
            host(std::string(trim(word)), begin + leading);
            begin += word.size() + 1;
        }
        return std::move(inventory_);
    }

  private:
    SourcePosition place(std::size_t at) const { return place_in_line(name_, 1, list_, at); }

    void host(const std::string& word, std::size_t at) {
        auto& problems = inventory_.problems;
        if (word.empty()) {
            problems.error(place(at), "", "a host is missing: hosts are separated by one comma, as in web1,web2");
            return;
        }
        if (word.find("]") != std::string::npos || std::count(word.begin(), word.end(), ':') > 1) {
            problems.error(
                place(at), "",
                "an address of IPv6 cannot be a target's name; give the host a name in ~/.ssh/config, found " +
                    quoted(word));
            return;
        }
        const auto sign = word.rfind('@');
        const auto host_at = sign == std::string::npos ? 0 : sign + 1;
        const auto colon = word.find(':', host_at);
        const auto host = word.substr(host_at, colon == std::string::npos ? colon : colon - host_at);
        const auto name = target_name_of(host, place(at + host_at), problems);
        if (!name) return;
        auto target = ssh_target_value(*name, host, place(at + host_at));
        if (sign != std::string::npos) set_ssh(target, "user", word.substr(0, sign), place(at));
        if (colon != std::string::npos) set_port(target, word.substr(colon + 1), place(at + colon + 1));
        inventory_.targets.push(std::move(target));
    }

    void set_port(Value& target, const std::string& text, const SourcePosition& position) {
        std::int64_t port = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65'535)
            inventory_.problems.error(position, "", "a port is a number from 1 to 65535, found " + quoted(text));
        else
            set_ssh(target, "port", port, position);
    }

    const std::string& list_;
    const FileName name_ = std::make_shared<const std::string>("--ssh-hosts");
    Inventory inventory_;
};

}  // namespace

Inventory read_ssh_hosts(const std::string& list) {
    return SshHostsReader(list).read();
}

}  // namespace prove
