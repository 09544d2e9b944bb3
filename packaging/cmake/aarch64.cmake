# CMake's toolchain file for a prove-exec for 64-bit ARM hosts, made on Debian for amd64 (packaging/exec-for-aarch64). Only the
# libraries that prove-exec links are there for ARM; the others are found as they are, for configuring.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PROVE_ARM_LIBRARIES)
set(ENV{PKG_CONFIG_LIBDIR}
    ${PROVE_ARM_LIBRARIES}/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig:/usr/lib/x86_64-linux-gnu/pkgconfig)
set(date_DIR /usr/lib/x86_64-linux-gnu/cmake/date)
