"""Scalar automatic differentiation: numbers that remember how they were computed.

>>> import autograd
>>> from autograd import Value
>>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
>>> J = 3 * (a + b * c)
>>> J.backward()
>>> a.grad, b.grad, c.grad
(3.0, 30.0, -9.0)
>>> autograd.tanh(0.5) == autograd.tanh(Value(0.5)).data
True
"""

from autograd import arrays as _arrays  # noqa: F401 - answers NumPy's functions
from autograd import check, errors, export, graph, ops
from autograd._version import __version__
from autograd.anomaly import detect_anomaly
from autograd.chain.checkpointing import checkpoint
from autograd.chain.gradient import gradient
from autograd.compiler import Compiled, Lifted, compile, lift
from autograd.construct import gather, scatter, values
from autograd.functions import *  # noqa: F403 - every primitive of the table, by name
from autograd.functions import __all__ as _functions
from autograd.functions.stopping import stop_gradient  # type: ignore[no-redef] # noqa: F401 - for the table's
from autograd.kernels import kernel, kernel_info
from autograd.modes import no_grad
from autograd.own.custom import custom
from autograd.own.straight import custom_gradient
from autograd.scipy import scipy
from autograd.transforms import (
    Transform,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd.value import Value, constant
from autograd.value_array import ValueArray

__all__ = [
    "Compiled",
    "Lifted",
    "Transform",
    "Value",
    "ValueArray",
    "__version__",
    "check",
    "checkpoint",
    "compile",
    "constant",
    "custom",
    "custom_gradient",
    "derivative",
    "detect_anomaly",
    "errors",
    "export",
    "gather",
    "grad",
    "gradient",
    "graph",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "kernel",
    "kernel_info",
    "lift",
    "no_grad",
    "ops",
    "scatter",
    "scipy",
    "value_and_grad",
    "values",
    "vjp",
]
__all__ += _functions  # noqa: PLE0605 - a list of names, as the line above
