"""Write the call of one variant as straight Python: checks, the program, the results' structure.

What a call costs beside the program matters for small programs: taking arguments apart by their
structure, and putting gradients together, costs 80 us for three layers where this costs 5. The
function returns None where anything is unusual, and the general way is taken.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from autograd.compiler.arguments import Key, leaves_of
from autograd.compiler.engines import NumpyEngine, TapeEngine
from autograd.compiler.fastresult import written_result
from autograd.compiler.ownership import owned
from autograd.compiler.variant import Variant, check_index, numbers_of
from autograd.readings import execute

NAMES: dict[str, Any] = {
    "ndarray": np.ndarray,
    "array": np.array,
    "asarray": np.asarray,
    "broadcast_to": np.broadcast_to,
    "zeros": np.zeros,
    "vdot": np.vdot,
    "errstate": np.errstate,
    "float64": np.float64,
    "check_index": check_index,
    "least": partial(np.minimum.reduce, axis=None),
    "most": partial(np.maximum.reduce, axis=None),
    "moveaxis": np.moveaxis,
    "DOUBLE": np.dtype(float),
    "gather": numbers_of,
}


Call = Callable[[tuple[Any, ...]], "tuple[float, Any] | None"]


class _Writer:
    """The text so far: lines that check and take arguments, and the names of their arrays."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.found: list[str] = []
        self.count = 0

    def take(self, key: Key, name: str, *, batch: bool) -> None:
        """Check that an argument has a structure, and name its arrays."""
        kind = key[0]
        if kind == "a":
            self._array(name, key, batch=batch)
        elif kind == "n":
            self.refuse(f"type({name}) is not {'int' if key[2] else 'float'}")
            self.found.append(name)
        elif kind in {"la", "ta"}:
            self.refuse("True")  # lists of numbers become arrays the general way
        elif kind in {"l", "t", "d"}:
            self._container(key, name)
        else:
            self.refuse(f"{name} != {key[1]!r}")

    def _array(self, name: str, key: Key, *, batch: bool) -> None:
        shape = f"{name}.shape[1:]" if batch else f"{name}.shape"
        self.refuse(f"type({name}) is not ndarray or {shape} != {key[1]!r}")
        if key[2]:
            self.refuse(f"{name}.dtype.kind not in 'biu'")
        else:
            self.refuse(f"{name}.dtype is not DOUBLE")
        self.found.append(name)

    def _container(self, key: Key, name: str) -> None:
        kind = {"l": "list", "t": "tuple", "d": "dict"}[key[0]]
        self.refuse(f"type({name}) is not {kind} or len({name}) != {len(key) - 1}")
        names = []
        for _ in key[1:]:
            names.append(f"a{self.count}")
            self.count += 1
        if not names:
            return
        if kind == "dict":
            self.refuse(f"tuple({name}) != {tuple(item[0] for item in key[1:])!r}")
            self.lines.append(f"{', '.join(names)}, = {name}.values()")
            parts = [part for _, part in key[1:]]
        else:
            self.lines.append(f"{', '.join(names)}, = {name}")
            parts = list(key[1:])
        for own, part in zip(names, parts, strict=True):
            self.take(part, own, batch=False)

    def refuse(self, condition: str) -> None:
        """Leave to the general way where a condition holds."""
        self.lines.append(f"if {condition}: return None")


def write(
    variant: Variant,
    key: Key,
    names: tuple[str, ...],
    batch: tuple[str, ...],
    wrt: tuple[str, ...],
    own: Sequence[Any] | None = None,
) -> Call | None:
    """Return the call of a variant as one function; None where there is no quick way.

    ``own`` are arrays for the parameters' numbers, in place of the `Value`s'; gradients then come
    as the program has them.
    """
    if not key[0] or "'la'" in repr(key) or "'ta'" in repr(key):
        return None
    if isinstance(variant.engine, TapeEngine) and (variant.program.guards or batch):
        return None
    writer = _Writer()
    writer.refuse(f"len(args) != {len(names)}")
    for i, (name, part) in enumerate(zip(names, key[1:], strict=True)):
        writer.lines.append(f"arg{i} = args[{i}]")
        writer.take(part, f"arg{i}", batch=name in batch)
    if any(place is None for place, *_ in variant.bounds):  # a parameter selects: it is checked
        return None
    writer.lines += _checks(variant, key, names, batch, writer)
    if own is None:
        texts = _results(variant, key, names, wrt, writer)
    else:
        texts = [*_numpy_run(variant, writer, own=True), f"return float(value), {_all(variant)}"]
    if texts is None:
        return None
    body = "\n    ".join([*writer.lines, *texts])
    source = f"def call(args):\n    {body}\n"
    engine = variant.engine
    known = {**NAMES, "parameters": variant.parameters}
    known |= {f"own{i}": array for i, array in enumerate(own or ())}
    if isinstance(engine, NumpyEngine):
        known["program"] = engine.function
    else:
        known |= {"arrays": engine.arrays, "idle": engine.idle, "run": engine.tape.value_and_grad}
        known |= {f"place{i}": p for i, p in enumerate(engine.places)}
    made: Callable[..., Any] = execute(source, f"call {id(variant):x}", known)["call"]
    return made


def _checks(
    variant: Variant, key: Key, names: tuple[str, ...], batch: tuple[str, ...], writer: _Writer
) -> list[str]:
    """Write what refuses batches of different lengths, and wrong positions."""
    batches = [f"len(arg{i})" for i, name in enumerate(names) if name in batch]
    lines = [f"if not {' == '.join(batches)}: return None"] if len(batches) > 1 else []
    kinds = [leaf for part in key[1:] for leaf in leaves_of(part)]
    for place, positions, bound, size in variant.bounds:
        assert place is not None
        name = writer.found[place]
        check = f"check_index(asarray({name}), {positions}, {bound}, {size})"
        if kinds[place][0] == "a" and kinds[place][2] and len(positions) == size:
            # All are whole numbers and all select: 1.3 us in place of 3.8.
            check = f"if least({name}) < 0 or most({name}) >= {bound}: {check}"
        lines.append(check)
    return lines + _converted(variant, kinds, writer)


def _converted(variant: Variant, kinds: Sequence[Any], writer: _Writer) -> list[str]:
    """Write what makes floats of whole numbers, but for positions: arithmetic would wrap around."""
    lines = []
    for array, place in zip(variant.program.arrays, variant.sources, strict=True):
        if place is not None and kinds[place][0] == "a" and kinds[place][2]:
            body = variant.program.source.partition("\n")[2].replace(f"whole({array.name})", "")
            if re.search(rf"\b{array.name}\b(?!\.shape)", body):
                lines.append(f"{writer.found[place]} = {writer.found[place]}.astype(float)")
    return lines


def _all(variant: Variant) -> str:
    """Write all gradients, as the program has them."""
    return "(" + "".join(f"g{i}, " for i in range(len(variant.program.wanted))) + ")"


def _results(
    variant: Variant, key: Key, names: tuple[str, ...], wrt: tuple[str, ...], writer: _Writer
) -> list[str] | None:
    """Write the run and what is returned."""
    program = variant.program
    gradient: dict[int, str] = {}
    numpy = variant.engine.name == "numpy"
    own = owned(program.source) if numpy else []
    fresh = {f"g{i}" for i, is_own in enumerate(own) if is_own}
    wanted = {array: i for i, array in enumerate(program.wanted)}
    for i, (array, source) in enumerate(zip(program.arrays, variant.sources, strict=True)):
        if source is not None and array in wanted:
            gradient[source] = f"g{wanted[array]}" if numpy else f"grads[place{i}]"
    returned = written_result(key, names, wrt, gradient, variant, fresh)
    if returned is None:
        return None
    if variant.engine.name == "tape":
        lines = ["row = gather(parameters)"] if variant.parameters else []
        start = 0
        for i, (array, source) in enumerate(zip(program.arrays, variant.sources, strict=True)):
            text, start = _given(array, source, start, writer)
            lines.append(f"own[place{i}] = {text}")
        lines += ["value = run(own, grads)", f"found = value, {returned}"]
        return ["own, grads = pair = arrays()", *lines, "idle.append(pair)", "return found"]
    return [*_numpy_run(variant, writer), f"return float(value), {returned}"]


def _given(array: Any, source: int | None, start: int, writer: _Writer) -> tuple[str, int]:
    if source is not None:
        text = writer.found[source]
        if array.sample:
            turned = {0: text, 1: f"{text}.T"}
            text = turned.get(len(array.shape), f"moveaxis({text}, 0, -1)")
        return text, start
    end = start + array.ids.size
    shape = ", ".join(map(str, array.shape))
    text = f"row[{start}]" if not array.shape else f"row[{start}:{end}].reshape({shape})"
    return text, end


def _numpy_run(variant: Variant, writer: _Writer, *, own: bool = False) -> list[str]:
    program = variant.program
    lines = ["row = gather(parameters)"] if variant.parameters and not own else []
    texts, start, number = [], 0, count()
    for array, source in zip(program.arrays, variant.sources, strict=True):
        text, start = _given(array, source, start, writer)
        if source is not None and not array.shape and not array.sample:
            # A float of Python's would raise for 1 / 0, and (-2.0) ** 0.5 would be complex.
            text = f"float64({text})"
        texts.append(f"own{next(number)}" if own and source is None else text)
    gradients = [f"g{i}" for i in range(len(program.wanted))]
    outcomes = [f"o{i}" for i in range(len(program.guards))]
    targets = ["value"]
    targets += [f"({', '.join(gradients)},)"] if gradients else []
    targets += [f"({', '.join(outcomes)},)"] if outcomes else []
    lines += [
        "with errstate(all='ignore'):",
        f"    {', '.join(targets)} = program({', '.join(texts)})",
        "    size = " + " + ".join(["value * value", *(f"vdot({g}, {g})" for g in gradients)]),
        "if not size < 1e308: return None",
    ]
    for name, guard in zip(outcomes, program.guards, strict=True):
        test = f"not asarray({name}).all()" if guard.outcome else f"asarray({name}).any()"
        lines.append(f"if {test}: return None")
    return lines
