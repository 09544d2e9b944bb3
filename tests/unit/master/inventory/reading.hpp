// An inventory in a file of a test's own, what it says, and what is wrong with it, as texts.
#pragma once

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/catalog/catalog.hpp"
#include "master/inventory/formats.hpp"

namespace prove::test {

class InventoryFiles {
  public:
    std::string write(const std::string& name, const std::string& text) const {
        const auto path = folder_.path() + "/" + name;
        make_folders(parent_of(path));
        write_file_durably(path, text, 0644);
        return path;
    }
    const std::string& path() const { return folder_.path(); }
    // Without the folder, which is another one each time.
    std::string shown(const std::string& text) const { return replace_all(text, folder_.path() + "/", ""); }

    // Everything that is wrong, errors and warnings, a line each.
    std::string problems(const Inventory& inventory) const {
        std::string text;
        for (const auto& problem : inventory.problems.sorted())
            text += problem.position.text() + ": " +
                    (problem.severity == Diagnostic::Severity::warning ? "warning: " : "") +
                    (problem.where.empty() ? "" : problem.where + ": ") + problem.text + "\n";
        return shown(text);
    }

  private:
    TemporaryFolder folder_{"prove-inventory"};
};

// "web1 host=10.0.0.1 ssh={"user":"deploy"}" for each target, in order.
inline std::string targets_text(const Inventory& inventory) {
    std::string text;
    for (const auto& target : inventory.targets.list()) {
        text += target.at("name").text();
        for (const auto* const key : {"host", "ssh", "variables"})
            if (const auto* const value = target.find(key); value != nullptr && !(*value == target.at("name")))
                text += std::string(" ") + key + "=" + write_json(*value);
        if (target.at("executor").text() != "ssh") text += " " + target.at("executor").text();
        text += "\n";
    }
    return text;
}

}  // namespace prove::test
