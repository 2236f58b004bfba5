#!/usr/bin/python3
"""Properties of scenarios: files and programs agree with the schemas in profiles/schemas.

Examples are made from the schema itself, the same ones each time. Needs Debian's
python3-hypothesis and python3-jsonschema.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema
from hypothesis import HealthCheck, configuration, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build"))
SCHEMA = json.loads((ROOT / "profiles/schemas/scenario.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
WORLD_SCHEMA = json.loads(
    (ROOT / "profiles/schemas/scenario-2.schema.json").read_text(encoding="utf-8"))
WORLD_VALIDATOR = jsonschema.Draft7Validator(WORLD_SCHEMA)
PROFILES = ("vggish-audioset", "resnet20-cifar10")
DEVICES = ("a1.medium", "m4.large", "g4dn.xlarge")
# Far more than any run of two requests takes.
TIMEOUT_S = 60

configuration.set_hypothesis_home_dir(BUILD / "hypothesis")
settings.register_profile("same", derandomize=True, database=None, deadline=None,
                          max_examples=100, suppress_health_check=list(HealthCheck))
settings.load_profile("same")


# ---- examples ------------------------------------------------------------------------------

def from_schema(schema):
    """Strategy for the values that a schema allows: of the kinds that ours uses."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema and "type" not in schema:
        return st.one_of([from_schema(one) for one in schema["anyOf"]])
    return {"object": from_object, "array": from_array, "string": from_text,
            "integer": from_integer, "number": from_number,
            "boolean": lambda _: st.booleans()}[schema["type"]](schema)


def from_object(schema):
    members = {key: from_schema(member) for key, member in schema["properties"].items()}
    kinds = []
    for kind in schema.get("anyOf", [{}]):  # which may require more
        needed = schema.get("required", []) + kind.get("required", [])
        kinds.append(st.fixed_dictionaries(
            {key: members[key] for key in needed},
            optional={key: member for key, member in members.items() if key not in needed}))
    return st.one_of(kinds)


def from_array(schema):
    return st.lists(from_schema(schema["items"]), min_size=schema.get("minItems", 0),
                    max_size=schema.get("maxItems", 4))


def from_text(schema):
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=20)


def from_integer(schema):
    return st.integers(schema.get("minimum"), schema.get("maximum", 2**64))


def from_number(schema):
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return st.floats(low, high, exclude_min="exclusiveMinimum" in schema,
                     exclude_max="exclusiveMaximum" in schema, allow_nan=False,
                     allow_infinity=False)


@st.composite
def sensible(draw):
    """A scenario that fits together but for what the schema alone makes of its other keys."""
    count = draw(st.integers(1, 3))
    properties = SCHEMA["properties"]
    tiers = [draw(from_schema(properties["tiers"]["items"])) for _ in range(count)]
    for tier in tiers:
        tier["device"] = draw(st.sampled_from(DEVICES))
    links = [draw(from_schema(properties["links"]["items"])) for _ in range(count - 1)]
    others = [key for key in properties if key not in SCHEMA["required"]]
    chosen = draw(st.lists(st.sampled_from(others), unique=True, max_size=3))
    return {
        "schema_version": 1,
        "profile": draw(st.sampled_from(PROFILES)),
        "tiers": tiers,
        "links": links,
        "deployment": draw(st.sampled_from(["0:1-4@0", "0:1-1,1:2-4@0.5", "0:1-2,1:3-3,2:4-4@1"])),
        **{key: draw(from_schema(properties[key])) for key in chosen},
    }


@st.composite
def sensible_world(draw):
    """Nodes, groups and links that make a tree, and streams on them."""
    properties = WORLD_SCHEMA["properties"]
    node, link, stream = (properties[name]["items"] for name in ("nodes", "links", "streams"))
    names = ["end", "middle", "top"][:draw(st.integers(2, 3))]
    nodes = [{**draw(from_schema(node)), "name": name, "device": draw(st.sampled_from(DEVICES))}
             for name in names]
    for entry in nodes:
        entry.pop("count", None)
        entry.pop("scheduler", None)
    nodes[0]["count"] = draw(st.integers(1, 3))
    links = [{**draw(from_schema(link)), "name": f"l{i}", "between": names[i:i + 2]}
             for i in range(len(names) - 1)]
    own = [key for key in stream["properties"] if key not in ("name", "tiers")]
    streams = [{
        "profile": draw(st.sampled_from(PROFILES)),
        "deployment": draw(st.sampled_from(["0:1-4@0", "0:1-1,1:2-4@0.5", "1:1-4@1"])),
        **{key: draw(from_schema(stream["properties"][key]))
           for key in draw(st.lists(st.sampled_from(own), unique=True, max_size=3))
           if key not in ("profile", "deployment")},
        "name": f"s{i}",
        "tiers": names,
    } for i in range(draw(st.integers(1, 2)))]
    others = [key for key in properties if key not in WORLD_SCHEMA["required"]]
    chosen = draw(st.lists(st.sampled_from(others), unique=True, max_size=2))
    return {
        **{key: draw(from_schema(properties[key])) for key in chosen},
        "schema_version": 2, "nodes": nodes, "links": links, "streams": streams,
    }


def text_options():
    """Options of the command line, with texts that the schema allows or that come near."""
    def list_of(schema):
        return st.lists(from_text(schema), min_size=1, max_size=3).map(",".join)

    properties = SCHEMA["properties"]
    link = properties["links"]["items"]["properties"]
    return st.fixed_dictionaries({}, optional={
        "profile": st.sampled_from(PROFILES),
        "deployment": st.sampled_from(["0:1-4@0", "0:1-1,1:2-4@0.50", "0:1-2,1:3-3,2:4-4@1.0"]),
        "bandwidth": list_of(link["bandwidth"]),
        "delay": list_of(link["delay"]),
        "queue": from_text(properties["queue"]),
        "arrival": from_text(properties["arrival"]),
        "exits": from_text(properties["exits"]),
        "tcp-segment": from_text(properties["tcp_segment"]),
        "compute": from_schema(properties["compute"]),
        "transport": from_schema(properties["transport"]),
        "loss": from_number(properties["loss"]).map(str),
        "mtu": from_integer(properties["mtu_bytes"]).map(str),
        "source": st.integers(-1, 3).map(str),
        "destination": st.integers(-1, 3).map(str),
    })


# ---- the properties ------------------------------------------------------------------------

class ScenarioProperties(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "scenario.json"

    def run_program(self, name, *arguments):
        """Run a program: it does what it is asked, or refuses it with one message."""
        result = subprocess.run(
            [BUILD / "scenarios" / name, *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False, cwd=self.file.parent,
            env={**os.environ, "PORTEND_PROFILES": str(ROOT / "profiles")})
        words = result.stderr.decode("utf-8", "replace")
        self.assertIn(result.returncode, (0, 2), words)
        if result.returncode == 2:
            self.assertTrue(words.startswith(f"{name}: "), words)
            self.assertEqual(result.stdout, b"")
        return result

    def simulate(self, *arguments, program="portend-3tier", given="--scenario=",
                 validator=VALIDATOR):
        """Two requests at most; what a run says of its scenario is valid, and can be given back."""
        result = self.run_program(program, *arguments, "--samples=2", "--max-time=1s", "--quiet",
                                  "--json=-")
        if result.returncode == 0:
            first = json.loads(result.stdout)
            validator.validate(first["scenario"])
            self.file.write_text(json.dumps(first["scenario"]), encoding="utf-8")
            again = json.loads(self.run_program(program, f"{given}{self.file}", "--quiet",
                                                "--json=-").stdout)
            # The command and the scenario's file are others.
            del first["provenance"], again["provenance"]
            self.assertEqual(json.dumps(again), json.dumps(first))

    def write(self, scenario):
        VALIDATOR.validate(scenario)
        self.file.write_text(json.dumps(scenario), encoding="utf-8")
        return f"--scenario={self.file}"

    @given(from_schema(SCHEMA), st.sampled_from([None, *PROFILES]))
    def test_whatever_is_valid_is_taken_or_refused(self, scenario, profile):
        self.run_program("portend-estimate",
                         self.write({**scenario, "profile": profile or scenario["profile"]}))

    @given(sensible())
    def test_whatever_fits_together_is_simulated_or_refused(self, scenario):
        self.simulate(self.write(scenario))

    @given(from_schema(WORLD_SCHEMA))
    def test_whatever_network_is_valid_is_taken_or_refused(self, world):
        WORLD_VALIDATOR.validate(world)
        for node in world["nodes"]:
            node["count"] = min(node.get("count", 1), 100)  # memory is not what this is about
        self.file.write_text(json.dumps(world), encoding="utf-8")
        self.run_program("portend-run", str(self.file), "--max-time=1ms", "--quiet")

    @given(sensible_world())
    def test_whatever_network_fits_together_is_simulated_or_refused(self, world):
        WORLD_VALIDATOR.validate(world)
        self.file.write_text(json.dumps(world), encoding="utf-8")
        self.simulate(str(self.file), program="portend-run", given="", validator=WORLD_VALIDATOR)

    @given(text_options())
    def test_whatever_the_options_make_is_valid(self, options):
        self.simulate("--profile=vggish-audioset",
                      *(f"--{name}={text}" for name, text in options.items() if "\0" not in text))


if __name__ == "__main__":
    unittest.main()
