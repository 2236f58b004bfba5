#! /usr/bin/env python3

# A list of C++ examples to run in order to ensure that they remain
# buildable and runnable over time. Each tuple in the list contains
#
#     (example_name, do_run, do_valgrind_run).
cpp_examples = [
    ("portend-minimal", "True", "False"),
    ("portend-minimal --bandwidth=2Mbps --threshold=0", "True", "False"),
    ("portend-custom", "True", "False"),
    ("portend-custom --exits=nested --arrival=poisson:100", "True", "False"),
    ("portend-csma", "True", "False"),
    ("portend-wifi", "True", "False"),
]

# A list of Python examples to run in order to ensure that they remain
# runnable over time. Each tuple in the list contains
#
#     (example_name, do_run).
python_examples = []
