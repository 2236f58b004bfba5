# The build profiles of ns-3's own launcher, by CMAKE_BUILD_TYPE:
#   debug      no optimization; assertions and logging
#   default    optimization; assertions and logging
#   release    optimization; neither
#   optimized  as release, at -O3; the one that is built unless another is asked for
# No -march=native: the same source gives the same numbers on any machine.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE optimized CACHE STRING "debug, default, release or optimized" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_DEFAULT "-O2 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_OPTIMIZED "-O3")
if(NOT CMAKE_BUILD_TYPE MATCHES "^(debug|default|release|optimized)$")
  message(FATAL_ERROR "CMAKE_BUILD_TYPE is '${CMAKE_BUILD_TYPE}'; "
                      "allowed: debug, default, release, optimized"
  )
endif()
if(CMAKE_BUILD_TYPE MATCHES "^(debug|default)$")
  add_compile_definitions(NS3_ASSERT_ENABLE NS3_LOG_ENABLE)
endif()
add_compile_options(-Wall -Wextra)

# What scripts/check-sanitizers and scripts/fuzz build with, in folders of their own.
set(PORTEND_INSTRUMENTS "" CACHE STRING "flags of sanitizers and coverage, after the profile's")
add_compile_options(${PORTEND_INSTRUMENTS})
add_link_options(${PORTEND_INSTRUMENTS})
