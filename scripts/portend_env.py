"""A simulation as an environment of reinforcement learning, with Gymnasium's reset and step.

It needs nothing but Python and the program portend-run (or portend-3tier):

    env = PortendEnv("scenario.json", ["--samples=500"], actions=["0:1-55@0", "1:1-55@0"])
    observation, info = env.reset(seed=1)
    while True:
        observation, reward, terminated, truncated, info = env.step(0)
        if terminated:
            break

The simulation asks at every decision of its controller (exec:COMMAND), a step is from one to the
next. The scenario has one stream with one member.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

BUILD = Path(os.environ.get("PORTEND_BUILD_DIR",
                            Path(__file__).resolve().parent.parent / "build")).resolve()


class SimulationFailed(Exception):
    """The simulation did not end as it should; the message has what it said."""


class PortendEnv:
    """An environment: a run of the simulation is an episode.

    An action is a deployment's text, an index into `actions`, or None to leave what there is. The
    reward of a step is what its replies took, in the mean and in negative milliseconds; it is 0
    where there were none. A request that was dropped counts as `lost_ms`.
    """

    def __init__(self, scenario, options=(), *, actions=None, attributes="", lost_ms=10000,
                 set_controller="--controller={}", program=BUILD / "scenarios" / "portend-run"):
        """Describe the episodes.

        Args:
            scenario: Name of a scenario file.
            options: Options of the program, such as --samples=500.
            actions: Deployments that are called by their index.
            attributes: Of the controller, such as Epoch=1s|SwitchTime=50ms.
            lost_ms: What a request counts that was dropped.
            set_controller: Option that gives the stream its controller.
            program: What simulates.
        """
        self.actions = list(actions) if actions is not None else None
        self.result = None  # JSON of the last episode, once it has ended
        self._command = [str(program), str(scenario), "--json=-", "--quiet", *options]
        self._attributes = attributes
        self._lost_ms = lost_ms
        self._set_controller = set_controller
        self._simulation = None
        self._observation = None

    def reset(self, *, seed=None, options=None):
        """Begin an episode.

        Args:
            seed: Of the simulation, from 1; None for that of the scenario.
            options: More options of the program, for this episode.

        Returns:
            The first observation, and an empty dictionary.
        """
        self.close()
        observations, said = os.pipe()
        heard, answers = os.pipe()
        # The shell's first cat ends with its input, and takes the second one with it.
        relay = f"cat </dev/fd/{heard} & cat >/dev/fd/{said}; kill $!"
        attributes = "|".join(filter(None, ["Timeout=1000000s", self._attributes]))
        controller = self._set_controller.format(f"exec[{attributes}]:{relay}")
        more = [] if seed is None else [f"--RngSeed={seed}"]
        self._output = tempfile.TemporaryFile()
        self._errors = tempfile.TemporaryFile()
        self._simulation = subprocess.Popen(
            [*self._command, controller, *more, *(options or [])], pass_fds=(heard, said),
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._errors)
        os.close(said)
        os.close(heard)
        self._observations = os.fdopen(observations, "r", encoding="utf-8")
        self._answers = os.fdopen(answers, "w", encoding="utf-8")
        self.result = None
        try:
            if not self._observe():
                raise SimulationFailed("the simulation asked for no decision")
        except SimulationFailed:
            self.close()
            raise
        return self._observation, {}

    def step(self, action):
        """Decide, and go on to the next decision.

        Args:
            action: What to deploy.

        Returns:
            Observation, reward, whether the episode has ended, False, and an empty dictionary.
        """
        if self.actions is not None and action is not None and not isinstance(action, str):
            action = self.actions[action]
        answer = {} if action is None else {"deployment": action}
        try:
            self._answers.write(json.dumps(answer) + "\n")
            self._answers.flush()
        except BrokenPipeError:
            pass  # it has ended, and says why
        terminated = not self._observe()
        replies = [] if terminated else self._observation["replies"]
        costs = [reply["latency_ms"] if reply["answered"] else self._lost_ms for reply in replies]
        reward = -sum(costs) / len(costs) if costs else 0.0
        return self._observation, reward, terminated, False, {}

    def close(self):
        """End the episode, whatever is still to come."""
        if self._simulation is None:
            return
        if self._simulation.poll() is None:
            self._simulation.terminate()
        self._simulation.wait()
        for file in (self._observations, self._answers, self._output, self._errors):
            try:
                file.close()
            except BrokenPipeError:
                pass
        self._simulation = None

    def _observe(self):
        """Read what is seen; False at the end."""
        line = self._observations.readline()
        if line:
            self._observation = json.loads(line)
            return True
        status = self._simulation.wait()
        if status != 0:
            self._errors.seek(0)
            message = self._errors.read().decode("utf-8", "replace").strip()
            raise SimulationFailed(message or f"the simulation ended with status {status}")
        self._output.seek(0)
        self.result = json.loads(self._output.read())
        return False
