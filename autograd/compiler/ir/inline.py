"""Put what is computed once, and read once, where it is read: short lines stay lines."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Expression, Variable, occurrences
from autograd.compiler.ir.builder import Builder, rebuilt
from autograd.compiler.ir.numpy_source import NumpyPrinter

WIDTH = 88
CUTS = {"index", "gather", "reshape", "transpose", "reduce_sum", "mean", "item"}


def inline(program: ArrayProgram, build: Builder) -> ArrayProgram:
    """Put cotangents that are read once, numbers and second names where they are read."""
    return _Inliner(program, build).run()


class _Inliner:
    """The state of one pass, from the first equation to the last.

    ``users`` has for each variable the equations that read it; one may have lost it again. The
    results of the program are the last user.
    """

    def __init__(self, program: ArrayProgram, build: Builder) -> None:
        self.program, self.build = program, build
        self.printer = NumpyPrinter()
        self.equations = program.equations
        self.results = len(self.equations)
        self.uses: Counter[Variable] = Counter()
        self.users: defaultdict[Variable, dict[int, None]] = defaultdict(dict)
        self.waiting: defaultdict[int, dict[Variable, Expression]] = defaultdict(dict)
        self.sizes: list[int] = []
        self.gone: set[int] = set()
        for i, equation in enumerate(self.equations):
            names = list(occurrences(equation.expression))
            self.sizes.append(len(names))
            self._note(i, names)
        for x in program.results:
            self._note(self.results, occurrences(x))

    def run(self) -> ArrayProgram:
        """Return the program with what remains."""
        for i, equation in enumerate(self.equations):
            self._settle(i)
            if equation.softmax is None and equation.expression.primitive != "accumulate":
                self._look_at(i, equation)
        put = self.waiting.pop(self.results, {})
        program = self.program

        def changed(group: Sequence[Expression]) -> tuple[Expression, ...]:
            return tuple([rebuilt(self.build, x, put) for x in group])

        value = None if program.value is None else rebuilt(self.build, program.value, put)
        left = [(i, equation) for i, equation in enumerate(self.equations) if i not in self.gone]
        return ArrayProgram(
            program.inputs, program.constants, [equation for _, equation in left], value,
            changed(program.gradients), changed(program.outputs), changed(program.guards),
            sum(i < program.forward_count for i, _ in left),
        )  # fmt: skip

    def _note(self, i: int, names: Iterable[Variable]) -> None:
        for variable in names:
            self.users[variable][i] = None
            self.uses[variable] += 1

    def _look_at(self, i: int, equation: Equation) -> None:
        x, variable = equation.expression, equation.result
        short = isinstance(x, Variable) or x.primitive == "number"
        single = variable.kind == "cotangent" and self.uses[variable] == 1
        if not (short or single):
            return
        later = [k for k in self.users[variable] if k > i and k not in self.gone]
        if x.primitive == "number" and any(self._cuts(k, variable) for k in later):
            equation.expression = self.build.make("asarray", x)
        elif short:
            for k in later:
                self.waiting[k][variable] = x
            self._moved(i, later)
        elif later and self._fits(i, user := min(later)):
            self.waiting[user][variable] = x
            self._settle(user)
            self._moved(i, [user])

    def _cuts(self, k: int, variable: Variable) -> bool:
        """Whether an equation names a part, or a method, of a variable."""
        roots = self.program.results if k == self.results else [self.equations[k].expression]
        stack = list(roots)
        while stack:
            x = stack.pop()
            if x.primitive in CUTS and x.operands[0] is variable:
                return True
            stack += x.operands
        return False

    def _moved(self, i: int, users: Iterable[int]) -> None:
        """Take an equation out that stands in others now."""
        self.gone.add(i)
        names = list(occurrences(self.equations[i].expression))
        for variable in names:
            self.uses[variable] -= 1
        for k in users:
            self._note(k, names)

    def _settle(self, i: int) -> None:
        """Put into an equation what waits for it."""
        if i < self.results and (put := self.waiting.pop(i, None)):
            equation = self.equations[i]
            equation.expression = rebuilt(self.build, equation.expression, put)

    def _fits(self, i: int, user: int) -> bool:
        if user == self.results or self.sizes[user] > WIDTH:
            return False
        self._settle(user)
        own = len(self.printer.text(self.equations[i].expression))
        line = self._line(self.equations[user], self.equations[i].result)
        return own + len(line) <= WIDTH

    def _line(self, equation: Equation, variable: Variable) -> str:
        """Write the line of an equation that names a variable."""
        lines = self.printer.equation(equation)
        x = equation.expression
        if x.primitive == "accumulate":
            place = next(k for k, y in enumerate(x.operands) if variable in occurrences(y))
            return lines[1 + place]
        return lines[0]
