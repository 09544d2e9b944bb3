// What is around a master does not get into its render workers: variables, its folder, modules in its user's home.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "common/files/files.hpp"
#include "rendering.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A folder that we stand in, with an environment that points Python there, as long as this lives.
class Lure {
  public:
    Lure() {
        for (const char* name : names)
            before_.emplace_back(name, std::getenv(name) == nullptr ? "" : std::getenv(name));
        for (const char* module : {"json", "sitecustomize", "usercustomize", "mako"})
            write_file_durably(folder_.path() + "/" + module + ".py", "raise SystemExit('lured')\n", 0644);
        ::setenv("PYTHONPATH", folder_.path().c_str(), 1);
        ::setenv("PYTHONSTARTUP", (folder_.path() + "/json.py").c_str(), 1);
        ::setenv("PYTHONHOME", folder_.path().c_str(), 1);
        std::filesystem::current_path(folder_.path());
    }
    ~Lure() {
        std::filesystem::current_path(home_);
        for (const auto& [name, value] : before_) value.empty() ? ::unsetenv(name) : ::setenv(name, value.c_str(), 1);
    }
    Lure(const Lure&) = delete;
    Lure& operator=(const Lure&) = delete;
    const std::string& path() const { return folder_.path(); }

  private:
    static constexpr const char* names[] = {"PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME"};
    const std::filesystem::path home_ = std::filesystem::current_path();
    const TemporaryFolder folder_;
    std::vector<std::pair<const char*, std::string>> before_;
};

}  // namespace

TEST_CASE("S84 a worker has the fixed environment, whatever is in that of its master", "[render]") {
    const Lure lure;
    Rendering rendering;
    CHECK(rendering.text("<%! import os %>${' '.join(sorted(os.environ))}") == "HOME LANG PATH PYTHONHASHSEED");
}

TEST_CASE("S79 a worker takes its modules from where Python is installed, not from where its master runs", "[render]") {
    const Lure lure;
    Rendering rendering;
    const std::string paths = rendering.text("<%! import sys %>${' '.join(repr(p) for p in sys.path)}");
    CHECK(paths.find("''") == std::string::npos);
    CHECK(paths.find(lure.path()) == std::string::npos);
    CHECK(rendering.text("<%! import sys, site %>${sys.flags.no_user_site} ${site.ENABLE_USER_SITE}") == "1 false");
    CHECK(rendering.text("<%! import json %>${json.dumps([1])}") == "[1]");
}
