// Nothing of its own: the source for which CMake precompiles prelude.hpp.
