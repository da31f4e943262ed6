"""Derivatives of a scalar program as scalar programs: what tracing `autograd.grad` would record.

Each backward pass goes node by node in the order of `autograd.engine.reverse`, and makes the same
products and sums: the tape of what comes out gives the eager engine's bits. The passes are loops
over flat arrays (`scalar_passes.Differentiator`). An operation's local derivatives are traced once,
on nodes that stand for its inputs, and copied for each further node of its kind.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.tracing.trace import Tracing
from autograd.compiler.vectorize.canonicalize import dependencies
from autograd.compiler.vectorize.passes import Numbers, given, passes
from autograd.functions.graph_derivatives import partial_graphs
from autograd.graph import walk
from autograd.primitives import CONSTANT, LEAF, TABLE
from autograd.rules.backends import calls_python
from autograd.value import Value, constant, restore

NONE, DONE, FULL, RESULT = -1, -1, -2, -1  # as in `scalar_passes`
WIDTH = 9  # rules are known by operation for fewer inputs
ROOM = 4  # times what there is, where more is made
ARRAYS = (  # the program that grows, and the pass's notes of each node
    *("codes", "starts", "inputs", "numbers", "rule", "at", "cotangent", "mark", "order", "stack"),
    *("child", "partials", "local", "table"),
)
USUAL = 0.5  # the number of a derivative, where a rule is traced: none reads it


def is_derivable(scalars: ScalarProgram) -> bool:
    """Whether the table has formulas for all local derivatives.

    A user's function may branch, or read what it closes over: it is traced where it is called.
    """
    return all(
        op in {LEAF, CONSTANT}
        or (op in TABLE and not TABLE[op].vjps and not calls_python(TABLE[op]))
        for op in scalars.operations
    )


class Growing:
    """A scalar program that grows by derivatives of its nodes; nodes are known by their places.

    >>> from autograd.compiler.tracing.trace import record
    >>> x = Value(3.0)
    >>> growing = Growing(record(x * x * x, None, (), [x]).scalars)
    >>> (first,) = growing.vjp(2, [0])
    >>> (second,) = growing.vjp(first, [0], last=True)
    >>> scalars, places = growing.program([0, second])
    >>> print(scalars)
    0: leaf = 3
    1: add(0, 0) = 0
    2: add(1, 0) = 0
    3: add(2, 0) = 0
    4: add(3, 0) = 0
    5: add(4, 0) = 0
    """

    def __init__(self, scalars: ScalarProgram, *, exact: bool = True) -> None:
        operations = dict.fromkeys([*scalars.operations, LEAF, CONSTANT, "mul", "add"])
        self._codes = {op: code for code, op in enumerate(operations)}
        self._traced, self._exact = scalars, exact
        self._shares = False
        self._blind: list[int] = []  # rules that hide what is not finite
        self._rules = _Rules([0], [], [0], [], [], [0], [], [])
        self._numbers_of_rules: dict[Any, int] = {}
        self._known = np.full((len(TABLE) + len(self._codes)) * WIDTH, NONE, np.int32)
        size, edges = len(scalars.codes), len(scalars.inputs)
        self._pass = passes.Differentiator(
            size, edges, self._codes[CONSTANT], self._codes["mul"], self._codes["add"], WIDTH
        )
        self._arrays: dict[str, Numbers] = {
            name: getattr(scalars, name, np.zeros(0)) for name in ARRAYS
        }
        self._learn()
        self._grow()

    def vjp(self, root: int, wrt: Sequence[int], *, last: bool = False) -> list[int]:
        """Return the derivatives of a node with respect to others: a node each.

        From the ``last`` order on, which none differentiates again, equal nodes are made once.
        """
        if last and not self._shares:
            self._pass.share()
            self._shares = True
        if self._pass.size + 2 >= len(self._arrays["codes"]):
            self._grow()
        seed, zero = self._pass.number(1.0), self._pass.number(0.0)
        self._pass.begin(root, seed, given(wrt, "i4"))
        while (stopped := self._pass.run()) != DONE:
            if stopped == FULL:
                self._grow()
            else:
                self._arrays["rule"][stopped] = self._rule(stopped)
        found = [int(self._arrays["cotangent"][i]) for i in wrt]
        return [zero if i == NONE else i for i in found]

    def finite_checks(self) -> list[int]:
        """Return the nodes that must be finite for their derivatives' textbook rules to hold."""
        size, arrays = self._pass.size, self._arrays
        is_blind = np.isin(np.asarray(arrays["rule"][:size]), self._blind)
        return np.flatnonzero(is_blind & (np.asarray(arrays["at"][:size]) != NONE)).tolist()

    def program(self, roots: Sequence[int]) -> tuple[ScalarProgram, NDArray[np.int32]]:
        """Return what roots need as a program, and where it has the nodes; elsewhere NONE."""
        size, edges = self._pass.size, self._pass.edges
        arrays = self._arrays
        codes = np.asarray(arrays["codes"][:size], np.int16)
        starts = np.asarray(arrays["starts"][: size + 1], np.int32)
        inputs = np.asarray(arrays["inputs"][:edges], np.int32)
        numbers = np.asarray(arrays["numbers"][:size], np.float64)
        kept = dependencies(starts, inputs, codes, roots, np.zeros(len(self._codes)))
        places = np.where(kept, np.cumsum(kept) - 1, NONE).astype(np.int32)
        counts = np.diff(starts)
        ends = np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int32)
        rows = places[inputs[np.repeat(kept, counts)]]
        return ScalarProgram(
            tuple(self._codes), codes[kept], ends, rows, numbers[kept],
            np.zeros(len(ends) - 1, np.bool_),
        ), places  # fmt: skip

    def _grow(self) -> None:
        """Make room for more nodes, and let the pass go on there."""
        old = self._arrays
        most, wide = ROOM * len(old["codes"]) + 64, ROOM * len(old["inputs"]) + 64
        sizes = {
            "starts": most + 1, "inputs": wide, "partials": wide,
            "local": max(64, *np.diff(self._rules.rule_begin).tolist(), 0),
            "table": 1 << (2 * most).bit_length(),
        }  # fmt: skip
        for name, array in old.items():
            kind, size = "f8" if name == "numbers" else "i4", sizes.get(name, most)
            new = np.full(size, NONE if name in {"rule", "at", "table"} else 0, kind)
            if name != "table":
                new[: min(size, len(array))] = array[:size]
            self._arrays[name] = given(new, kind)
        self._pass.move(self._arrays)

    def _learn(self) -> None:
        """Let the pass use the rules that there are."""
        kinds = ("i4", "i4", "i4", "i4", "f8", "i4", "i4", "u1")
        rules = zip(self._rules._asdict().items(), kinds, strict=True)
        self._pass.use({name: given(np.array(x), kind) for (name, x), kind in rules})
        self._pass.use({"known": given(self._known, "i4")})

    def _rule(self, node: int) -> int:
        """Return the number of a node's rule: its operation's, or that for its constants."""
        arrays = self._arrays
        begin, end = arrays["starts"][node], arrays["starts"][node + 1]
        places = [int(arrays["inputs"][k]) for k in range(begin, end)]
        op, count = tuple(self._codes)[arrays["codes"][node]], len(places)
        fixed = [
            float(arrays["numbers"][i]) if arrays["codes"][i] == self._codes[CONSTANT] else None
            for i in places
        ]
        key: Any = (op, count)
        if key not in self._numbers_of_rules:
            self._trace_rule(key, op, places, [None] * count)
        general = self._numbers_of_rules[key]
        if self._rules.is_general[general] or fixed == [None] * count:
            return general
        key = (op, *map(str, fixed))
        if key not in self._numbers_of_rules:
            self._trace_rule(key, op, places, fixed)
        return self._numbers_of_rules[key]

    def _trace_rule(
        self, key: Any, op: str, places: Sequence[int], fixed: Sequence[float | None]
    ) -> None:
        """Trace an operation's local derivatives, with some inputs constant."""
        traced = self._traced.numbers
        xs = [
            Value(float(traced[i]) if i < len(traced) else USUAL) if number is None
            else constant(number)
            for i, number in zip(places, fixed, strict=True)
        ]  # fmt: skip
        with Tracing("derivatives", self._exact) as tracer:
            z = restore(op, USUAL, None, tuple(xs), (0.0,) * len(xs), None)
            partials = [x if type(x) is Value else constant(x) for x in partial_graphs(z)]
        meant = {x: k for k, x in enumerate(xs)} | {z: RESULT}
        made = walk(partials, set(meant))
        meant |= {x: RESULT - 1 - i for i, x in enumerate(made)}
        rules = self._rules
        for x in made:
            rules.rule_codes.append(self._codes.setdefault(x._op, len(self._codes)))  # noqa: SLF001
            rules.rule_inputs.extend([meant[y] for y in x._inputs])  # noqa: SLF001
            rules.rule_starts.append(len(rules.rule_inputs))
            rules.rule_numbers.append(x.data)
        rules.given.extend([meant[x] for x in partials])
        rules.rule_begin.append(len(rules.rule_codes))
        rules.given_begin.append(len(rules.given))
        rules.is_general.append(all(x.is_constant for x in made))
        number = self._numbers_of_rules[key] = len(rules.is_general) - 1
        self._blind += [number] * len(tracer.finite_checks)
        if len(places) < WIDTH and key == (op, len(places)):
            self._known[self._codes[op] * WIDTH + len(places)] = number
        self._learn()


class _Rules(NamedTuple):
    """The rules as the pass reads them, one after another."""

    rule_begin: list[int]
    rule_codes: list[int]
    rule_starts: list[int]
    rule_inputs: list[int]
    rule_numbers: list[float]
    given_begin: list[int]
    given: list[int]
    is_general: list[bool]  # whether they hold for constants, too
