// Writing down what was found. See the header.
#include "master/cli/adopted_catalog.hpp"

#include <utility>

#include "common/files/path.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr std::size_t most_surveyed = 5'000;  // of a kind: more is told by no host that means well

Value part(const std::string& function) {
    Value result = Value::object();
    result.set("fn", function);
    return result;
}

Value one_part(Value part) {
    Value list = Value::array();
    list.push(std::move(part));
    return list;
}

Value names(std::vector<std::string> texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

class Adoption {
  public:
    Adoption(const std::string& host, const Value& survey) : host_(host), fields_(survey, "survey") {
        packages();
        groups();
        users();
        files();
        services();
        fields_.optional("notes");
        fields_.end();
    }

    CatalogFiles take() {
        if (states_.mapping().empty()) return {};
        const std::string name = "adopted/" + host_;
        result_["states/" + name + ".plain.yml"].content =
            "# What " + host_ + " has, as it was found. Take what you care for, give it names of your own, delete the rest.\n" +
            write_yaml(states_);
        Value group = Value::object();
        group.set("name", "adopted-" + host_);
        group.set("list", names({host_}));
        group.set("states", names({name}));
        Value section = Value::object();
        section.set("groups", one_part(std::move(group)));
        result_["groups.d/adopted-" + host_ + ".yml"].content =
            "# Gives " + host_ + " the states of states/" + name + ".plain.yml, beside those that it has.\n" + write_yaml(section);
        return std::move(result_);
    }

  private:
    Value::List found(const char* kind) {
        const Value* list = fields_.optional(kind);
        if (list == nullptr) return {};
        if (list->list().size() > most_surveyed)
            throw Error(ErrorKind::invalid, "survey: more than " + std::to_string(most_surveyed) + " " + kind);
        return list->list();
    }

    void packages() {
        auto found_packages = fields_.texts("packages");
        if (found_packages.empty()) return;
        Value installed = part("package.installed");
        installed.set("package", names(std::move(found_packages)));
        states_.set("packages", one_part(std::move(installed)));
    }

    void groups() {
        for (const Value& group : found("groups")) {
            Fields fields(group, "group");
            Value present = part("group.present");
            const std::string name = fields.text("name");
            present.set("name", name);
            present.set("gid", fields.integer("gid"));
            if (fields.boolean("system", false)) present.set("system", true);
            fields.end();
            states_.set("group " + name, one_part(std::move(present)));
        }
    }

    void users() {
        for (const Value& user : found("users")) {
            Fields fields(user, "user");
            Value present = part("user.present");
            const std::string name = fields.text("name"), group = fields.text("group");
            present.set("name", name);
            present.set("uid", fields.integer("uid"));
            present.set("group", group);
            if (auto others = fields.texts("groups"); !others.empty()) present.set("groups", names(std::move(others)));
            present.set("home", fields.text("home"));
            present.set("shell", fields.text("shell"));
            if (const std::string comment = fields.text("comment", ""); !comment.empty()) present.set("comment", comment);
            if (fields.boolean("system", false)) present.set("system", true);
            fields.end();
            present.set("requires", names({"group " + group}));
            states_.set("user " + name, one_part(std::move(present)));
        }
    }

    void files() {
        for (const Value& file : found("files")) {
            Fields fields(file, "file");
            const Path path(fields.text("path"));
            const std::string type = fields.text("type");
            if (type == "symlink") {
                Value link = part("file.symlink");
                link.set("path", path.text());
                link.set("target", fields.text("target"));
                fields.end();
                states_.set(path.text(), one_part(std::move(link)));
                continue;
            }
            if (type != "file" && type != "directory") throw Error(ErrorKind::invalid, "a file of type '" + type + "'");
            Value managed = part(type == "file" ? "file.managed" : "file.directory");
            managed.set("path", path.text());
            const std::string mode = fields.text("mode");
            if (type == "file") managed.set("source", keep(path, from_base64(fields.text("base64")), mode.ends_with('0')));
            managed.set("user", fields.text("user"));
            managed.set("group", fields.text("group"));
            managed.set("mode", mode);
            fields.end();
            states_.set(path.text(), one_part(std::move(managed)));
        }
    }

    // Puts a content into the catalog; gives its prove:// name.
    std::string keep(const Path& path, std::string content, bool not_for_everybody) {
        std::string name = "adopted/" + host_ + path.text();
        // A file that is called so on the host is no template of ours.
        if (name.ends_with(".mako") || name.ends_with(".jinja")) name += ".text";
        result_["files/" + name] = {std::move(content), not_for_everybody ? 0600U : 0644U};
        return "prove://" + name;
    }

    void services() {
        for (const Value& service : found("services")) {
            Fields fields(service, "service");
            const std::string name = fields.text("name");
            const Value* enabled = fields.optional("enabled");
            const bool running = fields.boolean("running", false);
            fields.end();
            Value parts = Value::array();
            const auto add = [&](const char* function) {
                Value wanted = part(function);
                wanted.set("service", name);
                parts.push(std::move(wanted));
            };
            if (enabled != nullptr) add(enabled->boolean() ? "service.enabled" : "service.disabled");
            // What is enabled and not running does its work once and ends; it is not to be kept stopped.
            const bool is_off = enabled != nullptr && !enabled->boolean();
            if (running)
                add("service.running");
            else if (is_off)
                add("service.stopped");
            if (!parts.list().empty()) states_.set("service " + name, std::move(parts));
        }
    }

    const std::string& host_;
    Fields fields_;
    Value states_ = Value::object();
    CatalogFiles result_;
};

}  // namespace

CatalogFiles adopted_catalog(const std::string& host, const Value& survey) {
    return Adoption(host, survey).take();
}

}  // namespace prove
