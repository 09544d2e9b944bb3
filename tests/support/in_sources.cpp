// See the header. The only file that is compiled anew where the sources lie elsewhere.
#include "tests/support/in_sources.hpp"

namespace prove::test {

std::string in_sources(const std::string& path) {
    return PROVE_SOURCE_DIR + path;
}

}  // namespace prove::test
