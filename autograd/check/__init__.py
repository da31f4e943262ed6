"""Gradient checks that name the arguments and the operations that are wrong.

>>> import autograd
>>> def f(x, y):
...     return autograd.sin(x * y) + autograd.exp(x)
>>> autograd.check.gradients(f, (0.5, 2.0))
derivative  for         computed       expected               verdict
first       x           2.729325882    2.729325882 ± ...      ok
first       y           0.2701511529   0.2701511529 ± ...     ok
second      x           -1.338232265   -1.338232265 ± ...     ok       along a random direction
second      y           -0.3159887208  -0.3159887208 ± ...    ok       along a random direction
forward     the result  ...            ...                    ok       along a random direction
operation   mul         ...            ...                    ok       worst of 3: ...
operation   sin         0.5403023059   0.5403023059 ± ...     ok       worst of 1: sin(mul=1.0)
...
"""

from autograd.check.gradients import gradients
from autograd.check.report import GradientError, Report, Row

__all__ = ["GradientError", "Report", "Row", "gradients"]
