# The build of CMakeLists.txt through waf 2.0, against an installed ns-3 (by pkg-config):
#   waf configure build
#   waf --run "portend-3tier --samples=100"
#   waf test
# ns-3 source trees read the CMakeLists.txt.
import os
import re
import shlex
import subprocess

from waflib import Build, Context

APPNAME = 'portend'
top = '.'
out = 'build-waf'

# What contrib/portend/CMakeLists.txt links.
NS3_MODULES = ['core', 'network', 'internet', 'point-to-point', 'traffic-control', 'energy']
# What some of its examples need besides.
MORE_NS3_MODULES = ['csma', 'mobility', 'wifi']
# As scenarios/CMakeLists.txt: those that can work on many processes.
CAMPAIGN_PROGRAMS = ['portend-sweep', 'portend-crosscheck']
# As cmake/portend-build-types.cmake.
PROFILES = {
    'debug': ['-O0', '-g'],
    'default': ['-O2', '-g'],
    'release': ['-O2'],
    'optimized': ['-O3'],
}


def options(opt):
    opt.load('compiler_cxx')
    opt.add_option('-d', '--build-profile', choices=sorted(PROFILES), default='optimized',
                   help='debug, default, release or optimized (default: %default)')
    opt.add_option('--run', default='', metavar='"PROGRAM ARGS"',
                   help='build, then run a program where you stand')


# ---- configure -----------------------------------------------------------------------------

def configure(conf):
    conf.load('compiler_cxx')
    for module in NS3_MODULES + MORE_NS3_MODULES:
        check_ns3_module(conf, module)
    conf.env.CXXFLAGS += ['-std=c++%d' % standard(conf)] + PROFILES[conf.options.build_profile]
    conf.env.CXXFLAGS += ['-Wall', '-Wextra', '-fPIC']
    if conf.options.build_profile in ('debug', 'default'):
        conf.env.DEFINES += ['NS3_ASSERT_ENABLE', 'NS3_LOG_ENABLE']
    conf.env.DEFINES += ['PORTEND_PROFILES_DIR="%s"' % conf.path.make_node('profiles').abspath()]

    for header in ('nlohmann/json.hpp', 'boost/math/distributions/students_t.hpp'):
        conf.check_cxx(header_name=header, features='cxx',
                       errmsg='missing (Debian: nlohmann-json3-dev, libboost-dev)')
    # Digests of files.
    conf.check_cfg(package='libgcrypt', args='--cflags --libs', uselib_store='GCRYPT',
                   errmsg='missing (Debian: libgcrypt20-dev)')
    # Sweeps and cross-checks keep their results with SQLite.
    conf.check_cfg(package='sqlite3', args='--cflags --libs', uselib_store='SQLITE')
    # Without Boost.MPI they work serially.
    conf.check_cfg(package='ompi-cxx', args='--cflags --libs', uselib_store='MPI',
                   mandatory=False)
    conf.check_cxx(lib=['boost_mpi', 'boost_serialization'], use='MPI', uselib_store='BOOST_MPI',
                   mandatory=False)
    conf.check_cfg(package='gtest_main', args='--cflags --libs', uselib_store='GTEST',
                   mandatory=False)


def check_ns3_module(conf, module):
    package = 'ns3-' + module
    store = use_name(module)
    conf.check_cfg(package=package, args='--cflags --libs', uselib_store=store,
                   mandatory=module in NS3_MODULES)
    # Debian's files name the folders '/usr\;' and '/usr': the second hides the compiler's own.
    includes = conf.env['INCLUDES_' + store]
    conf.env['INCLUDES_' + store] = [i for i in includes if i.rstrip('\\;') != '/usr']
    conf.env['RPATH_' + store] = conf.env['LIBPATH_' + store]
    if module == 'core':
        version = conf.cmd_and_log(conf.env.PKGCONFIG + ['--modversion', package])
        conf.env.NS3_VERSION = version.strip()
        conf.msg('Version of ns-3', conf.env.NS3_VERSION)


def standard(conf):
    """The C++ standard that the headers of the installed ns-3 need."""
    minor = int(''.join(c for c in conf.env.NS3_VERSION.split('.')[1] if c.isdigit()))
    return 17 if minor < 41 else 20 if minor < 46 else 23


def use_name(module):
    return 'NS3_' + module.upper().replace('-', '_')


# ---- build ---------------------------------------------------------------------------------

def build(bld):
    write_headers(bld)
    build_module(bld)
    for source in bld.path.ant_glob('scenarios/*.cc'):
        if stem(source) in CAMPAIGN_PROGRAMS:
            build_campaign_program(bld, source)
        else:
            build_program(bld, stem(source), [source])
    build_examples(bld)
    if bld.env.LIB_GTEST:
        build_tests(bld)
    if bld.cmd == 'test':
        bld.add_post_fun(run_tests)
    elif bld.options.run:
        bld.add_post_fun(run_program)


class Test(Build.BuildContext):
    """builds, and runs all tests"""
    cmd = 'test'


def stem(node):
    return os.path.splitext(node.name)[0]


def write_if_changed(node, text):
    if not node.exists() or node.read() != text:
        node.parent.mkdir()
        node.write(text)


def write_headers(bld):
    """One-line headers ns3/<name> that include the real ones, as in an ns-3 tree."""
    module = bld.path.find_dir('contrib/portend')
    folder = bld.bldnode.make_node('include/ns3')
    aggregate = ''
    for header in public_headers(module):
        write_if_changed(folder.make_node(header.name), '#include "%s"\n' % header.abspath())
        aggregate += '#include "ns3/%s"\n' % header.name
    write_if_changed(folder.make_node('portend-module.h'), aggregate)
    write_if_changed(bld.bldnode.make_node('include/portend-build.h'), build_header(bld, module))


def build_header(bld, module):
    """How the library was built, with the words of CMake."""
    compilers = {'gcc': 'GNU', 'clang': 'Clang'}
    values = {
        'portend_commit': commit(bld.path),
        'ns3_VERSION': bld.env.NS3_VERSION,
        'CMAKE_CXX_COMPILER_ID': compilers.get(bld.env.CXX_NAME, bld.env.CXX_NAME),
        'CMAKE_CXX_COMPILER_VERSION': '.'.join(bld.env.CC_VERSION),
    }
    template = module.find_node('scenario/portend-build.h.in').read()
    return re.sub('@([A-Za-z0-9_]+)@', lambda match: values.get(match[1], ''), template)


def commit(folder):
    """The commit of a folder that is a repository of its own."""
    command = ['git', 'rev-parse', '--show-toplevel', 'HEAD']
    try:
        words = subprocess.check_output(command, cwd=folder.abspath(), stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'
    top_folder, head = words.decode().splitlines()
    return head if top_folder == os.path.realpath(folder.abspath()) else 'unknown'


def public_headers(module):
    """The headers that CMakeLists.txt names; the others are the module's own."""
    lines = module.find_node('CMakeLists.txt').read()
    return [module.find_node(name) for name in re.findall(r'^ +(\S+\.h)$', lines, re.MULTILINE)]


def build_module(bld):
    module = bld.path.find_dir('contrib/portend')
    bld.shlib(target='ns3-portend',
              source=module.ant_glob('*/*.cc', excl=['campaign/portend-mpi-workers.cc',
                                                     'examples/*', 'test/*']),
              includes=[bld.bldnode.make_node('include')],
              export_includes=[bld.bldnode.make_node('include')],
              use=[use_name(m) for m in NS3_MODULES] + ['GCRYPT', 'SQLITE'])

    runner = bld.bldnode.make_node('portend-test-runner.cc')
    write_if_changed(runner, '#include "ns3/test.h"\n\nint\nmain(int argc, char* argv[])\n{\n'
                             '    return ns3::TestRunner::Run(argc, argv);\n}\n')
    build_program(bld, 'portend-test-runner', [runner] + module.ant_glob('test/*.cc'))


def build_program(bld, name, sources, use=('ns3-portend',), **options):
    bld.program(target=name, source=sources, use=list(use) + [use_name(m) for m in NS3_MODULES],
                rpath=[bld.bldnode.abspath()], **options)


def build_examples(bld):
    """Those of CMakeLists.txt whose modules are there."""
    folder = bld.path.find_dir('contrib/portend/examples')
    lines = folder.find_node('CMakeLists.txt').read()
    for name, modules in re.findall(r'^portend_example\((\S+) ?(.*)\)$', lines, re.MULTILINE):
        needed = [use_name(module) for module in modules.split()]
        if all(bld.env['LIB_' + store] for store in needed):
            build_program(bld, name, [folder.find_node(name + '.cc')], ['ns3-portend'] + needed)


def build_campaign_program(bld, source):
    workers = bld.path.find_node('contrib/portend/campaign/portend-mpi-workers.cc')
    has_mpi = bld.env.LIB_MPI and bld.env.LIB_BOOST_MPI
    build_program(bld, stem(source), [source, workers],
                  use=['ns3-portend'] + (['MPI', 'BOOST_MPI'] if has_mpi else []),
                  defines=['PORTEND_MPI'] if has_mpi else [])


def build_tests(bld):
    """As tests/CMakeLists.txt: a program for each folder with *_test.cc."""
    # The analytical model, without ns-3: the link would fail if it used any of it.
    estimator = bld.path.find_dir('contrib/portend/estimator')
    bld.stlib(target='portend-estimator', source=estimator.ant_glob('*.cc'),
              includes=[estimator, bld.bldnode.make_node('include')],
              export_includes=[estimator, bld.bldnode.make_node('include')])
    definitions = [
        'PORTEND_SOURCE_DIR="%s"' % bld.path.abspath(),
        'PORTEND_TEST_DATA_DIR="%s"' % bld.path.make_node('tests/data').abspath(),
        'PORTEND_HAS_AXES',
    ]
    # Where each program is: PORTEND_3TIER for portend-3tier.
    for source in bld.path.ant_glob('scenarios/*.cc'):
        definitions.append('%s="%s"' % (stem(source).upper().replace('-', '_'),
                                        bld.bldnode.make_node(stem(source)).abspath()))
    for folder in bld.path.ant_glob('tests/*', dir=True, src=False):
        sources = folder.ant_glob('*_test.cc')
        name = 'portend-%s-test' % folder.name
        if not sources:
            continue
        if folder.name == 'estimator':
            bld.program(target=name, source=sources, defines=definitions,
                        use=['portend-estimator', 'GTEST'])
        else:
            build_program(bld, name, sources, use=['ns3-portend', 'GTEST'], defines=definitions)


# ---- run -----------------------------------------------------------------------------------

def run_program(bld):
    """waf --run: the status is the program's."""
    words = shlex.split(bld.options.run)
    program = bld.bldnode.find_node(words[0])
    if program is None:
        bld.fatal('no program %r in %s' % (words[0], bld.bldnode.abspath()))
    raise SystemExit(subprocess.call([program.abspath()] + words[1:], cwd=Context.launch_dir))


def list_tests(bld):
    """The commands of all tests: suites of ns-3, examples, GoogleTests."""
    runner = bld.bldnode.make_node('portend-test-runner').abspath()
    suites = subprocess.check_output([runner, '--list'], universal_newlines=True).split()
    # ns-3's libraries bring no suites; the module's are named after it.
    for suite in suites:
        if suite.startswith('portend'):
            yield [runner, '--suite=' + suite]
    listed = {}
    exec(bld.path.find_node('contrib/portend/test/examples-to-run.py').read(), listed)
    for command, _, _ in listed['cpp_examples']:
        words = shlex.split(command)
        program = bld.bldnode.find_node(words[0])
        if program is not None:
            yield [program.abspath()] + words[1:]
    for folder in bld.path.ant_glob('tests/*', dir=True, src=False):
        program = bld.bldnode.find_node('portend-%s-test' % folder.name)
        if program:
            yield [program.abspath(), '--gtest_brief=1']


def run_tests(bld):
    commands = list(list_tests(bld))
    failed = [c for c in commands if subprocess.call(c, cwd=bld.path.abspath()) != 0]
    print('%d of %d test programs passed' % (len(commands) - len(failed), len(commands)))
    if failed or not commands:
        bld.fatal('failed: ' + ', '.join(' '.join(c) for c in failed))
