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
from autograd import check, errors, export, graph
from autograd import primitives as ops
from autograd._version import __version__
from autograd.anomaly import detect_anomaly
from autograd.compiler import Compiled, Lifted, compile, lift
from autograd.context import no_grad
from autograd.custom_ops.custom import custom
from autograd.custom_ops.custom_vjp import custom_vjp
from autograd.data import get_data, set_data, values
from autograd.engine.checkpoint import checkpoint
from autograd.functions import *  # noqa: F403 - every primitive of the table, by name
from autograd.functions import __all__ as _functions
from autograd.functions.stop_gradients import stop_gradient  # type: ignore[no-redef] # noqa: F401 - for the table's
from autograd.kernels.selection import kernel, kernel_info
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
from autograd.transforms.gradient import gradient
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
    "custom_vjp",
    "derivative",
    "detect_anomaly",
    "errors",
    "export",
    "get_data",
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
    "scipy",
    "set_data",
    "value_and_grad",
    "values",
    "vjp",
]
__all__ += _functions  # noqa: PLE0605 - a list of names, as the line above
