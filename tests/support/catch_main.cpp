// The main function of every unit test program, compiled once: Catch2's runner is its slowest part.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
