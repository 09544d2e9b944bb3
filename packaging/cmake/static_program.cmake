# A program without any shared library, as small as it gets: prove-exec is copied to hosts that may have nothing.

# prove_static_program(NAME MAIN LINK lib...): the program NAME, stripped, from one main file and rooms.
function(prove_static_program name main)
    cmake_parse_arguments(PROGRAM "" "" "LINK" ${ARGN})
    if(PROVE_SANITIZE)
        # A sanitizer's runtime is a shared library; and what is sent through a pipe may not have any size.
        prove_program(${name} ${main} LINK ${PROGRAM_LINK})
        target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,--strip-debug)
        return()
    endif()
    prove_program(${name} ${main} LINK ${PROGRAM_LINK})
    set_target_properties(${name} PROPERTIES PROVE_STATIC ON OUTPUT_NAME ${name}-${CMAKE_SYSTEM_PROCESSOR})
    target_link_options(${name} PRIVATE -static -Wl,--gc-sections -Wl,--strip-all)
endfunction()
