"""Check that an array program is well formed: what every pass has to leave so."""

from collections.abc import Iterable

from autograd.compiler.ir.array_ir import ArrayProgram, Expression, Variable, infer, walk
from autograd.errors import LoweringError


def validate_equations(program: ArrayProgram) -> None:
    """Check each equation of a program; raise `LoweringError` for the first that is not sound.

    Names are given once, and before they are read; shapes and dtypes are those that the primitives
    give; the value is one number; a gradient has the shape of its input.

    >>> from autograd.compiler.ir.builder import Builder
    >>> from autograd.compiler.ir.array_ir import Equation
    >>> x, z = Variable("x", (3,), "argument"), Variable("z", (3,), "result")
    >>> validate_equations(ArrayProgram((x,), {}, [Equation(z, Builder().call("exp", z))]))
    Traceback (most recent call last):
    autograd.errors.LoweringError: z is read before an equation gives it a value
    """
    known: set[Variable] = set(program.inputs)
    names = {variable.name for variable in program.inputs} | set(program.constants)
    if len(names) < len(program.inputs) + len(program.constants):
        raise LoweringError("two inputs or constants have one name")
    for equation in program.equations:
        _check([equation.expression], known)
        for result in equation.results:
            if result.name in names:
                raise LoweringError(f"{result.name} is given a value twice")
            names.add(result.name)
            known.add(result)
        if equation.result.shape != equation.expression.shape:
            raise LoweringError(
                f"{equation.result.name} has the shape {equation.result.shape}, its expression "
                f"{equation.expression.shape}"
            )
    _check(program.results, known)
    if program.value is not None and program.value.shape != ():
        raise LoweringError(f"the value has the shape {program.value.shape}")


def _check(roots: Iterable[Expression], known: set[Variable]) -> None:
    for x in walk(roots):
        if isinstance(x, Variable):
            if x not in known and x.kind != "constant":
                raise LoweringError(f"{x.name} is read before an equation gives it a value")
        elif (found := infer(x.primitive, x.operands, x.attributes)) != (x.shape, x.dtype):
            raise LoweringError(f"{x!r} is {(x.shape, x.dtype)}, and should be {found}")
