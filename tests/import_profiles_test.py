#!/usr/bin/python3
"""Tests of scripts/import-profiles, of the shipped profiles and of the schemas.

The importer is run as its users run it, on a synthetic source of models with three blocks.
Needs Debian's python3-jsonschema.
"""

import collections
import copy
import json
import math
import os
import pickle
import resource
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

import jsonschema

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ROOT / "profiles"
IMPORTER = ROOT / "scripts" / "import-profiles"
DEVICES = ["a1.medium", "a1.large", "m4.large", "g4dn.xlarge", "g5.xlarge"]
MODELS = {  # name in the source: (profile, data set in the source, samples)
    "ResNet20": ("resnet20-cifar10", "CIFAR10", 5000),
    "ResNet110": ("resnet110-cifar10", "CIFAR10", 5000),
    "EfficientNetB0": ("efficientnetb0-imagenet", "ImageNet", 25000),
    "EfficientNetB7": ("efficientnetb7-imagenet", "ImageNet", 25000),
    "VGGish": ("vggish-audioset", "AudioSet", 5000),
}
TWO_CORES = {"ResNet20", "ResNet110", "EfficientNetB0"}
BLOCKS = 3


def load(path):
    return json.loads(path.read_text())


# A source without numpy: stand-ins that pickle to what numpy's own scalars pickle to.


class dtype:
    __module__ = "numpy"

    def __init__(self, code, align=False, copy=True):
        self.code = code

    def __reduce__(self):
        return dtype, (self.code, False, True), (3, "<", None, None, None, -1, -1, 0)


def scalar(kind, data):
    """Only named by pickles, never called; dump() says which module it pretends to be from."""


class NumpyNumber:
    def __init__(self, value, code="f8"):
        self.value, self.code = value, code

    def __reduce__(self):
        data = struct.pack({"f8": "<d", "i8": "<q"}[self.code], self.value)
        return scalar, (dtype(self.code), data)


def dump(path, value, core="numpy.core"):
    """Pickles `value`; `core` is the package where numpy keeps its reconstructor."""
    modules = {name: types.ModuleType(name) for name in ("numpy", core, core + ".multiarray")}
    modules["numpy"].dtype = dtype
    modules[core + ".multiarray"].scalar = scalar
    scalar.__module__ = core + ".multiarray"
    with mock.patch.dict(sys.modules, modules):
        path.write_bytes(pickle.dumps(value, protocol=4))


def dump_json(path, value):
    path.write_text(json.dumps(json.dumps(value)))


def compute_table(offset=0.0):
    pairs = [(a, b) for a in range(1, BLOCKS + 1) for b in range(a, BLOCKS + 1)]
    rows = [str(row) for row in range(len(pairs))]
    return {
        "partition_start": dict(zip(rows, (a for a, _ in pairs))),
        "partition_end": dict(zip(rows, (b for _, b in pairs))),
        "latency_partition": {r: [a + b / 10 + offset, a + b / 8] for r, (a, b) in zip(rows, pairs)},
    }


def branch_table(samples):
    t = NumpyNumber
    return {
        "[1, 1]": {t(0.0): [0, 0], t(0.1 + 0.2): [samples // 4, 700], t(1.0): [samples, 2000]},
        "[1, 2]": {t(0.0): [0, 0], t(0.3): [samples // 2, 1000], t(1.0): [samples // 5 * 4, 3000]},
        "[1, 3]": {t(x): [samples, t(4000, "i8")] for x in (0.0, 0.3, 1.0)},
    }


def joint_table(samples):
    return {
        "[[1, 2], [3, 3]]": {0.2: [[samples // 2, samples // 2], 3500]},
        "[[1, 3]]": {0.2: [[samples], 4000]},
    }


def cut_table(device=0):
    n = NumpyNumber
    return {model: [[i, 1000 * (i + 1), n(0.5 + i + device), 0.25 + i] for i in range(BLOCKS)] for model in MODELS}


def exit_file(model, kind):
    dataset = MODELS[model][1]
    return f"accuracy_exitrate/profiling_exitrate_accuracy_partitionwise_model[{model}]_dataset[{dataset}]_{kind}.txt"


def compute_file(folder, model, suffix=""):
    return f"{folder}/profiling_partition_{model}_{MODELS[model][1]}{suffix}.txt"


def make_source(root, core="numpy.core"):
    for folder in DEVICES + ["a1.large_multicore", "accuracy_exitrate"]:
        (root / folder).mkdir(parents=True)
    for number, device in enumerate(DEVICES):
        dump(root / device / "profiling_pickle.pkl", cut_table(number), core)
        for model in MODELS:
            dump_json(root / compute_file(device, model), compute_table(number))
    for model, (_, _, samples) in MODELS.items():
        if model in TWO_CORES:
            dump_json(root / compute_file("a1.large_multicore", model, "_2core"), compute_table(0.5))
        for kind in ["validation"] + ["test"] * (model != "VGGish"):
            dump(root / exit_file(model, kind), branch_table(samples), core)
        if model != "VGGish":
            dump(root / exit_file(model, "test_exp"), joint_table(samples), core)


class Touch:
    """Unpickled freely, makes a file: what a malicious pickle would do."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


class Source(unittest.TestCase):
    """A test with a source of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source = self.folder / "aws_profiling_results"
        self.output = self.folder / "profiles"
        make_source(self.source)

    def run_importer(self, *arguments, source=None):
        command = [IMPORTER, source or self.source, "--output", self.output, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def assert_refused(self, name, *words):
        """One line on stderr that names the file and says `words`; nothing written."""
        result = self.run_importer()
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for word in (name, *words):
            self.assertIn(word, result.stderr)
        self.assertFalse(self.output.exists())


class Importing(Source):
    def test_all_files_valid_and_nothing_else_written(self):
        result = self.run_importer(source=self.folder)  # a checkout, not its folder
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        expected = {f"{profile}/model.json" for profile, _, _ in MODELS.values()}
        expected |= {f"{profile}/{device}.json" for profile, _, _ in MODELS.values() for device in DEVICES}
        expected |= {f"{MODELS[model][0]}/a1.large-2core.json" for model in TWO_CORES}
        written = {str(p.relative_to(self.output)) for p in self.output.rglob("*") if p.is_file()}
        self.assertEqual(written, expected)
        for name in written:
            check_file(self, self.output / name)

    def test_model_file(self):
        self.run_importer()
        model = load(self.output / "resnet20-cifar10" / "model.json")
        self.assertEqual(model["blocks"], 3)
        self.assertEqual(model["tensor_bytes"], [13142, 2000, 3000])
        self.assertEqual(model["thresholds"], [0, 0.3, 1])
        self.assertEqual(model["validation"]["samples"], 5000)
        self.assertEqual(model["validation"]["exit_rates"], [[0, 0.25, 1], [0, 0.5, 0.8], [1, 1, 1]])
        self.assertEqual(model["validation"]["correct_rates"], [[0, 0.14, 0.4], [0, 0.2, 0.6], [0.8] * 3])
        self.assertEqual(model["validation"]["accuracy"], [0.4, 0.75, 0.8])
        self.assertEqual(model["test"], model["validation"])
        self.assertEqual(
            model["joint_exits"],
            [
                {"partition_ends": [3], "threshold": 0.2, "exit_rates": [1], "accuracy": 0.8},
                {"partition_ends": [2, 3], "threshold": 0.2, "exit_rates": [0.5, 0.5], "accuracy": 0.7},
            ],
        )
        audio = load(self.output / "vggish-audioset" / "model.json")
        self.assertEqual(audio["tensor_bytes"][0], 1764856)
        self.assertFalse({"test", "joint_exits"} & set(audio))

    def test_device_files(self):
        self.run_importer()
        device = load(self.output / "resnet110-cifar10" / "m4.large.json")  # number 2 of the devices
        self.assertEqual(list(device["compute_ms"]), ["1-1", "1-2", "1-3", "2-2", "2-3", "3-3"])
        self.assertEqual(device["compute_ms"]["2-3"], [2 + 3 / 10 + 2, 2 + 3 / 8])
        self.assertEqual(device["serialize_ms"], [2.5, 3.5, 4.5])
        self.assertEqual(device["deserialize_ms"], [0.25, 1.25, 2.25])
        two_cores = load(self.output / "resnet110-cifar10" / "a1.large-2core.json")
        self.assertEqual(two_cores["compute_ms"]["1-1"][0], 1 + 1 / 10 + 0.5)
        self.assertEqual(two_cores["serialize_ms"], [1.5, 2.5, 3.5])
        self.assertIn("a1.large/profiling_pickle.pkl", two_cores["source"])

    def test_numpy_2_pickles_give_the_same_files(self):
        self.run_importer()
        shutil.rmtree(self.source)
        make_source(self.source, core="numpy._core")
        self.assertIn(b"numpy._core", (self.source / "a1.medium/profiling_pickle.pkl").read_bytes())
        self.assertEqual(self.run_importer("--check").returncode, 0)

    def test_check(self):
        self.run_importer()
        before = {p: p.read_bytes() for p in self.output.rglob("*.json")}
        self.assertEqual(self.run_importer("--check").returncode, 0)
        changed = self.output / "vggish-audioset" / "g5.xlarge.json"
        changed.write_bytes(before[changed].replace(b"1.1", b"1.2", 1))
        missing = self.output / "resnet20-cifar10" / "model.json"
        missing.unlink()
        result = self.run_importer("--check")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 2, result.stderr)
        self.assertIn(f"{changed}: differs", result.stderr)
        self.assertIn(f"{missing}: is missing", result.stderr)
        self.assertFalse(missing.exists())

    def test_dangerous_pickles(self):
        name = exit_file("ResNet20", "validation")
        trace = self.folder / "executed"
        plain_object = types.SimpleNamespace(exited=1)
        for value, words in [
            ({"[1, 1]": Touch(trace)}, ["posix.system"]),
            ({"[1, 1]": plain_object}, ["types.SimpleNamespace"]),
            (collections.OrderedDict(a=1), ["collections.OrderedDict"]),
            ({"a": eval}, ["builtins.eval"]),
        ]:
            with self.subTest(words=words):
                (self.source / name).write_bytes(pickle.dumps(value))
                self.assert_refused(name, "refused global", *words)
        self.assertFalse(trace.exists())

    def test_foreign_globals_by_opcode(self):
        name = exit_file("ResNet20", "validation")
        for module, attribute in [
            ("torch", "Size"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy.core.multiarray", "scalar.__globals__"),
        ]:
            with self.subTest(module=module, attribute=attribute):
                text = f"c{module}\n{attribute}\n(lp0\ntR."
                (self.source / name).write_bytes(text.encode())
                self.assert_refused(name, f"refused global {module}.{attribute}")

    def test_odd_pickles(self):
        name = exit_file("ResNet20", "validation")
        for content, words in [
            (pickle.dumps({"a", "b"}), ["found a set"]),
            (pickle.dumps({"a": None}), ["found a NoneType"]),
            (pickle.dumps({"a": True}), ["found a bool"]),
            (pickle.dumps({"a": b"bytes"}), ["found a bytes"]),
            (pickle.dumps({(1, 2): 3}), ["keys"]),
            (b"cnumpy\ndtype\n.", ["found a type"]),
            (b"cnumpy\ndtype\n(S'O'\nI0\nI1\ntR.", ["refused numpy type O"]),
            (b"cnumpy.core.multiarray\nscalar\n(I1\nI2\ntR.", ["cannot be read"]),
            (pickle.dumps({"a": 1})[:-1], ["cannot be read"]),
            (b"", ["cannot be read"]),
            (b"not a pickle", ["cannot be read"]),
        ]:
            with self.subTest(words=words, content=content):
                (self.source / name).write_bytes(content)
                self.assert_refused(name, *words)

    def test_self_containing_pickle_ends(self):
        name = exit_file("ResNet20", "validation")
        table = {"[1, 1]": {}}
        table["[1, 1]"][0.0] = table
        (self.source / name).write_bytes(pickle.dumps(table))
        self.assert_refused(name, "[exited, correct]")

    def test_bad_counts(self):
        def change(key, threshold, pair):
            def edit(table):
                row = table[key]
                row[next(t for t in row if abs(t.value - threshold) < 1e-9)] = pair

            return edit

        for edit, words in [
            (change("[1, 1]", 1, [5001, 10]), ["branch 1, threshold 1", "found 5001"]),
            (change("[1, 1]", 0.3, [10, 11]), ["branch 1, threshold 0.3", "10 correct", "found 11"]),
            (change("[1, 1]", 0.3, [-1, 0]), ["branch 1", "found -1"]),
            (change("[1, 1]", 0.3, [math.nan, 0]), ["branch 1", "found nan"]),
            (change("[1, 1]", 0.3, [1.5, 0]), ["branch 1", "found 1.5"]),
            (change("[1, 1]", 0.3, [1]), ["branch 1", "[exited, correct]"]),
            (change("[1, 2]", 1, [0, 0]), ["branch 2", "exits at threshold 1"]),
            (change("[1, 3]", 0.3, [4999, 10]), ["last branch", "all 5000", "found 4999"]),
            (lambda table: table.pop("[1, 2]"), ["[1, 2]"]),
            (lambda table: table["[1, 2]"].popitem(), ["branch 2", "thresholds"]),
            (lambda table: table["[1, 2]"].update({1.5: [1, 1]}), ["threshold 1.5"]),
            (lambda table: table.clear(), ["branches"]),
        ]:
            with self.subTest(words=words):
                table = branch_table(5000)
                edit(table)
                name = exit_file("ResNet110", "validation")
                dump(self.source / name, table)
                self.assert_refused(name, "expected", *words)

    def test_bad_joint_exits(self):
        name = exit_file("EfficientNetB0", "test_exp")
        for table, words in [
            ({"[[1, 2]]": {0: [[25000], 1]}}, ["blocks 1 to 3"]),
            ({"[[1, 1], [3, 3]]": {0: [[0, 25000], 1]}}, ["blocks 1 to 3"]),
            ({"[[1, 3]]": {0: [[24999], 1]}}, ["add up to 25000"]),
            ({"[[1, 3]]": {0: [[25000], 25001]}}, ["25000 correct"]),
            ({"[[1, 3]]": {0: [[1, 24999], 1]}}, ["exits per partition"]),
            ({"__import__('os')": {0: [[25000], 1]}}, ["cannot be read"]),
        ]:
            with self.subTest(table=table):
                dump(self.source / name, table)
                self.assert_refused(name, *words)

    def test_bad_times(self):
        name = compute_file("g5.xlarge", "VGGish")
        for repeats in ([-1.0], [math.nan], [math.inf], [], ["1"], [None], 3.0, [True]):
            with self.subTest(repeats=repeats):
                table = compute_table()
                table["latency_partition"]["4"] = repeats
                dump_json(self.source / name, table)
                # JSON has no NaN and no Infinity: the file's reader refuses them.
                is_json = not any(isinstance(repeat, float) and not math.isfinite(repeat)
                                 for repeat in repeats) if isinstance(repeats, list) else True
                self.assert_refused(name, *(["(2, 3)", "finite times >= 0"] if is_json
                                            else ["finite numbers"]))

    def test_bad_partition_tables(self):
        name = compute_file("a1.large_multicore", "ResNet20", "_2core")

        def without_row(table):
            for column in table.values():
                del column["4"]

        def repeated_row(table):
            table["partition_end"]["0"] = 2

        for edit, words in [
            (without_row, ["6 partitions of 3 blocks", "(2, 3)"]),
            (repeated_row, ["(1, 2)", "once"]),
            (lambda table: table["partition_end"].update({"5": 4}), ["6 partitions of 3 blocks"]),
            (lambda table: table["partition_end"].update({"5": [3]}), ["row 5", "block numbers"]),
            (lambda table: table["partition_end"].popitem(), ["same rows"]),
            (lambda table: table.pop("partition_start"), ["partition_start"]),
        ]:
            with self.subTest(words=words):
                table = compute_table()
                edit(table)
                dump_json(self.source / name, table)
                self.assert_refused(name, "expected", *words)
        for text, words in [("{}", "JSON string"), ("", "Expecting value"), ("[" * 100000, "more than 100")]:
            with self.subTest(text=text[:10]):
                (self.source / name).write_text(text)
                self.assert_refused(name, words)

    def test_bad_cuts(self):
        name = "g4dn.xlarge/profiling_pickle.pkl"
        for edit, words in [
            (lambda rows: rows.pop(), ["3 cuts"]),
            (lambda rows: rows[1].pop(), ["cut 1"]),
            (lambda rows: rows.reverse(), ["cut 0"]),
            (lambda rows: rows[1].__setitem__(1, 0), ["cut 1", "size in bytes >= 1"]),
            (lambda rows: rows[2].__setitem__(2, math.nan), ["cut 2", "finite times >= 0"]),
            (lambda rows: rows[2].__setitem__(3, -0.1), ["cut 2", "finite times >= 0"]),
        ]:
            with self.subTest(words=words):
                table = cut_table()
                edit(table["VGGish"])
                dump(self.source / name, table)
                self.assert_refused(name, "VGGish", "expected", *words)

    def test_missing_files_and_folders(self):
        for name in (compute_file("m4.large", "VGGish"), "m4.large/profiling_pickle.pkl"):
            with self.subTest(name=name):
                kept = self.source / "kept"
                (self.source / name).rename(kept)
                self.assert_refused(name, "No such file", "expected")
                kept.rename(self.source / name)
        for source in ("/nonexistent", self.output):
            result = self.run_importer(source=source)
            self.assertEqual(result.returncode, 2)
            self.assertIn("expected a checkout", result.stderr)

    def test_old_files_stay_when_the_source_is_bad(self):
        self.run_importer()
        before = {p: p.read_bytes() for p in self.output.rglob("*") if p.is_file()}
        dump_json(self.source / compute_file("g5.xlarge", "VGGish"), {})  # the last file read
        self.assertEqual(self.run_importer().returncode, 2)
        self.assertEqual({p: p.read_bytes() for p in self.output.rglob("*") if p.is_file()}, before)

    def test_output_that_is_a_file(self):
        self.output.write_text("mine")
        result = self.run_importer()
        self.assertEqual(result.returncode, 2)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertEqual(self.output.read_text(), "mine")

    def test_help_and_usage(self):
        result = subprocess.run([IMPORTER, "--help"], capture_output=True, text=True, check=True)
        self.assertIn("--check", result.stdout)
        result = subprocess.run([IMPORTER], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)


# The shipped files and the schemas.


def validator(kind):
    schema = load(PROFILES / "schemas" / f"{kind}.schema.json")
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def check_file(test, path):
    """Schema and sense of one model.json or device file, with the model.json beside it."""

    def not_finite(text):
        test.fail(f"{path}: {text}")

    text = path.read_text()
    document = json.loads(text, parse_constant=not_finite)
    kind = "model" if path.name == "model.json" else "device"
    validator(kind).validate(document)
    test.assertEqual(document["$schema"], f"../schemas/{kind}.schema.json")
    test.assertEqual(document["profile"], path.parent.name)
    test.assertTrue(text.endswith("}\n"))
    test.assertLess(path.stat().st_size, 512 * 1024)
    blocks = load(path.parent / "model.json")["blocks"]
    if kind == "device":
        test.assertEqual(document["device"], path.stem)
        pairs = [f"{a}-{b}" for a in range(1, blocks + 1) for b in range(a, blocks + 1)]
        test.assertEqual(list(document["compute_ms"]), pairs)
        test.assertEqual(len(document["serialize_ms"]), blocks)
        test.assertEqual(len(document["deserialize_ms"]), blocks)
        return
    test.assertEqual(len(document["tensor_bytes"]), blocks)
    thresholds = document["thresholds"]
    test.assertEqual(thresholds, sorted(thresholds))
    for counts in (document[key] for key in ("validation", "test") if key in document):
        test.assertEqual(len(counts["accuracy"]), blocks)
        for key in ("exit_rates", "correct_rates"):
            test.assertEqual([len(row) for row in counts[key]], [len(thresholds)] * blocks)
        test.assertEqual(counts["exit_rates"][-1], [1] * len(thresholds))
        for exits, corrects in zip(counts["exit_rates"], counts["correct_rates"]):
            test.assertEqual(exits, sorted(exits))  # more exit at a higher threshold
            test.assertTrue(all(correct <= exit for correct, exit in zip(corrects, exits)))
    for joint in document.get("joint_exits", []):
        test.assertEqual(len(joint["partition_ends"]), len(joint["exit_rates"]))
        test.assertEqual(joint["partition_ends"], sorted(set(joint["partition_ends"])))
        test.assertEqual(joint["partition_ends"][-1], blocks)
        test.assertAlmostEqual(sum(joint["exit_rates"]), 1, delta=1e-12)


class Shipped(unittest.TestCase):
    def test_every_file(self):
        names = {p.parent.name for p in PROFILES.glob("*/model.json")}
        # That of the example in contrib/portend/examples is tested by profile_model_test.py.
        self.assertEqual(names - {"digits-cnn"}, {profile for profile, _, _ in MODELS.values()})
        for model, (profile, _, samples) in MODELS.items():
            devices = DEVICES + ["a1.large-2core"] * (model in TWO_CORES)
            files = {p.name for p in (PROFILES / profile).iterdir()}
            self.assertEqual(files, {"model.json"} | {f"{device}.json" for device in devices})
            self.assertEqual(load(PROFILES / profile / "model.json")["validation"]["samples"], samples)
            for name in files:
                with self.subTest(profile=profile, file=name):
                    check_file(self, PROFILES / profile / name)

    def test_values_read_from_the_source_by_hand(self):
        model = load(PROFILES / "efficientnetb7-imagenet" / "model.json")
        self.assertEqual(model["tensor_bytes"][:2], [4320872, 23040866])
        # branch 7 at threshold 1: 23,267 of 25,000 exit, 0.658 of them correct
        self.assertEqual(model["validation"]["exit_rates"][6][-1], 23267 / 25000)
        self.assertAlmostEqual(model["validation"]["accuracy"][6], 0.6584, delta=5e-5)
        self.assertAlmostEqual(model["validation"]["correct_rates"][6][-1], 0.61276, delta=1e-9)
        device = load(PROFILES / "vggish-audioset" / "a1.medium.json")
        self.assertEqual(device["compute_ms"]["1-1"], [1819.94682624, 1813.2533668, 1806.25420092])
        # 8-byte floats of the pickle, copied from its disassembly
        serialize, deserialize = struct.unpack("<dd", b"\x00\xa0\x99\x17\xf5o\x12@V\x156-\x0f\x8d\x06@")
        self.assertEqual(device["serialize_ms"][0], serialize)
        self.assertEqual(device["deserialize_ms"][0], deserialize)
        blocks = {p: load(PROFILES / p / "model.json")["blocks"] for p, _, _ in MODELS.values()}
        self.assertEqual(sorted(blocks.values()), [4, 8, 8, 10, 55])

    def test_readme_example(self):
        text = (PROFILES / "README.md").read_text()
        model, device = (json.loads(code) for code in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
        validator("model").validate(model)
        validator("device").validate(device)
        blocks = model["blocks"]
        self.assertEqual(model["profile"], device["profile"])
        self.assertEqual(len(device["compute_ms"]), blocks * (blocks + 1) // 2)
        lists = [model["tensor_bytes"], device["serialize_ms"], device["deserialize_ms"]]
        lists += [model["validation"]["exit_rates"], model["validation"]["accuracy"]]
        self.assertEqual({len(entries) for entries in lists}, {blocks})


MODEL = {
    "schema_version": 1,
    "profile": "small",
    "blocks": 1,
    "tensor_bytes": [100],
    "result_bytes": 1,
    "thresholds": [0.5],
    "validation": {"exit_rates": [[1]], "accuracy": [0.5]},
    "joint_exits": [{"partition_ends": [1], "threshold": 0.5, "exit_rates": [1], "accuracy": 0.5}],
    "envelope": {},
}
DEVICE = {
    "schema_version": 1,
    "profile": "small",
    "device": "board",
    "compute_ms": {"1-1": [1.5]},
    "serialize_ms": [0],
    "deserialize_ms": [0.1],
}
SCENARIO = {
    "schema_version": 1,
    "profile": "resnet110-cifar10",
    "tiers": [{"device": "a1.medium"}, {"device": "m4.large"}],
    "links": [{"bandwidth": "10Mbps", "delay": "20ms"}],
    "deployment": "0:1-25,1:26-40@0.1",
}


def changed(document, path, value):
    """A copy of `document` with `value` at `path`, a tuple of keys; ... removes the key."""
    document = copy.deepcopy(document)
    *parents, last = path
    place = document
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


class Bounds(Source):
    """What is read costs no more than its size allows for."""

    def test_small_files_take_little_memory(self):
        name = exit_file("VGGish", "validation")
        nested = b"\x80\x02)" + b"2\x86" * 60 + b"."  # a pair of pairs of pairs ...
        shared = b"\x80\x02}U\x06[1, 1])" + b"2\x86" * 60 + b"s."  # the same, of a branch
        for data, words in (
            (b"\x80\x02Nr\xff\xff\xff\x06.", ["place 117440511"]),
            (b"\x80\x02Nr\xff\xff\xff\xff.", ["place 4294967295"]),
            (b"Np999999999\n.", ["place 999999999"]),
            (b"\x80\x05\x96\x00\x00\x00\x40\x00\x00\x00\x00.", ["cannot be read"]),
            (b"\x80\x04\x8e\x00\x00\x00\x40\x00\x00\x00\x00.", ["cannot be read"]),
            (b"\x80\x04\x95\x00\x00\x00\x40\x00\x00\x00\x00N.", ["cannot be read"]),
            (nested, ["expected a table"]),
            (shared, ["expected"]),
        ):
            with self.subTest(data=data[:12]):
                (self.source / name).write_bytes(data)
                self.assert_refused(name, *words)
        largest_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(largest_kb, 200_000)

    def test_outputs(self):
        result = subprocess.run(
            [IMPORTER, self.source, "--output=-"], capture_output=True, text=True, check=False, timeout=60
        )
        self.assertEqual(result.returncode, 2)
        self.assertIn("./-", result.stderr)
        folder = self.output / "vggish-audioset"
        folder.mkdir(parents=True)
        (folder / "model.json").symlink_to("elsewhere.json")
        (folder / "a1.large.json").symlink_to(self.source / "a1.medium" / "profiling_pickle.pkl")
        result = self.run_importer()
        self.assertEqual(result.returncode, 2)
        self.assertIn("which is read", result.stderr)
        self.assertEqual(len(list(self.output.rglob("*.json"))), 2)
        (folder / "a1.large.json").unlink()
        self.assertEqual(self.run_importer().returncode, 0)
        self.assertTrue((folder / "model.json").is_symlink())
        self.assertEqual(load(folder / "elsewhere.json")["profile"], "vggish-audioset")


class Schemas(unittest.TestCase):
    def check(self, kind, document, good, bad):
        valid = validator(kind)
        valid.validate(document)
        for path, values in good:
            for value in values:
                with self.subTest(path=path, good=value):
                    valid.validate(changed(document, path, value))
        for path, values in bad:
            for value in values:
                with self.subTest(path=path, bad=value):
                    self.assertFalse(valid.is_valid(changed(document, path, value)))
        for key in valid.schema["required"]:
            with self.subTest(missing=key):
                self.assertFalse(valid.is_valid(changed(document, (key,), ...)))

    def test_model(self):
        good = [
            (("envelope",), [{"tensor_bytes": 0}, {"partition_list_bytes": [0, 9]}, ...]),
            (("joint_exits",), [[], ...]),
            (("$schema",), ["model.schema.json"]),
            (("test",), [{"exit_rates": [[0, 1]], "accuracy": [1], "correct_rates": [[0]], "samples": 1}]),
        ]
        bad = [
            (("unknown",), [1]),
            (("schema_version",), [3, "1"]),
            (("profile",), ["", "a/b", "../x", 3]),
            (("blocks",), [0, 1.5, "1"]),
            (("tensor_bytes",), [[], [0], [-1], [1.5], ["1"], 1]),
            (("result_bytes",), [0, 1.5, None]),
            (("thresholds",), [[], [-0.1], [1.1], [0.5, 0.5], ["0"]]),
            (("envelope",), [{"unknown": 1}, {"tensor_bytes": -1}, {"partition_list_bytes": []}]),
            (("validation", "exit_rates"), [[], [[]], [[1.01]], [[-0.01]], [1], [["1"]], ...]),
            (("validation", "accuracy"), [[], [1.01], [-0.1], [None], ...]),
            (("validation", "correct_rates"), [[[1.01]]]),
            (("validation", "samples"), [0, 1.5]),
            (("validation", "unknown"), [1]),
            (("test",), [{}, {"exit_rates": [[1]]}]),
            (("joint_exits", 0, "partition_ends"), [[], [0], [1.5], ...]),
            (("joint_exits", 0, "threshold"), [-1, 2, ...]),
            (("joint_exits", 0, "exit_rates"), [[], [1.01], ...]),
            (("joint_exits", 0, "accuracy"), [1.01, ...]),
            (("joint_exits", 0, "unknown"), [1]),
        ]
        self.check("model", MODEL, good, bad)

    def test_device(self):
        good = [
            (("serialize_result_ms",), [0, 0.2]),
            (("deserialize_result_ms",), [0, 0.2]),
            (("source",), ["measured by hand"]),
            (("compute_ms",), [{}]),
            (("deserialize_ms",), [[None]]),
        ]
        bad = [
            (("unknown",), [1]),
            (("schema_version",), [0, 3]),
            (("device",), ["", "a/b", ".hidden"]),
            (("compute_ms",), [[], {"1-1": []}, {"1-1": [-1]}, {"1-1": 1}, {"1-1": ["1"]}]),
            (("compute_ms",), [{"0-1": [1]}, {"1": [1]}, {"01-1": [1]}, {"1-1 ": [1]}, {"1-1": [None]}]),
            (("serialize_ms",), [[], [-1], ["1"], 1]),
            (("deserialize_ms",), [[], [-1], ["1"], {}]),
            (("serialize_result_ms",), [-1, [1]]),
            (("deserialize_result_ms",), [-1, "1"]),
        ]
        self.check("device", DEVICE, good, bad)

    def test_model_of_version_2(self):
        model = changed(changed(MODEL, ("schema_version",), 2), ("blocks",), 1)
        good = [
            (("branches",), [[1], []]),
            (("tensor_bytes",), [[[8000, 500]], [[1], 2]]),
            (("validation", "accuracy"), [None, [None], [0.5]]),
            (("trace",), ["exits.csv"]),
        ]
        bad = [
            (("branches",), [[0], [1, 1], ["1"], 1]),
            (("tensor_bytes",), [[[]], [[0]], [["1"]], [[[1]]]]),
            (("validation", "accuracy"), [[], [2], "none"]),
            (("trace",), ["", "a/b", 1]),
            (("schema_version",), [3]),
        ]
        self.check("model", model, good, bad)
        for key, value in (("branches", [1]), ("trace", "exits.csv"), ("tensor_bytes", [[1, 2]])):
            document = changed(model, (key,), value)
            self.assertTrue(validator("model").is_valid(document))
            document["schema_version"] = 1
            self.assertFalse(validator("model").is_valid(document), key)
        self.assertFalse(validator("model").is_valid(changed(model, ("validation",), ...)))
        traced = changed(model, ("trace",), "exits.csv")
        self.assertTrue(validator("model").is_valid(changed(traced, ("validation",), ...)))

    def test_device_of_version_2(self):
        device = changed(DEVICE, ("schema_version",), 2)
        device["block_compute_ms"] = [[1, 2]]
        good = [
            (("block_compute_ms",), [[None], {"1": [1.5]}]),
            (("compute_ms",), [...]),
            (("branch_compute_ms",), [[None], [[0.5]], {"1": [0.5]}]),
        ]
        bad = [
            (("block_compute_ms",), [[], [[]], [[-1]], [["1"]], [1], {"0": [1]}, {"x": [1]}]),
            (("branch_compute_ms",), [[], [[]], [[-1]], 1]),
            (("schema_version",), [1, 3]),
        ]
        self.check("device", device, good, bad)
        branches = changed(device, ("branch_compute_ms",), [[1]])
        self.assertTrue(validator("device").is_valid(branches))
        self.assertFalse(validator("device").is_valid(changed(branches, ("block_compute_ms",), ...)))

    def test_scenario(self):
        rates = ["1bps", "2.5Gb/s", "10kbps", "10Kb/s", "3MBps", "0.5GB/s", "8Kib/s", "8MiB/s"]
        no_rates = ["0Mbps", "0.0bps", "10", "Mbps", "-1Mbps", "10 Mbps", "10mbps", "1e6bps", "8Mibps", "10Mbit/s"]
        times = ["0s", "20ms", "1.5us", "3ns"]
        no_times = ["20", "ms", "-1ms", "20 ms", "1min", "1.ms"]
        good = [
            (("links", 0, "bandwidth"), rates),
            (("links", 0, "delay"), times),
            (("links", 0, "mtu_bytes"), [68, 1500, 65535]),
            (("links",), [[]]),
            (("deployment",), ["0:1-55@0", "2:1-5@1", "0:1-5,2:6-9,1:10-55@0.25", "0:1-5@1.0"]),
            (("tiers", 0, "compute_factor"), [0.2, 5]),
            (("tiers", 0, "serialization_factor"), [0.2, 5]),
            (("tiers", 0, "servers"), [1, 2]),
            (("tiers", 0, "name"), ["phone"]),
            (("arrival",), ["closed", "periodic:100ms", "poisson:0.5", "bursty:20:1s:500ms", "trace:arrivals.csv"]),
            (("queue",), ["auto", "100kB", "2MiB", "1.5GB"]),
            (("tcp_segment",), ["auto", "536B", "1.4kB"]),
            (("tcp_buffer",), ["auto", "128KiB", "2MB"]),
            (("exits",), ["nested", "independent", "trace:exits.csv"]),
            (("compute",), ["mean", "max", "empirical", "gamma"]),
            (("rules",), ["paper", "reference-code", "exact", "queueing"]),
            (("mtu_bytes",), [68, 1500, 65535]),
            (("source",), [0, 2]),
            (("shared_core",), [True]),
            (("run",), [0, 7]),
        ]
        bad = [
            (("unknown",), [1]),
            (("schema_version",), [2]),
            (("profile",), ["", 1]),
            (("tiers",), [[], [{}], ["a1.medium"], {}]),
            (("tiers", 0, "unknown"), [1]),
            (("tiers", 0, "device"), ["", "../x"]),
            (("tiers", 0, "compute_factor"), [0, -1, "1"]),
            (("tiers", 0, "serialization_factor"), [0, -1]),
            (("tiers", 0, "servers"), [0, 1.5]),
            (("links", 0, "bandwidth"), no_rates + [10, ...]),
            (("links", 0, "delay"), no_times + [20, ...]),
            (("links", 0, "mtu_bytes"), [0, 67, 65536, 1500.5, "1500"]),
            (("links", 0, "unknown"), [1]),
            (("deployment",), ["", "0:1-25", "0:1@0.1", "0:0-5@0.1", "1-5@0.1", "0:1-5@2", "0:1-5@1.1"]),
            (("deployment",), ["0:1-5,@0.1", "0:1-5 @0.1", "-1:1-5@0.1", "0:1-5@-0.1", "0:1-5@.5"]),
            (("source",), [-1, 0.5]),
            (("destination",), [-1, "0"]),
            (("samples",), [0, 1.5]),
            (("arrival",), ["open", "periodic:", "periodic:5", "periodic:0s", "poisson:0", "poisson:1/s", "bursty:5:0s:1s", "bursty:5:1s", "trace:"]),
            (("transport",), ["sctp", ""]),
            (("mtu_bytes",), [67, 65536, 1500.5]),
            (("tcp_segment",), ["", "536", "0B", "1MB", 536]),
            (("tcp_buffer",), ["", "4096", "0kB", "100KB"]),
            (("queue",), ["", "100p", "0B", "100KB", "100"]),
            (("compute",), ["min"]),
            (("exits",), ["trace:", "both"]),
            (("rules",), ["ours"]),
            (("shared_core",), ["true", 1]),
            (("seed",), [0, -1, 4294967296]),
            (("run",), [-1]),
        ]
        self.check("scenario", SCENARIO, good, bad)

    def test_scenario_defaults_are_said_in_words(self):
        for key, rule in validator("scenario").schema["properties"].items():
            if "default" in rule:
                said = str(rule["default"]).lower() if isinstance(rule["default"], bool) else rule["default"]
                self.assertIn(f"Default {said}.", rule["description"], key)


if __name__ == "__main__":
    unittest.main()
