"""A compiled program whose parameters' numbers are in an array, and not in their `Value`s.

To gather the numbers of many `Value`s and to scatter their gradients costs 0.2 us each, at every
call: of a network of 50,890 parameters and 128 samples, 8 of 9 ms.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.dispatch.array_call import array_call
from autograd.compiler.dispatch.dispatcher import Dispatcher
from autograd.compiler.dispatch.guard_tree import GuardTree
from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.specialization import Specialization


class FlatParameters:
    """One program with the numbers of its parameters in a row, and their gradients in another.

    `Compiled.rows` makes it, and says how it is called. ``leaves`` are the parameters.
    """

    def __init__(self, variant: Specialization, compiled: "HasFlatParameters") -> None:
        self.compiled = compiled
        self.leaves = variant.parameters
        program, size = variant.program, len(self.leaves)
        self.numbers, self.gradients = np.zeros(size), np.zeros(size)
        self.parts = variant.cut(self.numbers)
        self.call: Any = None  # the quick call on `parts`, None where there is no quick way
        own = [array for array in program.arrays if array.kind == "parameter"]
        places = dict(zip(own, variant.cut(self.gradients), strict=True))
        self._places = [places.get(array) for array in program.wanted]

    def __call__(self, *args: Any) -> tuple[float, Sequence[Any]] | None:
        """Return the value and the gradients, in arrays as the program has them."""
        found: tuple[float, Sequence[Any]] | None = self.call(args)
        return found if found is not None and self.compiled.holds_for(*args) else None

    def keep(self, gradients: Sequence[Any]) -> None:
        """Write gradients that a call has returned into their row."""
        for place, gradient in zip(self._places, gradients, strict=True):
            if place is not None:
                place[...] = gradient


class HasFlatParameters(Dispatcher):
    """What has variants, one of which was run last."""

    name: str
    settings: Settings
    variants: OrderedDict[Key, GuardTree]

    def holds_for(self, *args: Any) -> bool:
        """Count a call whose program is run elsewhere; tell whether the program still holds."""
        raise NotImplementedError

    def rows(self) -> FlatParameters | None:
        """Return the program of the last call, to be run on an array of its parameters' numbers.

        Who changes all parameters at every call, as a training does, spares the way to the `Value`s
        and back. ``numbers`` is what the program reads, one number for each of ``leaves``. Call it
        as the function, with arrays: it returns the value and arrays of gradients, or None where
        anything is unusual, as another program is needed, or a number is not finite: then call the
        function itself. ``keep`` writes gradients into the row ``gradients``. None where the last
        call was without gradients, of the tape, where a parameter selects, or where some of them
        get no gradient.

        >>> import autograd, numpy as np
        >>> w, b = autograd.Value(2.0, "w"), autograd.Value(1.0, "b")
        >>> step = autograd.compile(lambda x: (w * x + b) ** 2, batch=["x"], engine="numpy")
        >>> x = np.array([1.0, 2.0])
        >>> step.backward(x)
        17.0
        >>> rows = step.rows()
        >>> rows.numbers[:] = autograd.get_data(rows.leaves)
        >>> value, gradients = rows(x)
        >>> rows.keep(gradients)
        >>> value, rows.gradients
        (17.0, array([13.,  8.]))
        >>> rows.numbers -= 0.125 * rows.gradients
        >>> rows(x)[0], w.data
        (0.3515625, 2.0)
        """
        variant, key = self._latest(), self._key()
        if not key[0] or variant.engine.name != "numpy":
            return None
        if variant.reached is not None or variant.beside:
            return None
        if variant.rows is None:
            variant.rows = made = FlatParameters(variant, self)
            made.call = array_call(variant, key, self.settings, made.parts)
        found: FlatParameters = variant.rows
        return None if found.call is None else found

    def _latest(self) -> Specialization:
        if self.last is None:
            raise RuntimeError(
                f"{self.name} was not called yet: a program is made at the first call, from the "
                "shapes of its arguments"
            )
        return self.last

    def _key(self) -> Key:
        """Return the structure of the last call's arguments, and whether it had gradients."""
        latest = self._latest()
        return next(key for key, known in self.variants.items() if any(latest is v for v in known))
