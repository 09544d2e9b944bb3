// What a file state does to a machine, as a program that faultio can kill at any of its calls.
//     faultio_file_state PATH CONTENT USER MODE
// makes PATH that, as file.managed does. Exits 0, or 4 where it could not.
#include <cstdio>
#include <cstdlib>

#include "agent/host/linux_host.hpp"

using namespace prove;

namespace {

struct OneContent final : ContentSource {
    std::string bytes;
    std::string fetch(const Hash&) override { return bytes; }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    try {
        const SystemClock clock;
        LinuxHost host(clock);
        OneContent source;
        source.bytes = argv[2];
        FileWish wish;
        wish.content = {hash_of(source.bytes), source.bytes.size(), &source};
        wish.attributes.user = argv[3];
        wish.attributes.mode = static_cast<unsigned>(std::strtoul(argv[4], nullptr, 8));
        host.begin_part({});
        host.write_file(Path(argv[1]), wish);
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 4;
    }
}
