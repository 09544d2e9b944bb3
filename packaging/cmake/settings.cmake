# Compiler, linker and library settings that every room shares.
set(PROVE_SANITIZE "" CACHE STRING "address (with UBSan), thread, or empty")

find_program(CCACHE ccache)
if(CCACHE)
    # Paths are cached relative to the folder beside the sources, so that clones and build folders share what is cached.
    get_filename_component(CACHE_BASE ${CMAKE_SOURCE_DIR} DIRECTORY)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CACHE_BASE} CCACHE_DEPEND=1
        CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT CMAKE_CROSSCOMPILING)
    add_link_options(-fuse-ld=mold)
endif()

# -g1: line tables are enough for backtraces, and full debug information doubles the link.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers
                    -fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
add_link_options(-Wl,--as-needed -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(PROVE_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
    add_link_options(-fsanitize=address,undefined)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # One build for the sanitized tests and the fuzzers. (sd-bus.h has C99 in its macros.)
        add_compile_options(-fsanitize=fuzzer-no-link -Wno-c99-extensions)
    endif()
elseif(PROVE_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
    add_link_options(-fsanitize=thread)
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Catch2 2 REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
# What libzmq itself is built with (krb5, pgm) is nothing to who includes zmq.h; and CMake gives it otherwise the second time
# than the first, so that each configuring would compile half the tree anew.
set_target_properties(PkgConfig::ZMQ PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "" INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(LIBYAML REQUIRED IMPORTED_TARGET yaml-0.1)

# Programs with the property PROVE_STATIC (static_program.cmake) take the archives of these.
foreach(library SODIUM YAMLCPP LIBYAML)
    string(REGEX REPLACE "[.]so$" ".a" archive "${${library}_LINK_LIBRARIES}")
    set_target_properties(PkgConfig::${library} PROPERTIES INTERFACE_LINK_LIBRARIES
        "$<IF:$<BOOL:$<TARGET_PROPERTY:PROVE_STATIC>>,${archive},${${library}_LINK_LIBRARIES}>")
endforeach()
