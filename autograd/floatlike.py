"""What a `Value` has in common with a float: conversions, comparisons, rounding."""

import operator
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

from autograd import mathguard
from autograd.numbers import float_or_none
from autograd.operations import Operations

if TYPE_CHECKING:
    from autograd.value import Value


class FloatLike(Operations):
    """Methods that Python asks a number for; comparisons are by number."""

    __slots__ = ()

    _data: float

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else str(self)

    def __float__(self) -> float:
        mathguard.check()
        return self._data

    def __int__(self) -> int:
        return int(self._data)

    def __bool__(self) -> bool:
        return self._data != 0

    def __lt__(self, other: Any) -> bool:
        y = _number(other)
        return NotImplemented if y is None else self._data < y

    def __le__(self, other: Any) -> bool:
        y = _number(other)
        return NotImplemented if y is None else self._data <= y

    def __gt__(self, other: Any) -> bool:
        y = _number(other)
        return NotImplemented if y is None else self._data > y

    def __ge__(self, other: Any) -> bool:
        y = _number(other)
        return NotImplemented if y is None else self._data >= y

    def __pos__(self) -> Self:
        return self

    def __divmod__(self, other: Any) -> tuple["Value", "Value"]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple["Value", "Value"]:
        return other // self, other % self

    def __round__(self, digits: SupportsIndex | None = None) -> "Value":
        return self.round(0 if digits is None else operator.index(digits))

    def __floor__(self) -> "Value":
        return self.floor()

    def __ceil__(self) -> "Value":
        return self.ceil()

    def __trunc__(self) -> "Value":
        return self.ceil() if self._data < 0 else self.floor()

    def conjugate(self) -> Self:
        """Return itself, a real number; NumPy asks for it in ``np.std`` and ``np.vdot``."""
        return self


def _number(other: Any) -> float | None:
    if isinstance(other, FloatLike):
        return other._data  # noqa: SLF001 - its own field: no property call
    return other if isinstance(other, (int, float)) else float_or_none(other)  # ints of any size
