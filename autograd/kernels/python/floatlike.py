"""What a `Value` has in common with a float: conversions, comparisons, rounding."""

import operator
from collections.abc import Callable
from typing import Any, Self, SupportsIndex

from autograd import float_guard
from autograd._checks import comparable
from autograd.context import context, on_compare, on_concretize
from autograd.kernels.python.operations import Operations
from autograd.primitives import DETACHED


class FloatLike(Operations):
    """Methods that Python asks a number for; comparisons are by number."""

    __slots__ = ()

    _data: float
    _op: str

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if context.active:
            on_concretize("format", self)
        return format(self._data, spec)

    def __float__(self) -> float:
        if self._op not in DETACHED:
            float_guard.check("float", self)
        if context.active:
            on_concretize("float", self)
        return self._data

    def __int__(self) -> int:
        if self._op not in DETACHED:
            float_guard.check("int", self)
        if context.active:
            on_concretize("int", self)
        return int(self._data)

    def __index__(self) -> int:
        raise float_guard.no_index(self)

    def __bool__(self) -> bool:
        outcome = self._data != 0
        if context.active:
            on_compare("!=", self, 0.0, outcome)
        return outcome

    def __eq__(self, other: object) -> bool:
        return _compare(operator.eq, "==", self, other)

    def __ne__(self, other: object) -> bool:
        return _compare(operator.ne, "!=", self, other)

    __hash__ = object.__hash__  # of the node: sets and dictionaries hold nodes, not numbers

    def __lt__(self, other: Any) -> bool:
        return _compare(operator.lt, "<", self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(operator.le, "<=", self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(operator.gt, ">", self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(operator.ge, ">=", self, other)

    def __pos__(self) -> Self:
        return self

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return other // self, other % self

    def __round__(self, digits: SupportsIndex | None = None) -> Self:
        return self.round(0 if digits is None else operator.index(digits))

    def __floor__(self) -> Self:
        return self.floor()

    def __ceil__(self) -> Self:
        return self.ceil()

    def __trunc__(self) -> Self:
        return self.ceil() if self < 0 else self.floor()  # a comparison, which a tracer must know

    def conjugate(self) -> Self:
        """Return itself, a real number; NumPy asks for it in ``np.std`` and ``np.vdot``."""
        return self


def _compare(test: Callable[[Any, Any], bool], sign: str, x: FloatLike, other: Any) -> bool:
    y = _number(other)
    if y is None or (isinstance(y, complex) and sign not in {"==", "!="}):  # those have no order
        return NotImplemented  # type: ignore[no-any-return]
    outcome = test(x._data, y)  # noqa: SLF001 - its own field
    if context.active:
        on_compare(sign, x, other, outcome)
    if not outcome and sign in {">=", "<="} and (context.active or x._data != x._data or y != y):  # noqa: SLF001 - whether one is NaN
        float_guard.check_extreme(x, other)
    return outcome


def _number(other: Any) -> Any:
    if isinstance(other, FloatLike):
        return other._data  # noqa: SLF001 - its own field: no property call
    return comparable(other)
