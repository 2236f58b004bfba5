#!/usr/bin/python3
"""Tests of scripts/import-profile, on small files of each profiler's layout.

Needs Debian's python3-jsonschema.
"""

import itertools
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "import-profile"
EXPORTER = ROOT / "scripts" / "export-profile"
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build"))
SCHEMAS = {name: json.loads((ROOT / "profiles" / "schemas" / f"{name}.schema.json").read_text())
           for name in ("model", "device")}


def get_partition(device, first, last):
    """Times of a partition, of each run: the sum of its blocks and of the branch after its last."""
    parts = device["block_compute_ms"][first - 1:last]
    parts = parts + [device.get("branch_compute_ms", [None] * last)[last - 1] or [0] * len(parts[0])]
    return [round(sum(times), 12) for times in zip(*parts)]


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.out = self.folder / "net"

    def write(self, name, content):
        """Write a file, JSON of what is no text, and return its name."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content),
                        encoding="utf-8")
        return str(path)

    def run_script(self, files, *options, accuracy="--accuracy=0.9"):
        """Run the importer."""
        return subprocess.run([SCRIPT, *files, "-o", self.out, *filter(None, [accuracy]), *options],
                              capture_output=True, text=True, check=False)

    def take(self, files, *options, **more):
        """Import, and return what was printed, the model and the device."""
        done = self.run_script(files, *options, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        model = json.loads((self.out / "model.json").read_text())
        device = json.loads((self.out / "device.json").read_text())
        jsonschema.validate(model, SCHEMAS["model"])
        jsonschema.validate(device, SCHEMAS["device"])
        return done.stdout, model, device

    def refuse(self, files, *words, options=(), accuracy="--accuracy=0.9"):
        """The importer ends with a line that has these words, and writes nothing."""
        done = self.run_script(files, *options, accuracy=accuracy)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse(self.out.exists(), done.stderr)
        return done

    def assert_sums(self, device, blocks, branches=None):
        """Partitions are sums of blocks, and have the branch after their last.

        Args:
            device: The document.
            blocks: Times of each block, one of each run.
            branches: Times of branches by block, from 1 on.
        """
        self.assertEqual(len(device["block_compute_ms"]), len(blocks))
        for first, last in itertools.combinations_with_replacement(range(1, len(blocks) + 1), 2):
            for run, time in enumerate(get_partition(device, first, last)):
                expected = sum(block[run] for block in blocks[first - 1:last])
                expected += (branches or {}).get(last, [0] * 9)[run]
                self.assertAlmostEqual(time, expected, 9)


# ---- TensorRT ------------------------------------------------------------------------------


def tensor(name, sizes, kind="Row major linear FP32"):
    return {"Name": name, "Location": "Device", "Dimensions": sizes, "Format/Datatype": kind}


def layer(name, reads, leaves, kind="CaskConvolution"):
    return {"Name": name, "LayerType": kind, "Inputs": reads, "Outputs": leaves}


def make_tensorrt():
    """A stem, a pool with a reformat after it, a residual block with one before, and a head.

    Times are 1, 2, 4, 8 ... ms, so that each sum tells what is in it.
    """
    image, stem = tensor("image", [2, 3, 8, 8]), tensor("stem", [2, 4, 8, 8], "Half(64,1:8,...)")
    raw = tensor("raw", [2, 4, 4, 4], "Row major linear FP16 format")
    pool = tensor("pool", [2, 4, 4, 4], "Sixteen wide channel vectorized row major Int8 format")
    inner = tensor("inner", [2, 4, 4, 4], "Thirty-two wide channel vectorized row major Int8 format")
    moved = tensor("moved", [2, 4, 4, 4], "Channel major FP32 format where channel % 4 == 0")
    add, result = tensor("add", [2, 4, 4, 4]), tensor("result", [2, 10])
    layers = [
        layer("conv1", [image], [stem]),
        layer("pool", [stem], [raw], "TiledPooling"),
        layer("Reformatting CopyNode for Output Tensor 0 to pool", [raw], [pool], "Reformat"),
        layer("conv2 + relu", [pool], [inner]),
        layer("conv3 + add input reformatter 0", [inner], [moved], "NoOp"),
        layer("conv3 + add", [moved, pool], [add]),
        layer("fc", [add], [result]),
        layer("squeeze", [result], [tensor("answer", [2, 10])], "NoOp"),
    ]
    times = [1, 2, 4, 8, 0, 16, 32, 0]
    profile = [{"count": 4}] + [
        {"name": row["Name"], "timeMs": 4 * time, "averageMs": time, "medianMs": time + 1,
         "percentage": 100 * time / 63} for row, time in zip(layers, times)]
    return profile, {"Layers": layers, "Bindings": ["image", "answer"]}


class TensorRtTest(Test):
    """trtexec --exportProfile and --exportLayerInfo."""

    def write_both(self, profile, info):
        return [self.write("graph.json", info), self.write("profile.json", profile)]

    def test_blocks(self):
        text, model, device = self.take(self.write_both(*make_tensorrt()))
        # conv1; pool with its reformat; conv2 and conv3, around which the pool's tensor passes, with
        # the reformat between; fc, with what takes no time.
        self.assert_sums(device, [[1], [6], [24], [32]])
        # 2 x 3 x 8 x 8 FP32; 2 x 4 x 8 x 8 Half; 2 x 4 x 4 x 4 Int8; the same FP32.
        self.assertEqual(model["tensor_bytes"], [1536, 1024, 128, 512])
        self.assertEqual(model["result_bytes"], 80)
        self.assertEqual(model["thresholds"], [0])
        self.assertEqual(model["validation"],
                         {"exit_rates": [[1]], "accuracy": [0.9]})
        self.assertEqual(model["branches"], [4])
        self.assertNotIn("branch_compute_ms", device)
        self.assertIn("8 layers, 2 of them reformatting, mean of 4 runs, batch 2", text)
        self.assertIn("total      63.000000 ms", text)
        self.assertIn("conv2 + relu; conv3 + add input reformatter 0; conv3 + add", text)
        self.assertIn("batch of 2", model["source"])

    def test_older_profiles_have_sums_alone(self):
        profile, info = make_tensorrt()
        for row in profile[1:]:
            del row["averageMs"], row["medianMs"]
        _, _, device = self.take(self.write_both(profile, info))
        self.assert_sums(device, [[1], [6], [24], [32]])

    def test_constants_stand_before_what_needs_them(self):
        profile, info = make_tensorrt()
        info["Layers"].insert(0, layer("scale", [], [tensor("scale", [1])], "Constant"))
        info["Layers"][-2]["Inputs"].append(tensor("scale", [1]))
        _, model, _ = self.take(self.write_both(profile, info))
        self.assertEqual(model["tensor_bytes"], [1536, 1024, 128, 512])

    def test_the_answer_may_be_reformatted(self):
        profile, info = make_tensorrt()
        name = "Reformatting CopyNode for Output Tensor 0 to squeeze"
        info["Layers"].append(layer(name, [tensor("answer", [2, 10])], [tensor("moved answer", [2, 10],
                                                                               "Half")], "Reformat"))
        profile.append({"name": name, "timeMs": 512, "averageMs": 128})
        _, model, device = self.take(self.write_both(profile, info))
        self.assertEqual(model["result_bytes"], 40)
        self.assert_sums(device, [[1], [6], [24], [32], [128]])

    def test_branches(self):
        profile, info = make_tensorrt()
        info["Layers"].insert(3, layer("exit", [tensor("pool", [2, 4, 4, 4])], [tensor("early", [2, 10])]))
        profile.insert(4, {"name": "exit", "timeMs": 2, "averageMs": 0.5})
        text, model, device = self.take(self.write_both(profile, info))
        self.assertEqual(model["blocks"], 4)
        self.assert_sums(device, [[1], [6], [24], [32]], {2: [0.5]})
        self.assertIn("branch: exit", text)
        self.assertIn("slowest way; taken for exits (--last chooses another): exit", text)
        self.assertIn("total      63.500000 ms", text)
        # The other end is the answer if that is asked for; then conv2 and what follows is an exit.
        self.out = self.folder / "other"
        _, model, device = self.take(self.write_both(profile, info), "--last=exit")
        self.assertEqual(model["tensor_bytes"], [1536, 1024, 128])
        self.assert_sums(device, [[1], [6], [0.5]], {2: [56]})
        self.out = self.folder / "none"
        self.refuse(self.write_both(profile, info), "--last: found 'none'", options=["--last=none"])

    def test_refused(self):
        def change(edit):
            profile, info = make_tensorrt()
            edit(profile, info["Layers"])
            return self.write_both(profile, info)

        for edit, *words in (
                (lambda p, l: p[1].update(name="other"), "graph.json: /Layers/0/Name", "conv1"),
                (lambda p, l: p.append({"name": "more", "timeMs": 1}), "profile.json: /9/name", "more"),
                (lambda p, l: p.append(p[1]), "profile.json: /9/name", "conv1"),
                (lambda p, l: l.append(l[0]), "graph.json: /Layers/8/Name", "conv1"),
                (lambda p, l: p[1].update(timeMs=0, averageMs=0), "profile.json: /1", "conv1", "0 ms"),
                (lambda p, l: p[2].update(timeMs=-1), "profile.json: /2/timeMs", "-1"),
                (lambda p, l: p[2].update(averageMs=3), "profile.json: /2/averageMs", "2"),
                (lambda p, l: p[2].pop("timeMs"), "profile.json: /2/timeMs is missing"),
                (lambda p, l: p[0].update(count=0), "/0/count"),
                (lambda p, l: l[1]["Outputs"][0].update({"Dimensions": [-1, 4]}),
                 "graph.json: /Layers/1/Outputs/0/Dimensions/0", "-1"),
                (lambda p, l: l[1]["Outputs"][0].update({"Format/Datatype": "N/A due to dynamic shapes"}),
                 "/Layers/1/Outputs/0/Format", "dynamic"),
                (lambda p, l: l[2].update(Name="Reformatting CopyNode for Output Tensor 0 to gone")
                 or p[3].update(name="Reformatting CopyNode for Output Tensor 0 to gone"), "gone"),
                (lambda p, l: l.reverse(), "graph.json: /Layers/1/Outputs/0/Name"),
                (lambda p, l: l.clear() or p.__delitem__(slice(1, None)), "graph.json: /Layers")):
            self.refuse(change(edit), *words)
        profile, info = make_tensorrt()
        self.refuse([self.write("profile.json", profile)], "--exportLayerInfo")
        self.refuse([self.write("graph.json", info)], "--exportProfile")
        self.refuse(self.write_both(profile, {"Layers": ["conv1", "pool"]}),
                    "/Layers/0", "--profilingVerbosity=detailed")


# ---- ONNX Runtime --------------------------------------------------------------------------


def node(name, index, reads, leaves, time, parameters=()):
    """A node of a profile: shapes of inputs, of the output, and of parameters."""
    def size(shape):
        total = 4
        for number in shape:
            total *= number
        return total

    return {"name": name, "time": time, "args": {
        "op_name": name.rsplit("/", 1)[-1], "provider": "CPUExecutionProvider", "node_index": str(index),
        "input_type_shape": [{"float": shape} for shape in (*reads, *parameters)],
        "output_type_shape": [{"float": leaves}], "output_size": str(size(leaves)),
        "activation_size": str(sum(map(size, reads))),
        "parameter_size": str(sum(map(size, parameters)))}}


def make_onnxruntime(nodes, runs=3):
    """A profile of some runs; the k-th takes k times as long, the first 100 times."""
    events = [{"cat": "Session", "ph": "X", "name": "session_initialization", "ts": 1, "dur": 50,
               "args": {}}]
    now = 100
    for run in range(runs):
        begin = now
        for each in nodes:
            time = each["time"] * (run or 100)
            events.append({"cat": "Node", "ph": "X", "name": each["name"] + "_fence_before", "ts": now,
                           "dur": 0, "args": {"op_name": "x"}})
            events.append({"cat": "Node", "ph": "X", "name": each["name"] + "_kernel_time", "ts": now,
                           "dur": time, "args": each["args"]})
            now += time + 1
        events.append({"cat": "Session", "ph": "X", "name": "model_run", "ts": begin,
                       "dur": now - begin, "args": {}})
        now += 10
    return events


X, Y, Z = [1, 8, 4, 4], [1, 16, 2, 2], [1, 10]
EARLY = [  # two blocks, an exit after the first; shapes are the same before and after block 2
    node("/block1/Conv", 0, [[1, 3, 8, 8]], X, 8, [[8, 3, 3, 3], [8]]),
    node("/block2/Conv", 4, [X], X, 16, [[8, 8, 3, 3]]),
    node("/head/Conv", 5, [X], Y, 32, [[16, 8, 3, 3]]),
    node("/head/Gemm", 6, [Y], Z, 64, [[64, 10]]),
    node("/exit1/Pool", 1, [X], [1, 8], 1),
    node("/exit1/Gemm", 2, [[1, 8]], Z, 2, [[8, 10]]),
    node("/exit1/Softmax", 3, [Z], Z, 4),
]


class OnnxRuntimeTest(Test):
    """SessionOptions.enable_profiling."""

    def test_trunk_is_found_by_the_graph(self):
        interleaved = [EARLY[number] for number in (0, 4, 1, 5, 2, 6, 3)]
        for nodes in (EARLY, interleaved):
            self.out = self.folder / f"net{nodes is EARLY}"
            text, model, device = self.take([self.write("ort.json", make_onnxruntime(nodes))])
            self.assertEqual(model["tensor_bytes"], [768, 512, 512, 256])
            self.assertEqual(model["result_bytes"], 40)
            # us, in the second and third run; the first is warm-up.
            self.assert_sums(device, [[0.008, 0.016], [0.016, 0.032], [0.032, 0.064], [0.064, 0.128]],
                             {1: [0.007, 0.014]})
            self.assertEqual(get_partition(device, 2, 2), [0.016, 0.032])
            self.assertIn("46 events, 21 kernels, 7 a run, 3 runs", text)
            self.assertIn("the first of 3 runs left out", text)
            # 127 us and 254 us.
            self.assertIn("total       0.190500 ms, 0.127000 to 0.254000; 2 runs", text)
            self.assertIn("branch: /exit1/Pool; /exit1/Gemm; /exit1/Softmax", text)
            self.assertIn("none exits at branches", text)
            self.assertEqual(model["branches"], [1, 4])
            self.assertEqual(model["validation"], {"exit_rates": [[0], [1]], "accuracy": [None, 0.9]})
            self.assertNotIn("not certain", text)

    def test_order_of_time_where_indices_do_not_tell(self):
        nodes = json.loads(json.dumps(EARLY))
        for each in nodes:
            each["args"]["node_index"] = str(9 - int(each["args"]["node_index"]))
        text, model, _ = self.take([self.write("ort.json", make_onnxruntime(nodes))])
        self.assertIn("in the order of time", text)
        self.assertIn("where these branches begin is not certain, and the latest tensor of their "
                      "shape was taken: /exit1/Pool", text)
        self.assertEqual(model["tensor_bytes"], [768, 512, 512, 256])

    def make_residual(self, prefix="/"):
        """Two residual blocks alike: nothing but names tells where a skip begins."""
        return [
            node(prefix + "stem/Conv", 0, [[1, 3, 8, 8]], X, 1),
            node(prefix + "a/conv1/Conv", 1, [X], X, 2),
            node(prefix + "a/conv2/Conv", 2, [X], X, 4),
            node(prefix + "a/Add", 3, [X, X], X, 8),
            node(prefix + "b/conv1/Conv", 4, [X], X, 16),
            node(prefix + "b/conv2/Conv", 5, [X], X, 32),
            node(prefix + "b/Add", 6, [X, X], X, 64),
            node(prefix + "fc/Gemm", 7, [X], Z, 128),
        ]

    def test_skips_begin_outside_the_module(self):
        text, model, device = self.take(
            [self.write("ort.json", make_onnxruntime(self.make_residual(), 2))])
        self.assert_sums(device, [[0.001], [0.014], [0.112], [0.128]])
        self.assertEqual(model["tensor_bytes"], [768, 512, 512, 512])
        self.assertNotIn("not certain", text)

    def test_no_cut_where_a_skip_may_begin(self):
        text, model, device = self.take(
            [self.write("ort.json", make_onnxruntime(self.make_residual("x/"), 2))])
        # The second skip may begin at the stem, too.
        self.assert_sums(device, [[0.001], [0.126], [0.128]])
        self.assertEqual(model["tensor_bytes"], [768, 512, 512])
        self.assertIn("not certain, and no cut is made where it matters: x/a/Add; x/b/Add", text)

    def test_warm_up(self):
        path = self.write("ort.json", make_onnxruntime(EARLY))
        _, _, device = self.take([path], "--warm-up=0")
        self.assertEqual(get_partition(device, 1, 1), [1.5, 0.015, 0.03])
        _, _, device = self.take([path], "--warm-up=2")
        self.assertEqual(get_partition(device, 1, 1), [0.03])
        self.assertIn("--warm-up: 3 of 3 runs", self.run_script([path], "--warm-up=3").stderr)

    def test_refused(self):
        def change(edit):
            events = json.loads(json.dumps(make_onnxruntime(EARLY)))
            edit(events)
            return [self.write("ort.json", events)]

        # Event 2 is the first kernel, 15 the first run, 17 the kernel of block 1 in the second.
        for edit, *words in (
                (lambda e: e[2].update(dur=-1), "ort.json: /2/dur", "-1"),
                (lambda e: e[2].update(dur=None), "ort.json: /2/dur"),
                (lambda e: e[2].update(name="/block1/Conv_strange"), "/2/name", "strange"),
                (lambda e: e[2].update(cat="Kernel"), "/2/name"),
                (lambda e: e[2]["args"].update(output_size="511"), "/2/args/output_size", "512"),
                (lambda e: e[2]["args"].update(output_size="many"), "/2/args/output_size", "many"),
                (lambda e: e[2]["args"].update(activation_size="5"), "/2/args/activation_size"),
                (lambda e: e[2]["args"].update(provider="CUDAExecutionProvider"), "/2/args/provider"),
                (lambda e: e[2]["args"].pop("input_type_shape"), "/2/args/input_type_shape is missing"),
                (lambda e: e[17].update(name="/other/Conv_kernel_time"), "/other/Conv"),
                (lambda e: e.pop(17), "/block1/Conv"),
                (lambda e: e[4].update(ts=101, dur=500), "/4/ts"),
                (lambda e: e[2].update(ts=10**9), "/2/ts", "model_run"),
                (lambda e: [each.update(dur=0) for each in e if each["name"] == "/block1/Conv_kernel_time"],
                 "/block1/Conv", "0 us"),
                (lambda e: e.__delitem__(slice(1, None)), "ort.json: /", "model_run")):
            self.refuse(change(edit), *words)
        self.refuse([self.write("ort.json", make_onnxruntime(EARLY, 1))], "--warm-up: 1 of 1 runs")
        text = json.dumps(make_onnxruntime(EARLY))
        self.refuse([self.write("ort.json", text[:-7])], "ort.json: ")
        self.refuse([self.write("ort.json", text.replace('"dur": 100', '"dur": NaN'))],
                    "ort.json: line 1 column", "NaN")
        self.refuse([self.write("ort.json", "[" * 5000)], "in one another")


# ---- torch.profiler ------------------------------------------------------------------------


def make_trace(operators, steps=1, kernels=False, stack=False):
    """A trace: each operator has another within it, and is called twice as long in each step.

    Args:
        operators: Name, shapes of inputs, us, and the module it is in.
        steps: How many; none are marked if there is one.
        kernels: Whether the times are those of kernels; the operators then take 1000 us.
        stack: Whether modules are recorded.
    """
    events, now, number = [{"ph": "M", "name": "process_name", "pid": 1, "args": {}}], 0, 0
    for step in range(steps):
        begin = now
        for name, shapes, time, module in operators:
            number += 1
            time *= 2**step
            length = 1000 if kernels else time
            args = {"External id": number, "Input Dims": shapes,
                    "Input type": ["float" if shape else "Int" for shape in shapes]}
            common = {"ph": "X", "pid": 1, "tid": 1}
            if stack and module:
                events.append({**common, "cat": "python_function", "name": f"nn.Module: {module}",
                               "ts": now, "dur": length})
            events.append({**common, "cat": "cpu_op", "name": name, "ts": now, "dur": length,
                           "args": args})
            number += 1
            events.append({**common, "cat": "cpu_op", "name": "aten::inner", "ts": now, "dur": length,
                           "args": {"External id": number}})
            if kernels and time:
                events.append({**common, "cat": "cuda_runtime", "name": "cudaLaunchKernel", "ts": now,
                               "dur": 5, "args": {"External id": number}})
                events.append({**common, "tid": 7, "cat": "kernel", "name": "void kernel", "ts": now,
                               "dur": time, "args": {"External id": number, "stream": 7}})
            now += length
        if steps > 1:
            events.append({"ph": "X", "pid": 1, "tid": 1, "cat": "user_annotation",
                           "name": f"ProfilerStep#{step}", "ts": begin, "dur": now - begin})
        now += 10
    return json.loads(json.dumps({"schemaVersion": 1, "traceEvents": events}))  # a copy


IMAGE, WIDE = [2, 3, 8, 8], [2, 4, 8, 8]
RESIDUAL = [
    ("aten::conv2d", [IMAGE, [4, 3, 3, 3], [4], []], 1, "stem"),
    ("aten::add", [[], [], []], 2, None),  # counts batches
    ("aten::batch_norm", [WIDE, [4], [4], [4], [4]], 4, "stem"),
    ("aten::conv2d", [WIDE, [4, 4, 3, 3], []], 8, "block"),
    ("aten::relu_", [WIDE], 16, "block"),
    ("aten::conv2d", [WIDE, [4, 4, 3, 3], []], 32, "block"),
    ("aten::add_", [WIDE, WIDE, []], 64, "block"),
    ("aten::adaptive_avg_pool2d", [WIDE, []], 128, None),
    ("aten::flatten", [[2, 4, 1, 1], [], []], 256, None),
    ("aten::linear", [[2, 4], [10, 4], [10]], 512, None),
]


class TorchTest(Test):
    """torch.profiler's traces."""

    def test_operators(self):
        text, model, device = self.take([self.write("cpu.json", make_trace(RESIDUAL, steps=2))])
        # conv2d; add and batch_norm. The skip may begin at either of their tensors, so that the
        # cut after batch_norm is not certain.
        self.assertIn("40 operators; 2 runs", text)
        self.assertIn("not certain", text)
        self.assertIn("batch of 2", text)
        times = [[0.001, 0.002], [0.126, 0.252], [0.128, 0.256], [0.256, 0.512], [0.512, 1.024]]
        self.assert_sums(device, times)
        self.assertEqual(model["tensor_bytes"], [1536, 2048, 2048, 32, 32])
        self.assertEqual(model["result_bytes"], 80)  # 2 x 10 x 4
        self.assertIn("total       1.534500 ms, 1.023000 to 2.046000; 2 runs", text)

    def test_modules_tell_where_skips_begin(self):
        trace = make_trace(RESIDUAL, stack=True)
        # One module around the whole block.
        inside = [event for event in trace["traceEvents"] if event["name"] == "nn.Module: block"]
        for event in inside[1:]:
            trace["traceEvents"].remove(event)
        inside[0]["dur"] = 8 + 16 + 32 + 64
        text, model, device = self.take([self.write("cpu.json", trace)])
        self.assertNotIn("not certain", text)
        self.assert_sums(device, [[0.001], [0.006], [0.12], [0.128], [0.256], [0.512]])
        self.assertEqual(model["tensor_bytes"], [1536, 2048, 2048, 2048, 32, 32])

    def test_kernels(self):
        text, model, device = self.take([self.write("gpu.json", make_trace(RESIDUAL, kernels=True))])
        self.assertIn("20 operators, 10 kernels; times are those of kernels", text)
        self.assertIn("total       1.023000 ms", text)
        self.assertEqual(model["blocks"], 5)
        self.assert_sums(device, [[0.001], [0.126], [0.128], [0.256], [0.512]])

    def test_calls_are_runs(self):
        trace = make_trace(RESIDUAL, steps=2)
        trace["traceEvents"] = [event for event in trace["traceEvents"]
                                if not event["name"].startswith("ProfilerStep")]
        text, _, device = self.take([self.write("cpu.json", trace)])
        self.assertIn("40 operators; 2 runs", text)
        self.assertEqual(get_partition(device, 1, 1), [0.001, 0.002])
        # Two layers alike are no calls.
        alike = [("aten::conv2d", [WIDE, [4, 4, 3, 3]], 1, None)] * 2 + [
            ("aten::max_pool2d", [WIDE], 2, None), ("aten::flatten", [[2, 4, 4, 4]], 4, None),
            ("aten::linear", [[2, 64], [10, 64]], 8, None)]
        self.out = self.folder / "alike"
        text, model, _ = self.take([self.write("cpu.json", make_trace(alike))])
        self.assertIn("1 run", text)
        self.assertEqual(model["tensor_bytes"], [2048, 2048, 2048, 512, 512])

    def test_rounded_times(self):
        trace = make_trace(RESIDUAL)
        for event in trace["traceEvents"]:
            if event["name"] == "aten::inner":
                event["ts"] += 1
        none = {"ph": "X", "pid": 1, "tid": 1, "cat": "cpu_op", "name": "aten::as_strided", "ts": 1,
                "dur": 0, "args": {"Input Dims": [[5, 5]]}}
        trace["traceEvents"].append(none)
        text, _, _ = self.take([self.write("cpu.json", trace)])
        self.assertIn("total       1.023000 ms", text)

    def test_exits(self):
        exits = RESIDUAL[:4] + [
            ("aten::relu", [WIDE], 16, None),
            ("aten::adaptive_avg_pool2d", [WIDE], 1, None), ("aten::flatten", [[2, 4, 1, 1]], 1, None),
            ("aten::linear", [[2, 4], [10, 4], [10]], 1, None),
            ("aten::conv2d", [WIDE, [8, 4, 3, 3], []], 32, None),
            ("aten::relu", [[2, 8, 8, 8]], 64, None),
            ("aten::max_pool2d", [[2, 8, 8, 8]], 128, None), ("aten::flatten", [[2, 8, 1, 1]], 256, None),
            ("aten::linear", [[2, 8], [10, 8], [10]], 512, None)]
        text, model, device = self.take([self.write("cpu.json", make_trace(exits))])
        self.assertEqual(model["tensor_bytes"], [1536, 2048, 2048, 2048, 2048, 4096, 4096, 64, 64])
        self.assertEqual(get_partition(device, 4, 4), [0.019])
        self.assertIn("branch: aten::adaptive_avg_pool2d; aten::flatten; aten::linear", text)
        # What hangs loose and has not the answer's bytes is no exit.
        self.out = self.folder / "loose"
        exits[7] = ("aten::linear", [[2, 4], [9, 4], [9]], 1, None)
        path = self.write("cpu.json", make_trace(exits))
        self.refuse([path], "/traceEvents/15", "aten::linear", "that no row reads")

    def test_names_of_older_versions(self):
        trace = make_trace(RESIDUAL, kernels=True)
        older = {"cpu_op": "Operator", "kernel": "Kernel", "cuda_runtime": "Runtime"}
        for event in trace["traceEvents"]:
            if event.get("cat") in older:
                event["cat"] = older[event["cat"]]
                if event["cat"] == "Kernel":
                    event["args"]["external id"] = event["args"].pop("External id")
        text, _, _ = self.take([self.write("gpu.json", trace)])
        self.assertIn("total       1.023000 ms", text)

    def test_refused(self):
        def change(edit, **options):
            trace = make_trace(RESIDUAL, **options)
            edit(trace["traceEvents"])
            return [self.write("trace.json", trace)]

        # Events: 0 is no operator; 1 and 2 are conv2d and what is within; with kernels, 4 is its.
        bare = [{"name": "aten::conv2d", "ph": "X", "ts": 98, "dur": 270, "tid": 1, "args": {}}]
        self.refuse([self.write("bare.json", bare)], "bare.json", "without kineto")
        for options, edit, *words in (
                ({}, lambda e: e[1].update(dur=-1), "trace.json: /traceEvents/1/dur", "-1"),
                ({}, lambda e: [e[n].update(dur=0) for n in (1, 2)], "/traceEvents/1/dur", "conv2d"),
                ({}, lambda e: e[1].update(name="autograd::engine::evaluate_function: X"),
                 "/traceEvents/1/name", "training"),
                ({}, lambda e: e[3].update(tid=2), "/traceEvents/3/tid"),
                ({}, lambda e: e[3].update(ts=0.5), "/traceEvents/3/ts"),
                ({}, lambda e: [each.get("args", {}).pop("Input Dims", 0) for each in e],
                 "record_shapes=True"),
                ({}, lambda e: e.__delitem__(slice(1, None)), "cpu_op"),
                ({}, lambda e: e[1]["args"]["Input Dims"].__setitem__(1, [5, 3, 3, 3]), "aten::conv2d",
                 "no row after it reads"),
                ({"kernels": True}, lambda e: e[4]["args"].update({"External id": 999}),
                 "/traceEvents/4/name", "void kernel"),
                ({"kernels": True}, lambda e: e[4].update(dur=0), "/traceEvents/4/dur"),
                ({"steps": 2}, lambda e: e[22].update(name="aten::other"), "aten::other"),
                ({"steps": 2}, lambda e: e[21].update(dur=20), "ProfilerStep#")):
            self.refuse(change(edit, **options), *words)


# ---- TensorFlow Lite -----------------------------------------------------------------------


def make_tflite(is_csv=True, start=True, calls=2):
    """What benchmark_model writes; its layers take 0.5, 0.25 and calls times 0.125 ms."""
    columns = ["node type", *["start"] * start, "first", "avg_ms", "%", "cdf%", "mem KB",
               "times called", "name"]
    rows, so_far, total = [], 0, 0.75 + 0.125 * calls
    for kind, time, count, name in (
            ("CONV_2D", 0.5, 1, "[net/Relu]:0"),
            ("Convolution (NHWC, F32) IGEMM", 0.25, 1, "Delegate/Convolution (NHWC, F32) IGEMM:1"),
            ("SOFTMAX", 0.125, calls, "[StatefulPartitionedCall:1, StatefulPartitionedCall:0]:2")):
        so_far += 100 * time * count / total
        rows.append([kind, *["0.01"] * start, "9.5", f"{time}", f"{100 * time * count / total:g}%",
                     f"{so_far:g}%", "0", f"{count}", name])
    if not is_csv:
        columns = [f"[{name}]" for name in columns]
    between = ", " if is_csv else "\t  "
    table = "\n".join(between.join(row) for row in [columns, *rows])
    other = between.join(columns) + "\n" + between.join(
        ["AllocateTensors", *["0"] * start, "7", "7", "100%", "100%", "0", "1", "AllocateTensors/0"])
    return ("INFO: Profiling Info for Benchmark Initialization:\n"
            f"============================== Run Order ==============================\n{other}\n\n"
            "INFO: Operator-wise Profiling Info for Regular Benchmark Runs:\n"
            f"============================== Run Order ==============================\n{table}\n\n"
            "============================== Top by Computation Time ====================\n"
            f"{table}\n\nNumber of nodes executed: 3\n")


class TfliteTest(Test):
    """benchmark_model."""

    sizes = "block,output_bytes\ninput,1000\n[net/Relu]:0,500\n" \
        '"[StatefulPartitionedCall:1, StatefulPartitionedCall:0]:2",40\n'

    def test_layouts(self):
        sizes = self.write("sizes.csv", self.sizes)
        for is_csv, start in itertools.product((True, False), repeat=2):
            text, model, device = self.take(
                [self.write("tflite.csv", make_tflite(is_csv, start)), sizes])
            self.assertIn("3 layers", text)
            self.assertIn("total       1.000000 ms", text)
            self.assertEqual((model["tensor_bytes"], model["result_bytes"]), ([1000, 500], 40))
            # The second cut has no bytes, so that its rows stay together; two calls of 0.125 ms.
            self.assert_sums(device, [[0.5], [0.5]])

    def test_without_bytes_a_network_is_one_block(self):
        path = self.write("tflite.csv", make_tflite())
        done = self.refuse([path], "--input-bytes")
        self.assertIn("total       1.000000 ms", done.stdout)
        self.refuse([path], "--result-bytes", options=["--input-bytes=1000"])
        _, model, device = self.take([path], "--input-bytes=1000", "--result-bytes=40")
        self.assertEqual((model["blocks"], device["block_compute_ms"]), (1, [[1]]))

    def test_refused(self):
        text = make_tflite()
        for old, new, *words in (
                ("0.25,", "nan,", "tflite.csv:10: avg_ms: found 'nan'"),
                ("0.25,", "-0.25,", "tflite.csv:10: avg_ms", "-0.25"),
                (", 0.25, 25%", ", 0, 0%", "tflite.csv:10", "0 ms"),
                (", 0.25, 25%", ", 0.25", "tflite.csv:10", "node type"),
                ("Delegate/Convolution (NHWC, F32) IGEMM:1\n", "Delegate/Convolution\n\n",
                 "tflite.csv:10", "75 %")):
            self.assertIn(old, text)
            self.refuse([self.write("tflite.csv", text.replace(old, new))], *words)
        self.refuse([self.write("tflite.csv", text[:text.index("Regular") + 30])], "Run Order")
        path = self.write("tflite.csv", text)
        for table, *words in (
                ("block,output_bytes\nother,5\n", "sizes.csv:2: block", "other"),
                ("block,output_bytes\n[net/Relu]:0,0\n", "sizes.csv:2: output_bytes"),
                ("block,output_bytes\n[net/Relu]:0,5\n[net/Relu]:0,5\n", "sizes.csv:3: block")):
            self.refuse([path, self.write("sizes.csv", table)], *words)


# ---- Tables --------------------------------------------------------------------------------


class TableTest(Test):
    """nn-Meter's JSON and plain CSV."""

    meter = {"conv_8_3_16_1_hard_swish_3_nose": 0.5, "conv_8_16_16_1_relu_3_se": 0.25, "fc": 0.125}

    def test_nn_meter(self):
        path = self.write("meter.json", self.meter)
        done = self.refuse([path], "--input-bytes")
        self.assertIn("table of the times of 3 blocks", done.stdout)
        self.assertIn("total       0.875000 ms", done.stdout)
        sizes = "block,output_bytes\ninput,768\nconv_8_3_16_1_hard_swish_3_nose,400\n" \
            "conv_8_3_16_1_hard_swish_3_nose,300\nfc,40\n"
        text, model, device = self.take([path, self.write("sizes.csv", sizes)])
        self.assertIn("3 of them in the network", text)
        self.assertEqual((model["tensor_bytes"], model["result_bytes"]), ([768, 400, 300], 40))
        self.assert_sums(device, [[0.5], [0.5], [0.125]])

    def test_nn_meter_refused(self):
        for change in ({"fc": 0}, {"fc": -1}, {"fc": "fast"}, {"fc": True}, {"fc": None}):
            self.refuse([self.write("meter.json", {**self.meter, **change})], "meter.json: /fc")
        path = self.write("meter.json", self.meter)
        self.refuse([path, self.write("sizes.csv", "block,output_bytes\ngone,5\n")], "sizes.csv:2")
        self.refuse([path, self.write("sizes.csv", "block,output_bytes\ninput,5\n")], "sizes.csv")

    def test_csv(self):
        table = "block,compute_ms,output_bytes\ninput,,1000\nstem,0.1,500\nbody,0.2,400\nbody,0.7,40\n"
        text, model, device = self.take([self.write("blocks.csv", table)])
        self.assertIn("table of 3 blocks, 1 run", text)
        self.assertIn("total       1.000000 ms", text)
        self.assertEqual((model["tensor_bytes"], model["result_bytes"]), ([1000, 500, 400], 40))
        self.assertEqual(device["block_compute_ms"], [[0.1], [0.2], [0.7]])
        self.assertEqual((device["serialize_ms"], device["deserialize_ms"]), ([0] * 3, [0] * 3))
        self.assertEqual(model["profile"], "net")

    def test_csv_with_all_columns(self):
        table = ("block,run,compute_ms,branch_ms,output_bytes,serialize_ms,deserialize_ms\n"
                 "input,,,,1000,0.3,0.4\nstem,1,1,0.5,500,0.2,0.25\nhead,1,2,,40,0.1,0.15\n"
                 "stem,2,1.5,0.75,500,,\nhead,2,2.5,,40,,\n")
        _, model, device = self.take([self.write("blocks.csv", table)])
        self.assert_sums(device, [[1, 1.5], [2, 2.5]], {1: [0.5, 0.75]})
        self.assertEqual(device["serialize_ms"], [0.3, 0.2])
        self.assertEqual(device["deserialize_ms"], [0.4, 0.25])
        self.assertEqual(device["serialize_result_ms"], 0.1)
        self.assertEqual(device["deserialize_result_ms"], 0.15)
        self.assertEqual(model["blocks"], 2)

    def test_csv_refused(self):
        head = "block,compute_ms,output_bytes\ninput,,1000\n"
        for rows, *words in (
                ("a,0,5\n", "blocks.csv:3: compute_ms", "above 0"), ("a,-1,5\n", "blocks.csv:3"),
                ("a,nan,5\n", "blocks.csv:3", "nan"), ("a,1e-12,5\n", "blocks.csv:3"),
                ("a,1\n", "blocks.csv:3"), ("a,1,0\n", "blocks.csv:3: output_bytes"),
                ("a,1,1.5\n", "blocks.csv:3"), ("a,1,3000000000\n", "blocks.csv:3"),
                (",1,5\n", "blocks.csv:3: block"), ("a,1,5\ninput,1,5\n", "blocks.csv:4: block"),
                ("", "no row of a block")):
            self.refuse([self.write("blocks.csv", head + rows)], *words)
        runs = "block,run,compute_ms,output_bytes\na,1,1,5\nb,1,1,5\na,2,1,5\n"
        for rows, *words in (
                ("", "blocks.csv:3: run"), ("b,1,1,5\n", "blocks.csv:5: run"),
                ("b,2,1,6\n", "blocks.csv:5: output_bytes"), ("b,0,1,5\n", "blocks.csv:5: run")):
            self.refuse([self.write("blocks.csv", runs + rows)], *words,
                        options=["--input-bytes=5"])
        self.refuse([self.write("blocks.csv", "block,compute_ms,output_bytes\na,1,5\n")], "--input-bytes")


# ---- The folder ----------------------------------------------------------------------------


class FolderTest(Test):
    """What is written, and what stands there already."""

    table = "block,compute_ms,output_bytes\ninput,,1000\nstem,1,500\nhead,2,40\n"

    def test_names(self):
        path = self.write("blocks.csv", self.table)
        done = self.run_script([path], "--device=pi4", "--profile=mine")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({file.name for file in self.out.iterdir()}, {"model.json", "pi4.json"})
        device = json.loads((self.out / "pi4.json").read_text())
        self.assertEqual((device["device"], device["profile"]), ("pi4", "mine"))
        self.assertIn("blocks.csv", device["source"])

    def test_accuracy_may_be_unknown(self):
        path = self.write("blocks.csv", self.table)
        text, model, _ = self.take([path], accuracy=None)
        self.assertIn("not known how accurate the answer is", text)
        self.assertEqual(model["validation"]["accuracy"], [None])
        self.out = self.folder / "known"
        text, _, _ = self.take([path], accuracy="--accuracy=0.25")
        self.assertIn("exit only at the end, 0.25 of them right, as --accuracy says", text)

    def test_another_device(self):
        path = self.write("blocks.csv", self.table)
        self.take([path])
        before = (self.out / "model.json").read_bytes()
        faster = self.write("faster.csv", self.table.replace("stem,1,", "stem,0.5,"))
        done = self.run_script([faster], "--device=faster", accuracy=None)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("was there and stays", done.stdout)
        self.assertEqual((self.out / "model.json").read_bytes(), before)
        self.assertEqual(json.loads((self.out / "faster.json").read_text())["block_compute_ms"],
                         [[0.5], [2]])
        for table, *words in ((self.table.replace("500", "501"), "/tensor_bytes", "501"),
                              (self.table + "more,1,9\n", "/blocks", "3")):
            done = self.run_script([self.write("other.csv", table)], "--device=other", accuracy=None)
            self.assertEqual(done.returncode, 2)
            for word in words:
                self.assertIn(word, done.stderr)
        done = self.run_script([path], accuracy="--accuracy=0.5")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("/validation/accuracy: found [0.9]", done.stderr)
        self.assertEqual({file.name for file in self.out.iterdir()},
                         {"model.json", "device.json", "faster.json"})

    def test_usage(self):
        path = self.write("blocks.csv", self.table)
        for option in ("--accuracy=2", "--accuracy=x", "--device=model", "--device=a/b",
                       "--profile=.", "--input-bytes=0", "--warm-up=-1"):
            done = self.run_script([path], option)
            self.assertEqual(done.returncode, 2, option)
            self.assertNotIn("Traceback", done.stderr)
        self.out = "-"
        self.assertEqual(self.run_script([path]).returncode, 2)
        self.out = self.folder / "blocks.csv"
        self.assertIn("File exists", self.run_script([path]).stderr)

    def test_what_is_no_profile(self):
        for name, content in (("a", ""), ("b", "{}"), ("c", "[1]"), ("d", "[]"), ("e", "x,y\n1,2\n"),
                              ("f", '{"a": {"b": 1}}'), ("g", '{"a": 1, "a": 2}'), ("h", '{"a": 1'),
                              ("i", "[[{"), ("j", '{"traceEvents": 5}'), ("k", '[{"cat": "Node"}]')):
            self.refuse([self.write(name, content)], str(self.folder / name))
        binary = self.folder / "binary"
        binary.write_bytes(b"\xff\xfe\x00")
        self.refuse([str(binary)], "binary: not text in UTF-8")
        self.refuse([str(self.folder / "gone")], "gone: No such file")
        table = self.write("blocks.csv", self.table)
        self.refuse([table, table], "one of each")
        self.refuse([table, self.write("meter.json", TableTest.meter)], "one profile")
        self.refuse([table, self.write("sizes.csv", "block,output_bytes\nstem,5\n")], "leave it out")

    def test_programs_read_it(self):
        self.take([self.write("blocks.csv", self.table)])
        done = subprocess.run(
            [BUILD / "scenarios" / "portend-estimate", f"--profile={self.out}", "--json=-",
             "--devices=device,device,device", "--deployment=0:1-1,1:2-2@0"],
            capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("computation", done.stdout)


class RoundTripTest(Test):
    """What export-profile writes gives the profile back."""

    def export(self, folder, device):
        """Write the table of a device, and return its name and its last line."""
        path = self.folder / f"{device}.csv"
        done = subprocess.run([EXPORTER, folder, f"--device={device}", "-o", path],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return str(path), path.read_text().splitlines()[-1]

    def write_profile(self, blocks=(2.25, 3.5, 0.125), branches=(0.3, 0.0625, 0)):
        """Write a profile whose partitions are sums; the second repeat takes twice as long."""
        source = self.folder / "source"
        source.mkdir()
        model = {"schema_version": 1, "profile": "net", "blocks": 3,
                 "tensor_bytes": [12000, 8000, 4000], "result_bytes": 200,
                 "envelope": {"tensor_bytes": 51}, "thresholds": [0, 0.5, 1],
                 "validation": {"exit_rates": [[0, 0.4, 1], [0, 0.7, 1], [1, 1, 1]],
                                "accuracy": [0.6, 0.75, 0.9]}}
        compute = {}
        for first, last in itertools.combinations_with_replacement(range(3), 2):
            time = sum(blocks[first:last + 1]) + branches[last]
            compute[f"{first + 1}-{last + 1}"] = [time, 2 * time]
        device = {"schema_version": 1, "profile": "net", "device": "board", "compute_ms": compute,
                  "serialize_ms": [0.3, 0.2, 0.1], "deserialize_ms": [0.4, 0.3, 0.2],
                  "serialize_result_ms": 0.01, "deserialize_result_ms": 0.02}
        (source / "model.json").write_text(json.dumps(model))
        (source / "board.json").write_text(json.dumps(device))
        return source, model, device

    def test_sums_come_back(self):
        source, model, device = self.write_profile()
        path, comment = self.export(source, "board")
        self.assertIn("are 0.000 % from", comment)
        self.out.mkdir()
        (self.out / "model.json").write_text(json.dumps(model))
        done = self.run_script([path], "--device=board", accuracy=None)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads((self.out / "model.json").read_text()), model)
        back = json.loads((self.out / "board.json").read_text())
        jsonschema.validate(back, SCHEMAS["device"])
        for key, times in device["compute_ms"].items():
            self.assertEqual(get_partition(back, *map(int, key.split("-"))), times)
        for key in device.keys() - {"compute_ms", "schema_version"}:
            self.assertEqual(back[key], device[key])

    def test_estimates_are_the_same(self):
        source, model, _ = self.write_profile()
        path, _ = self.export(source, "board")
        self.out.mkdir()
        (self.out / "model.json").write_text(json.dumps(model))
        self.assertEqual(self.run_script([path], "--device=board", accuracy=None).returncode, 0)
        texts = [subprocess.run(
            [BUILD / "scenarios" / "portend-estimate", f"--profile={folder}", "--all", "--csv=-",
             "--devices=board,board,board"], capture_output=True, text=True, check=True).stdout
            for folder in (source, self.out)]
        self.assertGreater(len(texts[0].splitlines()), 10)
        self.assertEqual(*(text.replace(str(folder), "") for text, folder in
                           zip(texts, (source, self.out))))

    def test_bytes_in_memory_come_back(self):
        source, model, _ = self.write_profile()
        model.update(schema_version=2, parameter_bytes=[10**12, 0, 36], activation_bytes=[5, 6, 7])
        (source / "model.json").write_text(json.dumps(model))
        path, _ = self.export(source, "board")
        table = Path(path).read_text()
        self.assertIn(",deserialize_ms,parameter_bytes,activation_bytes\n", table)
        self.assertEqual(self.run_script([path]).returncode, 0)
        back = json.loads((self.out / "model.json").read_text())
        jsonschema.validate(back, SCHEMAS["model"])
        for key in ("parameter_bytes", "activation_bytes"):
            self.assertEqual(back[key], model[key])
        # A model that is there must have the same, if it has any.
        self.assertEqual(self.run_script([path], "--device=other").returncode, 0)
        back["activation_bytes"][0] = 4
        (self.out / "model.json").write_text(json.dumps(back))
        done = self.run_script([path], "--device=third")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/activation_bytes", done.stderr)
        self.assertFalse((self.out / "third.json").exists())

    def test_bytes_in_memory_refused(self):
        table = "block,compute_ms,output_bytes,parameter_bytes\ninput,,9,\na,1,8,{}\nb,1,7,{}\n"
        for first, second, *words in (("5", "", "parameter_bytes", "or for none"),
                                      ("", "5", "parameter_bytes", "or for none"),
                                      ("-1", "5", "found '-1'"), ("1.5", "5", "found '1.5'"),
                                      ("5", "1000000000001", "found '1000000000001'")):
            self.refuse([self.write("blocks.csv", table.format(first, second))], *words)
        _, model, _ = self.take([self.write("blocks.csv", table.format("", ""))])
        self.assertNotIn("parameter_bytes", model)

    def test_shipped_profiles(self):
        for profile, device, most in (("resnet20-cifar10", "g4dn.xlarge", 0.03),
                                      ("efficientnetb0-imagenet", "g5.xlarge", 0.03)):
            source = ROOT / "profiles" / profile
            path, _ = self.export(source, device)
            self.out = self.folder / profile
            self.out.mkdir()
            (self.out / "model.json").write_bytes((source / "model.json").read_bytes())
            done = self.run_script([path], f"--device={device}", accuracy=None)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            before, after = (json.loads((folder / f"{device}.json").read_text())
                             for folder in (source, self.out))
            jsonschema.validate(after, SCHEMAS["device"])
            for key in ("serialize_ms", "deserialize_ms"):
                self.assertEqual(before[key], after[key])
            for key, repeats in before["compute_ms"].items():
                for old, new in zip(repeats, get_partition(after, *map(int, key.split("-")))):
                    self.assertLess(abs(new - old) / old, most, key)

    def test_refused(self):
        source, model, device = self.write_profile()
        for change, *words in (
                ({"compute_ms": {"1-1": [1]}}, "board.json: /compute_ms/1-2 is missing"),
                ({"compute_ms": {**device["compute_ms"], "1-3": [-1]}}, "/compute_ms/1-3/0"),
                ({"compute_ms": {key: [1] for key in device["compute_ms"]}}, "block 1"),
                ({"serialize_ms": [1]}, "/serialize_ms"), ({"schema_version": 3}, "/schema_version")):
            (source / "board.json").write_text(json.dumps({**device, **change}))
            done = subprocess.run([EXPORTER, source, "--device=board"], capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
