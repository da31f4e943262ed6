"""Turn bytes into acts upon Values: arithmetic, formats, pickles, NumPy's functions, fields."""

import copy
import io
import math
import pickle
import struct

import numpy as np

import autograd
from autograd import Value, gradient, value
from autograd.primitives import TABLE

NAMES = tuple(TABLE)
UFUNCS = tuple(
    f for f in vars(np).values() if isinstance(f, np.ufunc) and f.nin <= 2 and f.nout == 1
)
# What a wrong argument raises; `restore` is Python's own pickle protocol, and checks less.
ERRORS = (
    TypeError,
    ValueError,
    OverflowError,
    IndexError,
    RuntimeError,
    AttributeError,
    MemoryError,
)
MOST = 60  # nodes: the acts are few, and must stay quick


class Tape:
    """Read numbers from bytes; zeros when they are used up."""

    def __init__(self, content):
        self.stream = io.BytesIO(content)
        self.left = len(content)

    def take(self, count):
        """Read bytes."""
        self.left -= count
        return self.stream.read(count).ljust(count, b"\0")

    def byte(self, below=256):
        """Read a small number."""
        return self.take(1)[0] % below

    def number(self):
        """Read a float: any 64 bits, or a small whole number."""
        if self.byte(2):
            return float(self.byte() - 128)
        return struct.unpack("<d", self.take(8))[0]

    def text(self):
        """Read a short text."""
        return self.take(self.byte(12)).decode("latin-1")

    def choose(self, things):
        """Read a choice among at most 65,536."""
        return things[(256 * self.byte() + self.byte()) % len(things)]


def operand(tape, nodes):
    """Read a node, or something else."""
    kind = tape.byte(8)
    if kind < 5:
        return tape.choose(nodes)
    return (tape.number(), tape.text(), np.array([tape.number(), tape.number()]))[kind - 5]


def primitive(tape, nodes):
    name = tape.choose(NAMES)
    function = getattr(autograd, name)
    arguments = TABLE[name].arguments
    if arguments == ("xs", "ys", "b"):
        size = tape.byte(4)
        rows = [[operand(tape, nodes) for _ in range(size)] for _ in range(2)]
        return function(*rows, operand(tape, nodes))
    if TABLE[name].variadic:
        xs = [operand(tape, nodes) for _ in range(tape.byte(6))]
        if arguments == ("xs", "k") and name != "softmax":
            return function(xs, operand(tape, nodes))
        return function(xs)
    return function(*[operand(tape, nodes) for _ in arguments])


def ufunc(tape, nodes):
    f = tape.choose(UFUNCS)
    with np.errstate(all="ignore"):
        return f(tape.choose(nodes), *[operand(tape, nodes) for _ in range(f.nin - 1)])


def formatted(tape, nodes):
    return format(tape.choose(nodes), tape.text())


def pickled(tape, nodes):
    some = [tape.choose(nodes) for _ in range(1 + tape.byte(3))]
    made = pickle.loads(pickle.dumps(some, protocol=tape.byte(pickle.HIGHEST_PROTOCOL + 1)))
    assert [alike(x) for x in made] == [alike(x) for x in some]
    return made


def copied(tape, nodes):
    node = tape.choose(nodes)
    made = copy.deepcopy(node) if tape.byte(2) else copy.copy(node)
    assert alike(made) == alike(node)
    return made


def restored(tape, nodes):
    op = tape.choose((*NAMES, "leaf", "constant", "nowhere"))
    inputs = tuple(operand(tape, nodes) for _ in range(tape.byte(4)))
    partials = tuple(tape.number() for _ in range(tape.byte(4)))
    if any(type(x) is not Value for x in inputs) or len(inputs) != len(partials):
        # A pickle that was made up: refused, or never used; the plain kernel does not look.
        if autograd.kernel == "native":
            value.restore(op, operand(tape, nodes), None, inputs, partials, None)
        return
    made = value.restore(op, tape.number(), None, inputs, partials, None)
    repr(made)
    gradient(made, list(inputs) or [made])
    # Its numbers are made up: nothing else is to be computed from it.


def derived(tape, nodes):
    node, wrt = tape.choose(nodes), [tape.choose(nodes) for _ in range(1 + tape.byte(3))]
    found = gradient(node, wrt, create_graph=bool(tape.byte(2)))
    return [g for g in found if type(g) is Value][:1]


def walked(tape, nodes):
    node = tape.choose(nodes)
    if not node.is_constant:
        node.backward()
    assert node.is_constant or node.has_grad


def changed(tape, nodes):
    node, thing = tape.choose(nodes), operand(tape, nodes)
    setattr(node, tape.choose(("data", "grad", "label")), thing)


def lifted(tape, nodes):
    node = tape.choose(nodes)
    leaves = [v for v in autograd.graph.topological(node) if v.is_leaf and not v.is_constant]
    program = autograd.lift(node, leaves, engine=tape.choose(("auto", "numpy", "blocked", "tape")))
    program(*[tape.number() for _ in leaves])


ACTS = (primitive, primitive, ufunc, formatted, pickled, copied, restored, derived, walked, changed,
        lifted)  # fmt: skip


def alike(node):
    """Return what a copy has in common with its original, nan included."""
    return repr((node.op, node.data, node.label, node.partials, node.has_grad, len(node.inputs)))


def act(content):
    """Run the acts that bytes describe."""
    tape = Tape(content)
    nodes = [Value(tape.number()), Value(tape.number(), "y")]
    while tape.left > 0 and len(nodes) < MOST:
        try:
            made = tape.choose(ACTS)(tape, nodes)
        except ERRORS as error:
            if isinstance(error, (RecursionError, AssertionError)):
                raise
            assert str(error) or isinstance(error, MemoryError), "an error without words"
            continue
        found = made if isinstance(made, list) else [made]
        nodes += [v for v in found if type(v) is Value]
    assert all(type(v.data) is float for v in nodes)
    assert math.isfinite(len(repr(nodes)))
