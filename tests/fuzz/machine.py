"""Everything that can be done to a graph, in any order, against the model and the other kernel."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule

import autograd
from autograd.kernels.selection import KERNELS
from tests.fuzz import model
from tests.fuzz.world import World

ROOT = Path(__file__).parents[2]
OTHER = {"native": "python", "python": "native"}[autograd.kernel]
CLOSE = 1e-12  # of the terms that were added up: a few hundred nodes, each with an error of 2e-16

numbers = st.floats(-2, 2).map(lambda x: round(x, 3))
labels = st.one_of(st.none(), st.sampled_from(["x", "y", "w.0", "layers.0.b"]))


class Remote:
    """The same world in another process, on the other kernel."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.world"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "AUTOGRAD_KERNEL": OTHER, "PYTHONPATH": str(ROOT)},
        )

    def do(self, command):
        """Send a command; return the reply."""
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        """End the process."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Graphs(RuleBasedStateMachine):
    """Build, change, copy, differentiate, lift and draw; look at every node after every step."""

    remote = None  # set by who runs it, where there are two kernels
    nodes = Bundle("nodes")

    def __init__(self):
        super().__init__()
        self.world = World()
        self.records = []  # the model's node of each number
        if self.remote is not None:
            self.remote.do(["new"])

    def do(self, *command):
        """Run a command on both kernels; return the reply, which is the same."""
        reply = json.loads(json.dumps(self.world.do(list(command))))
        if self.remote is not None:
            assert self.remote.do(list(command)) == reply, command
        return reply

    def keep(self, *records):
        """Hold new nodes to the model; return their numbers."""
        self.records += records
        return multiple(*range(len(self.records) - len(records), len(self.records)))

    def teardown(self):
        """Look at everything once more."""
        self.look()

    def look(self):
        """Hold all nodes to the model."""
        for seen, record in zip(self.do("look"), self.records, strict=True):
            assert seen["constant"] == record.constant
            assert seen["leaf"] == (not record.inputs)
            assert close(seen["data"], record.data)
            assert (seen["grad"] is None) == (record.grad is None), seen
            if record.grad is not None:
                assert close(seen["grad"], record.grad, 1e3)  # several backwards added up
            edges = zip(record.inputs, record.slopes, strict=True)
            slopes = [0.0 if x.constant else slope for x, slope in edges]
            assert all(map(close, seen["partials"], slopes))

    @initialize(target=nodes, some=st.lists(numbers, min_size=2, max_size=3))
    def start(self, some):
        for number in some:
            self.do("leaf", number.hex(), None)
        return self.keep(*map(model.Node, some))

    @rule(target=nodes, number=numbers, label=labels)
    def leaf(self, number, label):
        self.do("leaf", number.hex(), label)
        return self.keep(model.Node(number))

    @rule(target=nodes, number=numbers)
    def constant(self, number):
        self.do("constant", number.hex())
        return self.keep(model.Node(number, constant=True))

    @rule(
        target=nodes,
        op=st.sampled_from(sorted(model.OPERATIONS)),
        places=st.lists(nodes, min_size=5, max_size=5),
        recorded=st.sampled_from([True, True, True, False]),
    )
    def apply(self, op, places, recorded):
        places = places[: model.OPERATIONS[op][0]]
        record = model.apply(op, [self.records[i] for i in places])
        if abs(record.data) > 1e6:
            return multiple()
        self.do("apply", op, places, recorded)
        if not recorded:
            record = model.Node(record.data, constant=True)
        return self.keep(record)

    @rule(place=nodes, number=numbers)
    def change(self, place, number):
        record = self.records[place]
        reply = self.do("set", place, number.hex())
        if record.inputs:
            assert reply["error"] == "AttributeError"
        else:
            record.data = number

    @rule(place=nodes, label=labels)
    def rename(self, place, label):
        self.do("name", place, label)

    @rule(place=nodes)
    def backward(self, place):
        reply = self.do("backward", place)
        if self.records[place].constant:
            assert reply["error"] == "RuntimeError"
        else:
            model.backward(self.records[place])
        self.look()

    @rule(place=nodes)
    def zero_grad(self, place):
        self.do("zero_grad", place)
        self.records[place].grad = None

    @rule(target=nodes, place=nodes)
    def detach(self, place):
        self.do("detach", place)
        return self.keep(model.Node(self.records[place].data, constant=True))

    @rule(place=nodes, wrt=st.lists(nodes, min_size=1, max_size=3))
    def gradient(self, place, wrt):
        before = self.do("look")
        found = self.do("gradient", place, wrt)
        self.hold(found, place, wrt)
        assert self.do("look") == before, "gradient changes nothing"

    @rule(place=nodes, wrt=st.lists(nodes, min_size=1, max_size=2))
    def graph_of_gradient(self, place, wrt):
        before = self.do("look")
        found = self.do("graph_of_gradient", place, wrt)
        if isinstance(found, dict):
            assert found["error"] == "RuntimeError"
            assert "changed after" in found["words"]
            leaves = model.order(self.records[place])
            assert any(v.data != v.was for v in leaves)
        else:
            first, second = found
            self.hold(first, place, wrt)
            for i in range(len(wrt)):
                for j in range(i):
                    assert close(second[i][j], float.fromhex(second[j][i]), 1e3), "symmetric"
        assert self.do("look") == before, "gradient changes nothing"

    def hold(self, found, place, wrt):
        """Hold gradients to the model's."""
        flows, sizes = model.gradients(self.records[place])
        for got, i in zip(found, wrt, strict=True):
            record = self.records[i]
            assert close(got, flows.get(id(record), 0.0), sizes.get(id(record), 0.0))

    @rule(place=nodes, engine=st.sampled_from(["numpy", "blocked", "tape"]))
    def lift(self, place, engine):
        record = self.records[place]
        beneath = model.order(record)
        leaves = [v for v in beneath if not v.inputs and not v.constant]
        known = list({id(v): i for i, v in enumerate(self.records) if v in leaves}.values())
        if not known or record.constant or any(v.data != v.was for v in beneath):
            return
        reply = self.do("lift", place, known, engine)
        assert close(reply[0], record.data, 1e3)
        self.hold(reply[1], place, known)

    @rule(target=nodes, place=nodes)
    def shallow(self, place):
        record = self.records[place]
        self.do("shallow", place)
        made = model.Node(record.data, record.inputs, record.slopes, record.constant, record.grad)
        made.was = record.was
        return self.keep(made)

    @rule(
        target=nodes,
        places=st.lists(nodes, min_size=1, max_size=3),
        way=st.sampled_from(["copy", "pickle"]),
    )
    def deep(self, places, way):
        self.do("deep", places, way)
        return self.keep(*model.copied([self.records[i] for i in places]))

    @rule(place=nodes)
    def draw(self, place):
        before = self.do("look")
        dot, text = self.do("draw", place)
        assert dot.startswith(("digraph", "//", "strict"))
        assert text
        assert self.do("look") == before, "drawing changes nothing"


def close(got, want, size=1.0):
    """Whether a number is the model's, to the rounding of terms of some size."""
    return math.isclose(float.fromhex(got), want, rel_tol=CLOSE, abs_tol=CLOSE * max(1.0, size))


def has_two_kernels():
    """Whether there is another kernel to compare with."""
    return OTHER in KERNELS
