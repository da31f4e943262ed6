"""Lift scalar programs into NumPy: trace, group, find places, differentiate, write, run, call.

Stages, a room each, from the ground up: `runtime` has what a program's lines call; `tracing` runs
the function once and records it; `layout` says which array holds which number and how it is read;
`vectorize` makes sums of products of the trace, packs what does the same at the same depth and
matches matrix products; `ir` is the program as typed equations over arrays, which are
differentiated, simplified and printed there; `tape` replays node by node instead; `programs` are
what comes of a trace; `executors` run them; `dispatch` finds the program of a call. On top stands
what users call: `compiled`, `forward` and `lifted`, made by `function`.
"""

from autograd.compiler.compiled import Compiled
from autograd.compiler.function import compile
from autograd.compiler.lifted import Lifted, lift

__all__ = ["Compiled", "Lifted", "compile", "lift"]
