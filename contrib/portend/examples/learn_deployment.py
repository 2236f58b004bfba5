#!/usr/bin/python3
"""Learns which of some deployments answers soonest, by epsilon-greedy choices.

Each request of an episode is a choice: as a rule of the deployment that was the fastest so far, and
with a probability that falls of any. What a deployment takes is the mean of its requests' latencies.

    contrib/portend/examples/learn_deployment.py --requests=200 --seed=1
"""

import argparse
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from portend_env import PortendEnv  # noqa: E402  (lies in scripts)

DEPLOYMENTS = ["0:1-55@0.1", "0:1-25,1:26-55@0.1", "1:1-55@0.1", "2:1-55@0.1", "1:1-25,2:26-55@0.1"]


def learn(env, draw):
    """Choose until the episode ends; return for each deployment requests and mean latency, ms."""
    counts = [0] * len(env.actions)
    means = [0.0] * len(env.actions)
    chosen = {}  # by epoch
    observation, _ = env.reset()
    for step in range(1, 10**9):
        untried = [arm for arm, count in enumerate(counts) if arm not in chosen.values()]
        if untried:
            arm = untried[0]
        elif draw.random() < 5 / (5 + step):
            arm = draw.randrange(len(env.actions))
        else:
            arm = min((arm for arm, count in enumerate(counts) if count), key=means.__getitem__)
        is_other = env.actions[arm] != observation["deployment"]
        chosen[observation["epoch"] + is_other] = arm
        observation, _, terminated, _, _ = env.step(arm)
        if terminated:
            return counts, means
        for reply in observation["replies"]:
            arm = chosen[reply["epoch"]]
            counts[arm] += 1
            means[arm] += (reply["latency_ms"] - means[arm]) / counts[arm]


def main():
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default=ROOT / "scenarios" / "icpads2023-3tier.json")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    env = PortendEnv(arguments.scenario, [f"--samples={arguments.requests}",
                                          f"--RngSeed={arguments.seed}"], actions=DEPLOYMENTS)
    counts, means = learn(env, random.Random(arguments.seed))
    for arm in sorted(range(len(counts)), key=means.__getitem__):
        print(f"{env.actions[arm]:24} {counts[arm]:6} requests {means[arm]:12.4f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
