"""Lift scalar programs into NumPy: trace, normalise, group, recognise, differentiate, write.

Stages, a file each: `trace` runs the function once and records it; `normalise` makes sums of
products of it; `groups` collects what does the same at the same depth; `grids` finds matrix
products; `store` and `views` say which array holds which number and how to read it; `instructions`
puts these together; `adjoints` differentiates; `rules` reads the table; `emit` and `tidy` write;
`engines` run it. `compiled` and `lifted` are what users call.
"""

from autograd.compiler.compiled import Compiled
from autograd.compiler.function import compile
from autograd.compiler.lifted import Lifted, lift

__all__ = ["Compiled", "Lifted", "compile", "lift"]
