"""Random programs against mpmath, PyTorch and JAX: tests, to be run for as long as is wanted."""

import math
import warnings
from collections import Counter
from functools import partial

from hypothesis import given

from benchmarks.accuracy.references import REFERENCES
from tests.fuzz.programs import NAMES, describe, ours, programs, reference, with_end

TRIED = Counter()  # programs by outcome; the long run reports them
SKIP = (ValueError, ArithmeticError)  # a pole, or a root of what is negative


def expected(program):
    """Return the true numbers and how far ours may be off; None where rounding leaves a domain."""
    try:
        found = reference(program)
    except SKIP:
        TRIED["left a domain"] += 1
        return None
    return found


@given(programs())
def against_mpmath(program):
    """Hold value and gradients to the true ones."""
    wanted = expected(program)
    if wanted is None:
        return
    value, gradients = ours(program)
    for got, (want, allowed) in zip((value, *gradients), wanted, strict=True):
        if abs(want) > 1e300 or allowed > abs(want) + 1:
            TRIED["too ill conditioned to judge"] += 1
            return
        assert math.isfinite(got), describe(program)
        assert abs(got - want) <= allowed, (
            f"{describe(program)}\n{got!r}, not {float(want)!r}: off by "
            f"{float(abs(got - want)):.3g}, allowed {float(allowed):.3g}"
        )
    TRIED["judged"] += 1


def against(peer, functions):
    """Return the test that holds another library's numbers to ours, as exactly as both can be."""
    known = tuple(name for name in NAMES if name in functions and name not in KINKS)

    @given(programs(known, 6))
    def test(program):
        wanted = expected(program)
        if wanted is None:
            return
        value, gradients = ours(program)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            others = peer(program, functions)
        for got, theirs, (want, allowed) in zip((value, *gradients), others, wanted, strict=True):
            if not math.isfinite(theirs) or abs(want) > 1e200 or allowed > 1e-9 * (1 + abs(want)):
                TRIED["theirs is not finite, or it is ill conditioned"] += 1
                return
            assert math.isclose(got, theirs, rel_tol=1e-8, abs_tol=1e-8), describe(program)
        TRIED["judged"] += 1

    return test


def run_in(program, functions, leaves, constant, row):
    """Run a program on another library's functions: of scalars, or of one row of them."""
    nodes = list(leaves)
    for op, operands in program["steps"]:
        xs = [nodes[x] if isinstance(x, int) else constant(x) for x in operands]
        if op in REFERENCES:
            nodes.append(functions[op](*xs))
        else:
            nodes.append(functions[op](row([*xs, *map(constant, with_end(op, xs)[len(xs) :])])))
    return nodes[-1]


def in_pytorch(program, functions):
    """Return value and gradients of PyTorch."""
    import torch

    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program["leaves"]]
    constant = partial(torch.tensor, dtype=torch.float64)
    z = run_in(program, functions, leaves, constant, torch.stack)
    if z.requires_grad:
        z.backward()
    return [z.item(), *(0.0 if x.grad is None else x.grad.item() for x in leaves)]


def in_jax(program, functions):
    """Return value and gradients of JAX."""
    import jax

    def function(leaves):
        return 1.0 * run_in(program, functions, leaves, float, jax.numpy.stack)

    value, slopes = jax.value_and_grad(function)([jax.numpy.float64(x) for x in program["leaves"]])
    return [float(value), *map(float, slopes)]


# Where libraries differ by convention: the derivative at a tie, at a kink, of a remainder.
KINKS = {
    *("abs", "relu", "leaky_relu", "elu", "selu", "maximum", "minimum", "max", "min", "clip"),
    *("floor", "ceil", "round", "sign", "floordiv", "mod", "where", "norm", "hypot", "atan2"),
}


def peer(library):
    """Return the test against a library, by the name of its module in `benchmarks.accuracy`."""
    from benchmarks.accuracy import jax, pytorch

    if library == "pytorch":
        import torch

        return against(in_pytorch, pytorch.functions(torch))
    import jax as other

    other.config.update("jax_enable_x64", True)
    return against(in_jax, jax.functions(other))
