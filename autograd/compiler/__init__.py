"""Lift scalar programs into NumPy: trace, group, find places, differentiate, write, run, call.

Stages, a room each, from the ground up: `words` has what the text of a program is made of;
`tracing` runs the function once and records it; `places` say which array holds which number and
how it is read; `grouping` makes sums of products of what was traced, collects what does the same
at the same depth and finds matrix products; `writing` differentiates and writes lines; `tape`
replays node by node instead; `programs` are what comes of a trace, as data and as text; `running`
chooses an engine and runs them; `calls` take arguments and give results. Beside the rooms, on top
of them, stands what users call: `compiled`, `forward` and `lifted`, made by `function`.
"""

from autograd.compiler.compiled import Compiled
from autograd.compiler.function import compile
from autograd.compiler.lifted import Lifted, lift

__all__ = ["Compiled", "Lifted", "compile", "lift"]
