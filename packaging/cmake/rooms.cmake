# How a room (a folder of sources) becomes a library, a program or a test.

set(PROVE_SMALL $<$<CONFIG:RelWithDebInfo>:-Os>)

# What most files read is read once for all of them. g++ only: clang's builds show that no file leans on it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Through a precompiled header, GCC 12 warns of what std::string does not do (GCC bug 105651). -fpch-preprocess lets
    # ccache see through it.
    add_compile_options(-fpch-preprocess -Wno-restrict -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow)
    add_library(prelude OBJECT ${CMAKE_SOURCE_DIR}/packaging/cmake/prelude.cpp)
    target_include_directories(prelude PRIVATE ${CMAKE_SOURCE_DIR})
    # Without the folder in its name: what is compiled with it is the same in every clone.
    target_precompile_headers(prelude PRIVATE <packaging/cmake/prelude.hpp>)
    # A precompiled header is read under the options that it was made with.
    add_library(prelude_small OBJECT ${CMAKE_SOURCE_DIR}/packaging/cmake/prelude.cpp)
    target_include_directories(prelude_small PRIVATE ${CMAKE_SOURCE_DIR})
    target_precompile_headers(prelude_small PRIVATE <packaging/cmake/prelude.hpp>)
    target_compile_options(prelude_small PRIVATE ${PROVE_SMALL})
endif()

function(prove_is_glue target)
    if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
        target_compile_options(${target} PRIVATE -Og)
    endif()
endfunction()

# prove_room(NAME [GLUE|SMALL] LINK lib...): every .cpp of this folder as the static library NAME. GLUE: nothing in it takes
# time when it runs (a quarter less work for the compiler). SMALL: the same, and it is part of prove-exec, whose size counts
# (half of what it is with -O2).
function(prove_room name)
    cmake_parse_arguments(ROOM "GLUE;SMALL" "" "LINK;EXCLUDE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main(_[a-z]+)?\\.cpp$")
    foreach(excluded ${ROOM_EXCLUDE})
        list(FILTER sources EXCLUDE REGEX "/${excluded}$")
    endforeach()
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ROOM_LINK})
    if(ROOM_GLUE)
        prove_is_glue(${name})
    endif()
    if(ROOM_SMALL)
        target_compile_options(${name} PRIVATE ${PROVE_SMALL})
    endif()
    # What prove-exec is linked from, which leaves out what it does not call.
    if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "/master/")
        target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections)
    endif()
    if(TARGET prelude)
        set(prelude prelude)
        if(ROOM_SMALL)
            set(prelude prelude_small)
        endif()
        target_precompile_headers(${name} REUSE_FROM ${prelude})
    endif()
endfunction()

# prove_program(NAME MAIN LINK lib...): the program NAME from one main file.
function(prove_program name main)
    cmake_parse_arguments(PROGRAM "" "" "LINK" ${ARGN})
    add_executable(${name} ${main})
    prove_is_glue(${name})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${PROGRAM_LINK})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

add_custom_target(unit_tests)

# Tests of optimised code are not optimised themselves: Catch's macros take the compiler several times as long then. And
# Catch is read once for all of them, precompiled with tests/support/catch_main.cpp, under the very same options.
set(PROVE_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND PROVE_TEST_OPTIONS "SHELL:--param ggc-min-heapsize=1000000")  # as much memory, and 8 % less time
endif()

# prove_unit_tests(NAME LINK lib...): every *_test.cpp of this folder as one Catch2 program, run by CTest.
function(prove_unit_tests name)
    cmake_parse_arguments(TESTS "" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(${name} ${sources})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
    target_compile_options(${name} PRIVATE ${PROVE_TEST_OPTIONS})
    target_link_libraries(${name} PRIVATE ${TESTS_LINK} catch_main)
    target_precompile_headers(${name} REUSE_FROM catch_main)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_dependencies(unit_tests ${name})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
endfunction()

# prove_subrooms(): every folder below this one that has a CMakeLists.txt.
function(prove_subrooms)
    file(GLOB rooms CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
    foreach(room ${rooms})
        get_filename_component(folder ${room} DIRECTORY)
        add_subdirectory(${folder})
    endforeach()
endfunction()
