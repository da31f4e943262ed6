"""Where calls of a compiled function come in: small programs of floats are answered at once.

The call of a program of ten nodes costs more than its numbers do. Where all arguments are floats
and the tape is compiled, it goes straight to C.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.arguments import Key
from autograd.compiler.engines import TapeEngine
from autograd.compiler.tape import COMPILED
from autograd.compiler.variant import Variant

__all__ = ["LARGEST", "Front", "small_call"]
LARGEST = 10_000  # nodes: larger programs let other threads run meanwhile

if TYPE_CHECKING or not COMPILED:

    class Front:
        """What a compiled function's call goes through; in C it looks for a small program first."""

        small: Any = None
        last: Variant | None = None

        def __call__(self, *args: Any) -> tuple[float, Any]:
            """Return the value and the gradients."""
            return self.general(args)

        def general(self, args: tuple[Any, ...]) -> tuple[float, Any]:
            """Return the value and the gradients of any arguments."""
            raise NotImplementedError

    Small: Any = None
else:
    from autograd.native._tape import Front, Small


def small_call(variant: Variant, key: Key, names: tuple[str, ...], wrt: tuple[str, ...]) -> Any:
    """Return the call of a program of floats in C; None where it is no such program."""
    program, engine = variant.program, variant.engine
    size = len(program.scalars.ops)
    if (
        not COMPILED
        or not isinstance(engine, TapeEngine)
        or program.guards
        or variant.parameters
        or variant.bounds
        or size > LARGEST
        or not any(name in wrt for name in names)
        or any(part != ("n", (), False) for part in key)
    ):
        return None
    places = np.full(len(names), size, np.int32)  # an argument that is not used has no node
    for array, source in zip(program.arrays, variant.sources, strict=True):
        places[source] = array.ids
    wanted = places[[name in wrt for name in names]]
    return Small(engine.tape, variant, program.scalars.numbers, places, wanted)
