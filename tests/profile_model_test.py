#!/usr/bin/python3
"""Tests of scripts/profile-model, on small networks, and of the profile of the shipped example."""

import argparse
import contextlib
import csv
import importlib.machinery
import importlib.util
import io
import itertools
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path
from unittest import mock

from import_profiles_test import check_file, validator

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "profile-model"
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()
HAS_TORCH = importlib.util.find_spec("torch") is not None
NEEDS_TORCH = unittest.skipUnless(HAS_TORCH, "python3-torch is missing; ./ns3 setup profiling "
                                  "installs it")
QUICK = ("--repeats=2", "--warm-up=0", "--serialization=raw", "--threads=1", "--device=here")

# Three blocks from 4 numbers to 6, 6 and 5, a branch after each for three classes.
NET = """
import torch
from torch import nn
torch.manual_seed(1)
blocks = [nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5)]
branches = [nn.Linear(6, 3), nn.Linear(6, 3), nn.Linear(5, 3)]
input = torch.ones(1, 4)
"""
DATA = """
def data():
    draw = torch.Generator().manual_seed(2)
    inputs, labels = torch.randn(230, 4, generator=draw), torch.arange(230) % 3
    return {"validation": (inputs[:130], labels[:130]), "test": (inputs[130:], labels[130:])}
"""


def load_script():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("profile_model", str(SCRIPT))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def load(path):
    """A JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def read_trace(path):
    """The table's rows as numbers."""
    with open(path, encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        (self.folder / "schemas").symlink_to(ROOT / "profiles" / "schemas")
        self.out = self.folder / "net-of-three"

    def write(self, text):
        """Write NET.py."""
        path = self.folder / "net.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def profile(self, text, *arguments):
        """Profile a network within this process, and return what is said of it."""
        module = load_script()
        output = io.StringIO()
        command = [str(SCRIPT), str(self.write(text)), f"--output={self.out}", *QUICK, *arguments]
        with mock.patch.object(sys, "argv", command), contextlib.redirect_stdout(output):
            try:
                self.assertEqual(module.main(), 0)
            except module.BadInput as error:
                raise argparse.ArgumentError(None, str(error)) from None
        return output.getvalue()

    def refuse(self, message, text, *arguments):
        """It is complained of, and nothing is left."""
        before = sorted(self.folder.rglob("*"))
        with self.assertRaises(argparse.ArgumentError) as caught:
            self.profile(text, *arguments)
        self.assertIn(message, str(caught.exception))
        after = set(self.folder.rglob("*")) - {self.folder / "net.py"}
        self.assertEqual(after - set(before), set())

    def run_script(self, *arguments, **options):
        """Run the script as users do."""
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                              **options)


@NEEDS_TORCH
class ProfileTest(Test):
    """What is written."""

    def test_files(self):
        said = self.profile(NET + DATA)
        self.assertIn(f"wrote exits-test.csv, exits.csv, here.json, model.json in {self.out}", said)
        self.assertEqual({path.name for path in self.out.iterdir()},
                         {"exits-test.csv", "exits.csv", "here.json", "model.json"})
        for name in ("model.json", "here.json"):
            check_file(self, self.out / name)
        model, device = load(self.out / "model.json"), load(self.out / "here.json")
        self.assertEqual((model["schema_version"], device["schema_version"]), (2, 2))
        self.assertEqual((model["profile"], device["device"]), ("net-of-three", "here"))
        # 4, 6 and 6 numbers of 4 bytes cross the cuts; class and score are the result.
        self.assertEqual((model["tensor_bytes"], model["result_bytes"]), ([16, 24, 24], 8))
        self.assertEqual(list(device["compute_ms"]), ["1-1", "1-2", "1-3", "2-2", "2-3", "3-3"])
        for times in device["compute_ms"].values():
            self.assertEqual(len(times), 2)
            self.assertGreater(min(times), 0)
        for key in ("serialize", "deserialize"):
            self.assertGreater(min(device[f"{key}_ms"]), 0)
            self.assertGreater(device[f"{key}_result_ms"], 0)
        for document in (model, device):
            self.assertIn("1 thread, PyTorch ", document["source"])
            self.assertIn("Python 3", document["source"])

    def test_bytes_in_memory(self):
        self.profile(NET + DATA)
        model = load(self.out / "model.json")
        # Weights and biases of block and branch: (4 + 1) 6 + (6 + 1) 3 numbers, (6 + 1) 3, and so on.
        self.assertEqual(model["parameter_bytes"], [4 * 51, 4 * 21, 4 * (35 + 18)])
        # Input and output of the block: 4 + 6 numbers, 6 + 6, 6 + 5; those of branches are fewer.
        self.assertEqual(model["activation_bytes"], [40, 48, 44])

    def test_bytes_in_memory_of_modules_within(self):
        self.profile("""
            import functools
            import torch
            from torch import nn
            layers = nn.Sequential(nn.Linear(4, 100), nn.ReLU(inplace=True), nn.Linear(100, 2))
            head, norm = nn.Linear(2, 3), nn.BatchNorm1d(3).eval()
            tied = nn.Linear(3, 3)
            def named(value):
                return norm(head(value))
            def make(module):
                return lambda value: module(value)
            blocks = [layers, named, make(tied), functools.partial(torch.mul, other=2)]
            branches = [None, None, tied, make(tied)]
            input = torch.ones(1, 4)
            """)
        model = load(self.out / "model.json")
        # The norm has weight, bias, mean and variance of 3 numbers, and a count of 8 bytes; what a
        # block shares with its branch is there once.
        self.assertEqual(model["parameter_bytes"],
                         [4 * (500 + 202), 4 * (9 + 12) + 8, 4 * 12, 4 * 12])
        # The block's 4 numbers, and 100 and 2 of the last layer; what is done in place takes nothing.
        # Of the second block 2 numbers, and 3 and 3 of the norm.
        self.assertEqual(model["activation_bytes"], [4 * 106, 4 * 8, 4 * 6, 4 * 6])

    def test_rates_are_those_of_the_trace(self):
        self.profile(NET + DATA, "--thresholds=0,0.37,0.97,0.99,1")
        model = load(self.out / "model.json")
        self.assertEqual(model["thresholds"], [0, 0.37, 0.97, 0.99, 1])
        for name, trace, samples in (("validation", "exits.csv", 130),
                                     ("test", "exits-test.csv", 100)):
            rows, counts = read_trace(self.out / trace), model[name]
            self.assertEqual((len(rows), counts["samples"]), (samples, samples))
            for branch in (1, 2, 3):
                right = [row for row in rows if row[f"correct_{branch}"] == 1]
                self.assertEqual(counts["accuracy"][branch - 1], len(right) / samples)
                for place, threshold in enumerate(model["thresholds"]):
                    for key, those in (("exit_rates", rows), ("correct_rates", right)):
                        exited = sum(branch == 3 or row[f"entropy_{branch}"] < threshold
                                     for row in those)
                        self.assertEqual(counts[key][branch - 1][place], exited / samples)
        self.assertTrue(0 < model["validation"]["exit_rates"][0][2] < 1)
        joint = {(tuple(entry["partition_ends"]), entry["threshold"]): entry
                 for entry in model["joint_exits"]}
        self.assertEqual({ends for ends, _ in joint}, {(3,), (1, 3), (2, 3), (1, 2, 3)})
        rows = read_trace(self.out / "exits-test.csv")
        first = [row for row in rows if row["entropy_1"] < 0.97]
        second = [row for row in rows if row["entropy_1"] >= 0.97 > row["entropy_2"]]
        third = [row for row in rows if min(row["entropy_1"], row["entropy_2"]) >= 0.97]
        entry = joint[(1, 2, 3), 0.97]
        self.assertEqual(entry["exit_rates"], [len(part) / 100 for part in (first, second, third)])
        right = sum(row["correct_1"] for row in first) + sum(row["correct_2"] for row in second) \
            + sum(row["correct_3"] for row in third)
        self.assertEqual(entry["accuracy"], right / 100)

    def test_scores(self):
        # Each sample's scores are the logarithms of its classes' shares.
        text = """
            import torch
            shares = torch.tensor([[0.5, 0.25, 0.25], [0.98, 0.01, 0.01], [0.2, 0.6, 0.2]])
            blocks, branches = [torch.log], [lambda value: value + 7]
            input, data = shares[:1], (shares, torch.tensor([0, 0, 0]))
            """
        # -(1/2 log 1/2 + 2/4 log 1/4) / log 3 = 1.5 log 2 / log 3, and so on.
        for score, expected in (
                ("entropy", [1.5 * math.log(2) / math.log(3),
                             -(0.98 * math.log(0.98) + 0.02 * math.log(0.01)) / math.log(3),
                             -(0.6 * math.log(0.6) + 0.4 * math.log(0.2)) / math.log(3)]),
                ("softmax", [0.5, 0.02, 0.4])):
            self.profile(text, f"--score={score}", "--restart")
            rows = read_trace(self.out / "exits.csv")
            for row, value in zip(rows, expected):
                self.assertAlmostEqual(row["entropy_1"], value, delta=2e-6)
            self.assertEqual([row["correct_1"] for row in rows], [1, 1, 0])

    def test_same_bytes_again(self):
        self.profile(NET + DATA)
        names = ("model.json", "exits.csv", "exits-test.csv")
        before = [(self.out / name).read_bytes() for name in names]
        self.profile(NET + DATA, "--restart")
        self.assertEqual([(self.out / name).read_bytes() for name in names], before)

    def test_data_of_other_kinds(self):
        self.profile(NET + DATA)
        expected = (self.out / "exits.csv").read_bytes()
        begin = NET + DATA.replace("def data", "def pairs")
        for data in ('data = pairs()["validation"]',
                     'def data():\n    (x, y) = pairs()["validation"]\n'
                     "    return [(x[i:i + 7], y[i:i + 7]) for i in range(0, 130, 7)]",
                     'def data():\n    (x, y) = pairs()["validation"]\n'
                     "    yield from zip(x.split(64), y.split(64))",
                     "from torch.utils.data import DataLoader, TensorDataset\n"
                     'data = DataLoader(TensorDataset(*pairs()["validation"]), batch_size=32)',
                     'data = {"validation": pairs()["validation"]}'):
            with self.subTest(data=data):
                self.profile(begin + data, "--restart")
                self.assertEqual((self.out / "exits.csv").read_bytes(), expected)
                model = load(self.out / "model.json")
                self.assertNotIn("test", model)
                self.assertEqual(len(model["joint_exits"]), 4 * 11)

    def test_blocks_without_a_branch(self):
        text = NET.replace("branches = [nn.Linear(6, 3)", "branches = [None") + DATA
        self.profile(text)
        model, device = load(self.out / "model.json"), load(self.out / "here.json")
        validator("model").validate(model)
        validator("device").validate(device)
        self.assertEqual(model["branches"], [2, 3])
        self.assertEqual(len(model["validation"]["exit_rates"]), 2)
        self.assertEqual(len(device["compute_ms"]), 6)
        self.assertEqual((self.out / "exits.csv").read_text(encoding="utf-8").split("\n")[0],
                         "entropy_2,correct_2,entropy_3,correct_3")

    def test_per_block(self):
        self.profile(NET.replace("3), nn.Linear(6, 3)", "3), None") + DATA, "--per-block")
        device = load(self.out / "here.json")
        validator("device").validate(device)
        self.assertNotIn("compute_ms", device)
        self.assertEqual([len(times) for times in device["block_compute_ms"]], [2, 2, 2])
        self.assertEqual([len(times or []) for times in device["branch_compute_ms"]], [2, 0, 2])

    def test_without_data(self):
        self.profile(NET)
        model = load(self.out / "model.json")
        validator("model").validate(model)
        self.assertEqual(model["thresholds"], [0])
        self.assertEqual(model["validation"], {"exit_rates": [[0], [0], [1]], "accuracy": None})
        self.assertFalse((self.out / "exits.csv").exists())

    def test_batches(self):
        self.profile(NET + DATA, "--batch=2,8")
        device = load(self.out / "here.json")
        validator("device").validate(device)
        self.assertEqual(set(device["batch_compute_ms"]), set(device["compute_ms"]))
        for key, times in device["batch_compute_ms"].items():
            self.assertEqual(list(times), ["1", "2", "8"])
            self.assertEqual(times["1"], device["compute_ms"][key])

    def test_another_machine(self):
        self.profile(NET + DATA)
        before = {path.name: path.read_bytes() for path in self.out.iterdir()}
        # Without the data, and with weights of its own.
        self.profile(NET + "def data():\n    raise SystemExit(1)\n", "--device=there",
                     "--device-only")
        after = {path.name: path.read_bytes() for path in self.out.iterdir()}
        there = json.loads(after.pop("there.json"))
        self.assertEqual(after, before)
        self.assertEqual((there["profile"], there["device"]), ("net-of-three", "there"))
        other = NET.replace("4, 6", "4, 600").replace("nn.Linear(6", "nn.Linear(600")
        self.refuse("/tensor_bytes: found [16, 24, 24]; ", other, "--device=x", "--device-only")
        self.refuse("/blocks: found 3; ",
                    NET + "blocks, branches = blocks[:2], branches[:2]\n", "--device=x",
                    "--device-only")
        self.refuse("--profile: found 'other'; allowed: 'net-of-three'", NET, "--device=x",
                    "--device-only", "--profile=other")
        (self.out / "model.json").write_text('{"profile": "x"', encoding="utf-8")
        self.refuse("model.json: is no model.json of a profile", NET, "--device=x", "--device-only")

    def test_runs_alone(self):
        alone = self.folder / "alone"
        alone.mkdir()
        script = alone / "profile-model"
        script.write_bytes(SCRIPT.read_bytes())
        done = subprocess.run([sys.executable, script, self.write(NET), "-o", "fresh",
                               "--device-only", *QUICK], cwd=alone, capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual({path.name for path in (alone / "fresh").iterdir()}, {"here.json"})
        self.assertEqual(load(alone / "fresh" / "here.json")["profile"], "fresh")

    def test_threads_are_pinned(self):
        text = NET + ("import os\nwith open(os.environ['SEEN'], 'w') as file:\n"
                      "    print(os.sched_getaffinity(0), torch.get_num_threads(), file=file)\n")
        cpu = max(os.sched_getaffinity(0))
        seen = self.folder / "seen"
        for arguments, expected in (((f"--cpus={cpu}",), f"{{{cpu}}} 1\n"),
                                    ((f"--cpus={cpu}", "--threads=3"), f"{{{cpu}}} 3\n")):
            done = self.run_script(self.write(text), "-o", self.out, "--device-only", "--restart",
                                   "--repeats=1", "--device=d", *arguments,
                                   env={**os.environ, "SEEN": str(seen)})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(seen.read_text(encoding="utf-8"), expected)
        self.assertIn(f"3 threads on processor {cpu},", load(self.out / "d.json")["source"])
        self.refuse("--cpus: found 99999; allowed: processors", NET, "--cpus=99999")

    def test_the_simulator_reads_it(self):
        program = BUILD / "scenarios" / "portend-3tier"
        if not program.exists():
            self.skipTest("portend-3tier is not built")
        self.profile(NET + DATA, "--thresholds=0,0.5", "--batch=2")  # others by the trace
        result = self.folder / "result.json"
        subprocess.run([program, f"--profile={self.out}", "--devices=here,here,here",
                        "--deployment=0:1-1,1:2-2,2:3-3@0.97", "--samples=130", "--quiet",
                        "--exits=trace", f"--json={result}"], check=True)
        rows = read_trace(self.out / "exits.csv")
        first = sum(row["entropy_1"] < 0.97 for row in rows)
        second = sum(row["entropy_1"] >= 0.97 > row["entropy_2"] for row in rows)
        expected = [first / 130, second / 130, 1 - (first + second) / 130]
        for share, by_hand in zip(load(result)["simulated"]["exit_rates"], expected):
            self.assertAlmostEqual(share, by_hand, delta=1e-12)


@NEEDS_TORCH
class TensorTest(Test):
    """What crosses the cuts."""

    def test_serializations(self):
        sizes = {}
        for kind in ("raw", "pickle", "torch"):
            self.profile(NET + DATA, f"--serialization={kind}", "--restart")
            sizes[kind] = load(self.out / "model.json")["tensor_bytes"]
        for raw, pickled, saved in zip(*sizes.values()):
            self.assertTrue(raw < pickled < saved < raw + 2000, sizes)

    def test_several_tensors(self):
        text = """
            import torch
            blocks = [lambda x: (x, {"half": x.half(), "rest": [x[:, :1].long()]}),
                      lambda pair: pair[0] + pair[1]["half"] + pair[1]["rest"][0]]
            branches = [lambda pair: pair[0][:, :2], lambda x: x]
            input = torch.ones(1, 3)
            data = (torch.ones(5, 3), torch.zeros(5, dtype=torch.int64))
            """
        for kind in ("raw", "pickle", "torch"):
            self.profile(text, f"--serialization={kind}", "--restart")
            if kind == "raw":  # 3 numbers of 4 bytes, 3 of 2, 1 of 8
                self.assertEqual(load(self.out / "model.json")["tensor_bytes"], [12, 26])

    def test_parts_are_not_sent_whole(self):
        text = """
            import torch
            blocks = [lambda x: x.expand(1, 1000, 4).clone()[:, 0], lambda x: x]
            branches = [lambda x: x] * 2
            input = torch.ones(1, 4)
            """
        for kind in ("pickle", "torch"):
            self.profile(text, f"--serialization={kind}", "--restart")
            self.assertLess(load(self.out / "model.json")["tensor_bytes"][1], 2000)

    def test_blocks_may_change_their_input(self):
        text = NET.replace("nn.ReLU()", "lambda x: x.mul_(1e9)")
        self.profile(text, "--repeats=9", "--warm-up=5")  # 1e9^5 would be infinite


@NEEDS_TORCH
class BadInputTest(Test):
    """What is refused: one line, and nothing is left."""

    def test_networks(self):
        for old, new, message in (
                ("blocks =", "block =", "'blocks' is missing; allowed: a list of blocks, or a"),
                ("input =", "image =", "'input' is missing"),
                ("torch.ones(1, 4)", "4", "input: found a int; allowed: one sample, a tensor"),
                ("torch.ones(1, 4)", "torch.ones(1, 5)",
                 "block 1 does not run on a tensor of 1x5: mat1 and mat2 shapes cannot be"),
                ("torch.ones(1, 4)", "torch.ones(2, 4)", "of which branch 3 gives 2 rows; allowed"),
                ("torch.ones(1, 4)", "torch.full((1, 4), float('nan'))",
                 "block 1 gives NaN for a tensor of 1x4"),
                ("nn.ReLU()", "nn.Linear(7, 6)", "block 2 does not run on a tensor of 1x6: "),
                ("nn.ReLU()", "torch.sqrt", "block 2 gives NaN for a tensor of 1x6"),
                ("nn.ReLU()", "None", "block 2: found a NoneType; allowed: a module or a function"),
                ("nn.ReLU()", "lambda x: 'x'", "block 2 does not run on a tensor of 1x6: found a "
                 "str; allowed: a tensor, or a tuple, list or dict of tensors"),
                ("nn.ReLU()", "lambda x: x[:0]", "block 2 gives a tensor of 0x6; allowed: what is"),
                ("nn.ReLU(), ", "", "found 2 blocks and 3 branches; allowed: one block or more"),
                ("nn.Linear(5, 3)]", "None]", "no branch follows the last block, 3; allowed: one"),
                ("nn.Linear(5, 3)", "nn.Linear(9, 3)", "branch 3 does not run on a tensor of 1x5"),
                ("nn.Linear(5, 3)", "nn.Linear(5, 1)", "branch 3 gives a tensor of 1x1 for"),
                ("nn.Linear(5, 3)", "lambda x: x.log()", "branch 3 gives NaN for a tensor of 1x5"),
                ("nn.Linear(5, 3)", "7", "branch 3: found a int; allowed: a module or a function, "
                 "or None"),
                ("import torch", "import torhc", "cannot be run: ModuleNotFoundError"),
                ("import torch", "import torch\nraise SystemExit(0)", "cannot be run: SystemExit"),
                ("import torch", "import torch\nopen('none')", "cannot be run: FileNotFoundError"),
                ("blocks =", "blocks ==", "cannot be run: NameError"),
                ("blocks =", "blocks (=", "cannot be run: SyntaxError"),
                ("input =", "input = lambda: 1 / 0 #", "input() fails: ZeroDivisionError")):
            with self.subTest(new=new):
                self.assertIn(old, NET)
                self.refuse(message, NET.replace(old, new, 1) + DATA)

    def test_data(self):
        for data, message in (
                ("data = torch.ones(3, 4)", "data: validation: found a tensor of 3x4, and no"),
                ("data = [torch.ones(3, 4)]", "found a tensor of 3x4, and no labels; allowed: ("),
                ("data = (torch.ones(3, 4), torch.ones(2).long())",
                 "found a tensor of 3x4 and 2 labels; allowed: as many of both"),
                ("data = (torch.ones(3, 4), torch.ones(3))", "labels: found torch.float32;"),
                ("data = (torch.ones(3, 4), torch.arange(3) + 1)",
                 "from sample 1 on: labels: found 1 to 3; allowed: 0 to 2, the classes of"),
                ("data = (torch.ones(3, 4), torch.arange(3) - 1)", "labels: found -1 to 1"),
                ("data = (torch.ones(0, 4), torch.ones(0).long())", "has no sample"),
                ("data = []", "data: validation: has no sample; allowed: one or more"),
                ("data = 7", "data: validation: found a int, and no labels"),
                ("data = {}", "data: found nothing; allowed: validation, and test"),
                ("data = {'validation': 1, 'train': 2}", "data: found validation, train; allowed"),
                ("data = (torch.ones(3, 5), torch.arange(3))",
                 "from sample 1 on: block 1 does not run on a tensor of 3x5"),
                ("data = (torch.full((250, 4), 1.0), torch.arange(250) % 3)\n"
                 "data[0][149, 2] = float('nan')", "from sample 101 on: block 1 gives NaN for"),
                ("def data():\n    raise ValueError('no\\nfile')", "data() fails: ValueError: no")):
            with self.subTest(data=data):
                self.refuse(message, NET + data)

    def test_names(self):
        self.refuse("--device: found 'a/b'; allowed: letters, digits", NET, "--device=a/b")
        self.refuse("--device: found 'model'; allowed", NET, "--device=model")
        self.refuse("--device: found '.x'; allowed", NET, "--device=.x")
        self.refuse("the profile's name: found 'a b'; allowed", NET, "--profile=a b")

    def test_times_that_are_not_positive(self):
        for clock, measured in ((itertools.repeat(7), "0"), (itertools.count(0, -5000), "-0.005")):
            with mock.patch.object(time, "perf_counter_ns", lambda clock=clock: next(clock)):
                self.refuse(f"blocks 1-1: serialize 0: measured {measured} ms; allowed: more than",
                            NET, "--device-only")

    def test_nothing_is_lost(self):
        self.profile(NET)
        self.refuse("here.json: is there already; --restart measures anew and replaces it", NET)
        self.refuse("model.json: is there already", NET, "--device=other")
        (self.out / "model.json").unlink()
        self.refuse("here.json: is there already", NET, "--device-only")


class ExampleTest(unittest.TestCase):
    """The shipped profile of contrib/portend/examples/digits_cnn.py."""

    FOLDER = ROOT / "profiles" / "digits-cnn"

    def test_files(self):
        self.assertEqual({path.name for path in self.FOLDER.iterdir()},
                         {"model.json", "epyc-1core.json", "exits.csv", "exits-test.csv"})
        for name in ("model.json", "epyc-1core.json"):
            check_file(self, self.FOLDER / name)
            self.assertIn("AMD EPYC", load(self.FOLDER / name)["source"])

    def test_rates_are_those_of_the_trace(self):
        model = load(self.FOLDER / "model.json")
        for name, trace in (("validation", "exits.csv"), ("test", "exits-test.csv")):
            rows = read_trace(self.FOLDER / trace)
            self.assertEqual((len(rows), model[name]["samples"]), (450, 450))
            for branch in (1, 2):
                rates = model[name]["exit_rates"][branch - 1]
                for threshold, rate in zip(model["thresholds"], rates):
                    exited = sum(row[f"entropy_{branch}"] < threshold for row in rows)
                    self.assertEqual(rate, exited / 450)


class EndTest(Test):
    """How the script ends, and how it goes on."""

    def check_failure(self, done, message):
        """It complained in one line, with status 2."""
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(message, done.stderr)

    def test_without_torch(self):
        (self.folder / "torch.py").write_text("raise ImportError('none')", encoding="utf-8")
        done = self.run_script(self.write(NET), "-o", self.out,
                               env={**os.environ, "PYTHONPATH": str(self.folder)})
        self.check_failure(done, "profile-model: PyTorch is missing (none); ./ns3 setup profiling")
        self.assertFalse(self.out.exists())

    def test_usage(self):
        self.assertEqual(self.run_script("--help").returncode, 0)
        for arguments in (("net.py",), ("net.py", "-o", "x", "--repeats=0"),
                          ("net.py", "-o", "x", "--thresholds=0.5,0.1"),
                          ("net.py", "-o", "x", "--thresholds=0,2"),
                          ("net.py", "-o", "x", "--thresholds=nan"),
                          ("net.py", "-o", "x", "--cpus=0,a"), ("net.py", "-o", "x", "--batch=1"),
                          ("net.py", "-o", "x", "--per-block", "--batch=2")):
            done = self.run_script(*arguments, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["schemas"])

    def test_progress(self):
        module = load_script()
        for seconds, text in ((0.2, "1 s"), (59.5, "1 min 0 s"), (61, "1 min 1 s"),
                              (3599.5, "1 h 0 min"), (7384, "2 h 3 min")):
            self.assertEqual(module.format_time(seconds), text)
        # 10 of 100 were done before; the 30 that follow take 60 s, so 60 more take 120 s.
        shown = io.StringIO()
        with mock.patch.object(time, "monotonic", side_effect=[0, 60]), \
                contextlib.redirect_stderr(shown):
            module.Progress("timing", 100, 10).add(30)
        self.assertEqual(shown.getvalue(), "timing: 40 of 100, 2 min 0 s left\n")

    @NEEDS_TORCH
    def test_output(self):
        net = self.write(NET)
        done = self.run_script(self.folder / "none.py", "-o", self.out, *QUICK)
        self.check_failure(done, "none.py: No such file or directory")
        (self.folder / "file").write_text("x", encoding="utf-8")
        done = self.run_script(net, "-o", self.folder / "file" / "x", *QUICK)
        self.check_failure(done, "cannot be made: Not a directory")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SCRIPT, net, "-o", self.out, *QUICK], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
        self.assertIn("the standard output cannot be written: No space", done.stderr)

    @NEEDS_TORCH
    def test_full_disk(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

        done = self.run_script(self.write(NET + DATA), "-o", self.out, *QUICK, preexec_fn=limit)
        self.check_failure(done, "cannot be written: File too large; started again, it goes on")
        self.assertEqual({path.name for path in self.out.iterdir()}, {"here.json.partial"})
        done = self.run_script(self.write(NET + DATA), "-o", self.out, *QUICK)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual({path.name for path in self.out.iterdir()},
                         {"here.json", "model.json", "exits.csv", "exits-test.csv"})

    def begin(self, text, *arguments):
        """Begin a run, and wait until some times are kept."""
        child = subprocess.Popen([SCRIPT, self.write(text), "-o", self.out, *QUICK, *arguments],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        partial = self.out / "here.json.partial"
        while child.poll() is None and not (partial.exists() and '"times"' in partial.read_text()):
            time.sleep(0.05)
        return child, partial

    @NEEDS_TORCH
    def test_killed_runs_go_on(self):
        calls = self.folder / "calls"
        slow = NET.replace("nn.ReLU()", "slow") + DATA
        slow = slow.replace("blocks =", f"""
def slow(value):
    import time
    time.sleep(0.03)
    with open({str(calls)!r}, "a") as file:
        file.write(str(len(value)) + " ")
    return value
blocks =""")
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                self.out = self.folder / f"killed-{number}"
                child, partial = self.begin(slow, "--repeats=30")
                child.send_signal(number)
                _, errors = child.communicate()
                self.assertEqual((child.returncode, errors), (-number, ""))
                self.assertEqual([path.name for path in self.out.glob("*.json")], [])
                lines = partial.read_bytes().splitlines()
                kept = [json.loads(line)[1] for line in lines[1:] if b'"times"' in line[:9]]
                self.assertGreater(len(kept), 0)
                with open(partial, "ab") as file:
                    file.write(b'["times", [1.')  # as if it were torn
                calls.unlink()
                done = self.run_script(self.folder / "net.py", "-o", self.out, *QUICK,
                                       "--repeats=30")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                # Block 2 is in partitions 1-2, 1-3, 2-2 and 2-3, 30 times; data were done.
                lengths = calls.read_text(encoding="utf-8").split()
                known = sum(place % 6 in (1, 2, 3, 4) for place in range(len(kept)))
                # And once to look at it, once to count what it takes of memory.
                self.assertEqual(len(lengths), 2 + 120 - known)
                self.assertEqual(set(lengths), {"1"})
                # The third of a visit that begins with block 1 is its computation.
                self.assertEqual(load(self.out / "here.json")["compute_ms"]["1-1"][0], kept[0][2])
                self.assertFalse(partial.exists())

    @NEEDS_TORCH
    def test_another_run_is_not_gone_on_with(self):
        slow = NET.replace("nn.ReLU()", "lambda x: __import__('time').sleep(0.3) or x")
        child, partial = self.begin(slow, "--repeats=500")
        self.check_failure(self.run_script(self.folder / "net.py", "-o", self.out, *QUICK),
                           "here.json.partial: another run writes to it")
        child.kill()
        child.communicate()
        before = partial.read_bytes()
        for arguments, message in ((("--repeats=7",), "was begun with repeats 500; found 7; --res"),
                                   (("--repeats=500", "--score=softmax"), "with score entropy; fo"),
                                   (("--repeats=500", "--threads=2"), "was begun with machine ")):
            done = self.run_script(self.folder / "net.py", "-o", self.out, *QUICK, *arguments)
            self.check_failure(done, message)
        self.write(NET)
        self.check_failure(self.run_script(self.folder / "net.py", "-o", self.out, *QUICK,
                                  "--repeats=500"), "was begun with network ")
        self.assertEqual(partial.read_bytes(), before)
        for text in (b"x\n", b"[1]\n", b"{}\n7\n", b"[" * 100000 + b"\n"):
            partial.write_bytes(text)
            self.check_failure(self.run_script(self.folder / "net.py", "-o", self.out, *QUICK),
                      "here.json.partial: ")
        done = self.run_script(self.folder / "net.py", "-o", self.out, *QUICK, "--restart")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
