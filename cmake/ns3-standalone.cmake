# What an ns-3 source tree gives to the CMakeLists.txt of its modules, for an installed ns-3:
# the variables ${lib<module>}, build_lib() and build_lib_example().

# The standard that the installed headers need; the package does not export it.
if(NOT CMAKE_CXX_STANDARD)
  if(ns3_VERSION VERSION_LESS 3.41)
    set(CMAKE_CXX_STANDARD 17)
  elseif(ns3_VERSION VERSION_LESS 3.46)
    set(CMAKE_CXX_STANDARD 20)
  else()
    set(CMAKE_CXX_STANDARD 23)
  endif()
endif()
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Targets are ns3::libcore until 3.42, ns3::core after. Examples do without the last ones.
foreach(module core network internet point-to-point traffic-control energy csma mobility wifi)
  if(TARGET ns3::lib${module})
    set(lib${module} ns3::lib${module})
  elseif(TARGET ns3::${module})
    set(lib${module} ns3::${module})
  elseif(NOT module MATCHES "csma|mobility|wifi")
    message(FATAL_ERROR "The installed ns-3 ${ns3_VERSION} lacks the module ${module}")
  endif()
endforeach()

# A module: its library, its headers as ns3/<header>, and a runner of its test suites.
function(build_lib)
  cmake_parse_arguments(
    LIB "IGNORE_PCH" "LIBNAME" "SOURCE_FILES;HEADER_FILES;LIBRARIES_TO_LINK;TEST_SOURCES" ${ARGN}
  )
  set(lib${LIB_LIBNAME} ns3-${LIB_LIBNAME})
  set(lib${LIB_LIBNAME} ns3-${LIB_LIBNAME} PARENT_SCOPE)
  add_library(${lib${LIB_LIBNAME}} SHARED ${LIB_SOURCE_FILES})
  target_link_libraries(${lib${LIB_LIBNAME}} PUBLIC ${LIB_LIBRARIES_TO_LINK})

  # One-line headers that include the real ones, as in an ns-3 tree.
  set(include_dir "${PROJECT_BINARY_DIR}/include")
  set(aggregate "")
  foreach(header ${LIB_HEADER_FILES})
    get_filename_component(name ${header} NAME)
    file(GENERATE OUTPUT "${include_dir}/ns3/${name}"
         CONTENT "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${header}\"\n"
    )
    string(APPEND aggregate "#include \"ns3/${name}\"\n")
  endforeach()
  file(GENERATE OUTPUT "${include_dir}/ns3/${LIB_LIBNAME}-module.h" CONTENT "${aggregate}")
  target_include_directories(${lib${LIB_LIBNAME}} PUBLIC "${include_dir}")

  if(LIB_TEST_SOURCES)
    set(runner ${LIB_LIBNAME}-test-runner)
    file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/${runner}.cc"
         CONTENT "#include \"ns3/test.h\"\n
int\nmain(int argc, char* argv[])\n{\n    return ns3::TestRunner::Run(argc, argv);\n}\n"
    )
    add_executable(${runner} "${PROJECT_BINARY_DIR}/${runner}.cc" ${LIB_TEST_SOURCES})
    target_link_libraries(${runner} ${lib${LIB_LIBNAME}})
  endif()

  file(GLOB examples CONFIGURE_DEPENDS examples/CMakeLists.txt)
  if(examples)
    add_subdirectory(examples)
  endif()
endfunction()

# An example of a module.
function(build_lib_example)
  cmake_parse_arguments(
    EXAMPLE "IGNORE_PCH" "NAME" "SOURCE_FILES;HEADER_FILES;LIBRARIES_TO_LINK" ${ARGN}
  )
  add_executable(${EXAMPLE_NAME} ${EXAMPLE_SOURCE_FILES})
  target_link_libraries(${EXAMPLE_NAME} ${EXAMPLE_LIBRARIES_TO_LINK})
endfunction()
