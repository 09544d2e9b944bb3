// Nothing of its own: the source for which CMake precompiles Catch's header. The runner (catch_main.cpp) defines what that
// header is to bring before it reads it, and cannot use it.
