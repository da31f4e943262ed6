"""Write how one variant's straight call runs the program, and what it returns."""

from collections.abc import Sequence

from autograd.compiler.dispatch.arguments import Arguments
from autograd.compiler.dispatch.result import written_outputs, written_result
from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.outputs import ForwardSpecialization
from autograd.compiler.executors.specialization import Specialization
from autograd.compiler.ir.attributes import owned
from autograd.tree_spec import NOTHING

LARGEST_SUM = "1e308"  # a sum of squares below this is one of finite numbers; 20 times cheaper


def written_run(
    variant: Specialization,
    key: Key,
    settings: Settings,
    writer: Arguments,
    *,
    rows: bool = False,
) -> list[str] | None:
    """Write the run and what is returned; None where there is no quick way.

    ``rows``: parameters are arrays that the writer knows; gradients are returned as they are.
    """
    if rows:
        return _on_rows(variant, writer) if key[0] else None
    if isinstance(variant, ForwardSpecialization):
        return _forward(variant, settings, writer)
    if not key[0]:
        return [*_numpy_run(variant, writer, "value", ["value"], []), "return float(value)"]
    return _with_gradients(variant, key, settings, writer)


def _with_gradients(
    variant: Specialization, key: Key, settings: Settings, writer: Arguments
) -> list[str] | None:
    program = variant.program
    gradient: dict[int, str] = {}
    numpy = variant.engine.name == "numpy"
    own = owned(program.equations) if numpy and program.equations else []
    fresh = {f"g{i}" for i, is_own in enumerate(own) if is_own}
    wanted = {array: i for i, array in enumerate(program.wanted)}
    for i, (array, source) in enumerate(zip(program.arrays, variant.sources, strict=True)):
        if source is not None and array in wanted:
            gradient[source] = f"g{wanted[array]}" if numpy else f"grads[place{i}]"
    returned = written_result(key, settings, gradient, variant, fresh, writer)
    if returned is None:
        return None
    if not numpy:
        return _tape_run(variant, writer, returned)
    return [*_gradients_run(variant, writer), f"return float(value), {returned}"]


def _on_rows(variant: Specialization, writer: Arguments) -> list[str]:
    """Write the run on arrays of parameters."""
    names = "".join(f"g{i}, " for i in range(len(variant.program.wanted)))
    return [*_gradients_run(variant, writer, rows=True), f"return float(value), ({names})"]


def _gradients_run(variant: Specialization, writer: Arguments, *, rows: bool = False) -> list[str]:
    names = [f"g{i}" for i in range(len(variant.program.wanted))]
    target = f"value, ({', '.join(names)},)" if names else "value"
    return _numpy_run(variant, writer, target, ["value"], names, rows=rows)


def _tape_run(variant: Specialization, writer: Arguments, returned: str) -> list[str]:
    lines = ["row = get_data(parameters)"] if variant.parameters else []
    lines += [f"own[place{i}] = {text}" for i, text in enumerate(_given(variant, writer))]
    lines += ["value = run(own, grads)", f"found = value, {returned}"]
    return ["own, grads = pair = arrays()", *lines, "idle.append(pair)", "return found"]


def _forward(
    variant: ForwardSpecialization, settings: Settings, writer: Arguments
) -> list[str] | None:
    """Write the run of a program without gradients: all numbers are to be finite."""
    outputs = variant.program.outputs
    assert outputs is not None
    if variant.spec == NOTHING:  # None says that there is no answer
        return None
    names = [f"r{i}" for i in range(len(outputs))]
    assert variant.program.equations is not None
    own = owned(variant.program.equations)
    fresh = {name for name, is_own in zip(names, own, strict=True) if is_own}
    is_array = [bool(output.shape or output.sample) for output in outputs]
    numbers = [name for name, array in zip(names, is_array, strict=True) if not array]
    arrays = [name for name, array in zip(names, is_array, strict=True) if array]
    target = f"({', '.join(names)}{',' * bool(names)})"
    lines = _numpy_run(
        variant, writer, target, [*writer.numbers, *numbers], [*writer.arrays, *arrays]
    )
    return [*lines, f"return {written_outputs(variant, settings, fresh, writer)}"]


def _numpy_run(
    variant: Specialization,
    writer: Arguments,
    target: str,
    numbers: Sequence[str],
    arrays: Sequence[str],
    *,
    rows: bool = False,
) -> list[str]:
    """Write the run; leave to the general way where a number, or one of an array, is not finite."""
    program = variant.program
    if program.guards:  # what is compared may be read beside what is not finite
        own = [f"own{i}" for i in range(variant.sources.count(None))]
        read = own if rows else ["row"] if variant.parameters else []
        numbers = list(dict.fromkeys([*numbers, *writer.numbers]))
        arrays = list(dict.fromkeys([*arrays, *writer.arrays, *read]))
    lines = ["row = get_data(parameters)"] if variant.parameters and not rows else []
    texts = _given(variant, writer)
    parts = [i for i, source in enumerate(variant.sources) if source is None]
    for number, i in enumerate(parts if rows else ()):
        texts[i] = f"own{number}"
    for i, (array, source) in enumerate(zip(program.arrays, variant.sources, strict=True)):
        if source is not None and not array.shape and not array.sample:
            # A float of Python's would raise for 1 / 0, and (-2.0) ** 0.5 would be complex.
            texts[i] = f"float64({texts[i]})"
    outcomes = [f"o{i}" for i in range(len(program.guards))]
    squares = [*(f"{x} * {x}" for x in numbers), *(f"vdot({x}, {x})" for x in arrays)]
    targets = [target, *([f"({', '.join(outcomes)},)"] if outcomes else [])]
    lines += [
        "with errstate(all='ignore'):",
        f"    {', '.join(targets)} = program({', '.join(texts)})",
        f"    size = {' + '.join(squares) or '0.0'}",
        f"if not size < {LARGEST_SUM} and not all_finite({', '.join((*numbers, *arrays))}):",
        "    return None",
    ]
    for name, guard in zip(outcomes, program.guards, strict=True):
        test = f"not asarray({name}).all()" if guard.outcome else f"asarray({name}).any()"
        lines.append(f"if {test}: return None")
    return lines


def _given(variant: Specialization, writer: Arguments) -> list[str]:
    """Write what each array of the program is: an argument, or a part of the parameters' row."""
    texts, start = [], 0
    for array, source in zip(variant.program.arrays, variant.sources, strict=True):
        if source is None:
            end = start + array.ids.size
            shape = ", ".join(map(str, array.shape))
            texts.append(f"row[{start}:{end}].reshape({shape})" if array.shape else f"row[{start}]")
            start = end
            continue
        text = writer.found[source]
        if array.sample:
            turned = {0: text, 1: f"{text}.T"}
            text = turned.get(len(array.shape), f"moveaxis({text}, 0, -1)")
        texts.append(text)
    return texts
