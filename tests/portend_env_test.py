#!/usr/bin/python3
"""Tests of controllers that are programs: exec:COMMAND, scripts/portend_env.py and its example."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()
PROGRAM = BUILD / "scenarios" / "portend-3tier"
SCENARIO = ROOT / "scenarios" / "icpads2023-3tier.json"
sys.path.insert(0, str(ROOT / "scripts"))

from portend_env import PortendEnv, SimulationFailed  # noqa: E402  (lies in scripts)

FIRST = "0:1-25,1:26-40@0.1"
OTHER = "1:1-55@0"

# Writes what it reads to a file, and says each of its arguments once, then {}.
RECORDER = """
import sys
answers = sys.argv[2:]
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for line in sys.stdin:
        file.write(line)
        file.flush()
        print(answers.pop(0) if answers else "{}", flush=True)
"""


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        (self.folder / "recorder.py").write_text(RECORDER, encoding="utf-8")

    def run_program(self, controller, *options):
        """Run the chain with a controller."""
        return subprocess.run([PROGRAM, "--samples=6", "--json=-", "--quiet",
                               f"--controller={controller}", *options],
                              cwd=self.folder, capture_output=True, text=True, check=False)

    def run_recorder(self, *answers, options=()):
        """Run it with a program that records; return its result, and what the program read."""
        words = " ".join(f"'{answer}'" for answer in answers)
        done = self.run_program(f"exec:{sys.executable} recorder.py read.json {words}", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = (self.folder / "read.json").read_text(encoding="utf-8").splitlines()
        return done.stdout, [json.loads(line) for line in lines]


class ExecTest(Test):
    """exec:COMMAND."""

    def test_it_sees_what_a_real_one_could(self):
        output, seen = self.run_recorder("{}", json.dumps({"deployment": OTHER}))
        result = json.loads(output)
        self.assertEqual(len(seen), 6)
        stream = seen[0].pop("stream")
        self.assertEqual(stream["blocks"], 55)
        self.assertEqual(len(stream["tensor_bytes"]), 55)
        self.assertEqual(len(stream["accuracies"]), 55)
        self.assertEqual({len(rates) for rates in stream["exit_rates"]},
                         {len(stream["thresholds"])})
        self.assertEqual([tier["device"] for tier in stream["tiers"]],
                         ["a1.medium", "m4.large", "g4dn.xlarge"])
        self.assertEqual([link["bandwidth_bps"] for link in stream["links"]],
                         [10e6, 10e6, 400e6, 400e6])
        self.assertEqual(stream["tiers"][0]["compute_first_ms"][-1],
                         stream["tiers"][0]["compute_last_ms"][0])
        for number, observation in enumerate(seen):
            self.assertEqual(set(observation),
                             {"time_ms", "epoch", "deployment", "arrivals_ms", "replies"})
            self.assertEqual(observation["epoch"], int(number > 1))
            self.assertEqual(observation["deployment"], OTHER if number > 1 else FIRST)
            self.assertEqual(observation["arrivals_ms"], [observation["time_ms"]])
            self.assertEqual([reply["request"] for reply in observation["replies"]],
                             [number - 1] if number else [])
        reply = seen[3]["replies"][0]
        self.assertEqual(reply["epoch"], 1)
        self.assertEqual([(one["from"], one["to"]) for one in reply["transfers"]], [(0, 1), (1, 0)])
        self.assertEqual(reply["queues"], [{"tier": 1, "waiting": 0}])
        self.assertLess(sum(one["took_ms"] for one in reply["transfers"]), reply["latency_ms"])
        controller = result["simulated"]["controller"]
        self.assertEqual(controller["decisions"], 6)
        self.assertEqual(controller["switches"], 1)
        self.assertEqual([(one["deployment"], one["requests"])
                          for one in controller["deployments"]], [(FIRST, 1), (OTHER, 5)])

    def test_the_same_program_gives_the_same_bytes(self):
        answers = [json.dumps({"deployment": one}) for one in (OTHER, FIRST, OTHER)]
        options = ("--arrival=poisson:5", "--compute=empirical", "--RngSeed=3")
        first = self.run_recorder(*answers, options=options)
        self.assertEqual(self.run_recorder(*answers, options=options), first)

    def test_one_that_keeps_what_there_is_changes_nothing(self):
        kept = json.loads(self.run_recorder()[0])
        fixed = json.loads(self.run_program("fixed").stdout)
        kept["simulated"].pop("controller")
        kept["scenario"].pop("controller")
        for result in (kept, fixed):
            result.pop("provenance")
        self.assertEqual(kept, fixed)

    def test_networks_stay_as_they_are_where_nothing_switches(self):
        outcomes = []
        for controller in ("fixed", "ns3::PortendFixedController"):
            done = subprocess.run([BUILD / "scenarios" / "portend-run",
                                   ROOT / "scenarios" / "campus.json", "--json=-", "--quiet",
                                   "--csv=out.csv", "--compute=gamma", "--network=trains",
                                   "--set=nodes/camera/count=12", f"--controller={controller}"],
                                  cwd=self.folder, capture_output=True, text=True, check=True)
            result = json.loads(done.stdout)
            for key in ("scenario", "provenance"):
                result.pop(key)
            for stream in result["streams"].values():
                control = stream["simulated"].pop("controller", {"switches": 0})
                self.assertEqual(control["switches"], 0)
            outcomes.append((result, (self.folder / "out.csv").read_bytes()))
        self.assertEqual(*outcomes)

    def refuse(self, controller, *words):
        """It ends with status 2 and a message with these words, and leaves nothing behind."""
        done = self.run_program(controller, "--csv=out.csv")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse((self.folder / "out.csv").exists())
        for word in words:
            self.assertIn(word, done.stderr)

    def test_nonsense_is_refused(self):
        for said in ("[1]", "3", "yes", "", '{"deploy": "0:1-55@0"}', '{"deployment": 3}',
                     '{"deployment": "0:1-99@0"}', '{"deployment": "0:1-55@0.15"}',
                     '{"deployment": "7:1-55@0"}', '{"deployment": "0:1-55@0", "x": 1}'):
            command = f"read line; echo '{said}'; cat >/dev/null"
            with self.subTest(said=said):
                self.refuse(f"exec:{command}", f"exec:{command}"[:40], "said", "allowed:")

    def test_its_end_is_told(self):
        self.refuse("exec:exit 7", "exec:exit 7", "ended with status 7")
        self.refuse("exec:read line; kill -9 $$", "signal 9")
        self.refuse("exec:no-such-program", "no-such-program", "status 127")
        self.refuse("exec:read line; printf half; exit 0", "had said 'half'")
        self.refuse("exec:exec true", "ended with status 0")

    def test_it_may_not_take_too_long(self):
        begun = time.monotonic()
        mark = self.folder / "alive"
        self.refuse(f"exec[Timeout=300ms]:echo $$ >{mark}; sleep 100", "no answer within 0.3 s")
        self.assertLess(time.monotonic() - begun, 20)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(mark.read_text(encoding="utf-8")), 0)

    def test_names_are_checked(self):
        self.refuse("exec:", "exec:COMMAND")
        self.refuse("exec[Timeoutt=1s]:cat", "no such attribute")


class EnvironmentTest(Test):
    """PortendEnv."""

    def test_an_episode_is_a_run(self):
        env = PortendEnv(SCENARIO, ["--samples=5"], actions=[FIRST, OTHER])
        self.addCleanup(env.close)
        for _ in range(2):
            observation, info = env.reset(seed=4)
            self.assertEqual(info, {})
            self.assertIn("stream", observation)
            rewards = []
            for action in (1, OTHER, None, 0, 0):
                observation, reward, terminated, truncated, _ = env.step(action)
                rewards.append(reward)
                self.assertFalse(truncated)
            self.assertTrue(terminated)
            self.assertEqual(rewards[-1], 0)
            self.assertTrue(all(reward < 0 for reward in rewards[:-1]), rewards)
            self.assertEqual(env.result["seed"], 4)
            self.assertEqual(env.result["simulated"]["controller"]["switches"], 2)
        self.assertAlmostEqual(rewards[0], rewards[1])

    def test_what_is_refused_is_told(self):
        env = PortendEnv(SCENARIO, ["--samples=5"])
        self.addCleanup(env.close)
        env.reset()
        with self.assertRaisesRegex(SimulationFailed, "0:1-99"):
            env.step("0:1-99@0")
        with self.assertRaisesRegex(SimulationFailed, "no-such-file"):
            PortendEnv("no-such-file.json").reset()

    def test_an_episode_may_be_left(self):
        env = PortendEnv(SCENARIO, ["--samples=1000"])
        env.reset()
        env.step(None)
        env.reset()
        env.step(OTHER)
        env.close()
        env.close()

    def test_the_example_learns(self):
        done = subprocess.run([ROOT / "contrib/portend/examples/learn_deployment.py",
                               "--requests=120", "--seed=2"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [re.match(r"(\S+) +(\d+) requests +(\S+) ms", line).groups()
                for line in done.stdout.splitlines()]
        best = min(rows, key=lambda row: float(row[2]))
        self.assertEqual(max(rows, key=lambda row: int(row[1])), best)
        self.assertGreater(int(best[1]), 60)
        estimates = {}
        for deployment, _, _ in rows:
            output = subprocess.run([BUILD / "scenarios" / "portend-estimate", "--json=-",
                                     f"--deployment={deployment}", "--quiet"],
                                    capture_output=True, text=True, check=True).stdout
            found = re.search(r'"latency_ms": *\{?\D*([0-9.]+)', output)
            estimates[deployment] = float(found[1])
        self.assertEqual(best[0], min(estimates, key=estimates.get))


if __name__ == "__main__":
    unittest.main()
