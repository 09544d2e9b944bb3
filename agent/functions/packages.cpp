// package.installed and package.removed. The engine merges adjacent ones into one transaction; each part still answers
// for its own packages.
#include "agent/functions/families.hpp"
#include "agent/host/names.hpp"

namespace prove {

namespace {

PackageWish::Refresh refresh_from(const std::string& name) {
    if (name == "always") return PackageWish::Refresh::always;
    return name == "never" ? PackageWish::Refresh::never : PackageWish::Refresh::automatic;
}

std::vector<PackageWish> install_wishes(const Arguments& args) {
    std::vector<PackageWish> wishes;
    for (const std::string& name : args.texts("package")) {
        PackageWish wish;
        wish.name = name;
        wish.version = args.optional_text("version").value_or("");
        wish.refresh = refresh_from(args.text("refresh"));
        if (args.has("recommends")) wish.recommends = args.boolean("recommends");
        wishes.push_back(std::move(wish));
    }
    return wishes;
}

std::vector<PackageWish> removal_wishes(const Arguments& args) {
    std::vector<PackageWish> wishes;
    for (const std::string& name : args.texts("package")) wishes.push_back({.name = name});
    return wishes;
}

std::vector<ArgumentProblem> check(const Arguments& args) {
    std::vector<ArgumentProblem> problems;
    for (const std::string& name : args.texts("package"))
        if (!is_package_name(name)) problems.push_back({"package", "'" + name + "' is not the name of a package"});
    if (!args.has("version")) return problems;
    if (args.texts("package").size() > 1)
        problems.push_back({"version", "one version cannot hold for several packages; write a part for each"});
    if (!is_package_version(args.text("version")))
        problems.push_back({"version", "'" + args.text("version") + "' is not a version"});
    return problems;
}

Argument package_argument(const char* help) {
    return {.name = "package", .type = ArgumentType::text_list, .required = true, .help = help};
}

FunctionSchema installed_schema() {
    return {
        .name = "package.installed",
        .summary = "packages are installed",
        .changed = "a package was not installed, or had another version",
        .arguments =
            {package_argument("a package or a list of them"),
             {.name = "version", .type = ArgumentType::text, .help = "exactly this version; otherwise any"},
             {.name = "refresh",
              .type = ArgumentType::choice,
              .fallback = "auto",
              .help = "refresh the package lists first: when something has to be installed and they are missing, older "
                      "than a day or lack it (auto), each time something has to be installed, or never",
              .choices = {"auto", "always", "never"}},
             {.name = "recommends",
              .type = ArgumentType::boolean,
              .help = "install what the packages recommend, too; otherwise as apt is configured on the host"}},
        .claims = {{.kind = "package",
                    .aspect = "package",
                    .argument = "package",
                    .compared = {"version"},
                    .wants = "installed"}},
        .groups = true,
        .example =
            "fn: package.installed\n"
            "package: [nginx, openssl]\n",
    };
}

FunctionSchema removed_schema() {
    return {
        .name = "package.removed",
        .summary = "packages are not installed",
        .changed = "a package was installed; with purge, or had left configuration files",
        .arguments = {package_argument("a package or a list of them; what depends on them must be named too"),
                      {.name = "purge",
                       .type = ArgumentType::boolean,
                       .fallback = false,
                       .help = "remove their configuration files, too"}},
        .claims = {{.kind = "package",
                    .aspect = "package",
                    .argument = "package",
                    .compared = {"purge"},
                    .wants = "removed"}},
        .groups = true,
        .example =
            "fn: package.removed\n"
            "package: telnetd\n"
            "purge: true\n",
    };
}

}  // namespace

void register_packages(FunctionRegistry& registry) {
    registry.add({.schema = installed_schema(),
                  .converge = [](const Arguments& args, Host& host) { host.install(install_wishes(args)); },
                  .subject = "package",
                  .package_wishes = install_wishes,
                  .check = check});
    registry.add({.schema = removed_schema(),
                  .converge = [](const Arguments& args,
                                 Host& host) { host.remove_packages(args.texts("package"), args.boolean("purge")); },
                  .subject = "package",
                  .package_wishes = removal_wishes,
                  .removes_packages = true,
                  .check = check});
}

}  // namespace prove
