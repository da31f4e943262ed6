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

`Value`, the functions of the table and what they need are imported with the package; the rest
(derivatives of functions, the compiler, exports, checks) when it is first used.
"""

from typing import TYPE_CHECKING

from autograd import errors, graph, primitives
from autograd._lazy import attach
from autograd._version import __version__
from autograd.context import no_grad
from autograd.functions import *  # noqa: F403 - every primitive of the table, by name
from autograd.functions import __all__ as _functions
from autograd.functions.stop_gradients import (  # type: ignore[no-redef]
    stop_gradient,  # noqa: F401 - for the table's
)
from autograd.kernels.selection import kernel, kernel_info
from autograd.value import Value, constant
from autograd.value_array import ValueArray

if TYPE_CHECKING:
    from autograd import check, export, tree
    from autograd.anomaly import detect_anomaly
    from autograd.compiler.compiled import Compiled
    from autograd.compiler.function import compile
    from autograd.compiler.lifted import Lifted, lift
    from autograd.custom_ops.custom import custom
    from autograd.custom_ops.custom_vjp import custom_vjp
    from autograd.data import get_data, set_data, values
    from autograd.engine.checkpoint import checkpoint
    from autograd.scipy_problem import scipy
    from autograd.threads import get_num_threads, set_num_threads
    from autograd.transforms.evaluation import Transform
    from autograd.transforms.forward import hvp, jvp
    from autograd.transforms.gradient import gradient
    from autograd.transforms.jacobians import derivative, hessian, jacobian
    from autograd.transforms.reverse import grad, value_and_grad, vjp

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
    "get_num_threads",
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
    "primitives",
    "scipy",
    "set_data",
    "set_num_threads",
    "tree",
    "value_and_grad",
    "values",
    "vjp",
]
__all__ += _functions  # noqa: PLE0605 - a list of names, as the line above

__getattr__, _lazy_names = attach(
    __name__,
    {
        "autograd.anomaly": ["detect_anomaly"],
        "autograd.compiler.compiled": ["Compiled"],
        "autograd.compiler.function": ["compile"],
        "autograd.compiler.lifted": ["Lifted", "lift"],
        "autograd.custom_ops.custom": ["custom"],
        "autograd.custom_ops.custom_vjp": ["custom_vjp"],
        "autograd.data": ["get_data", "set_data", "values"],
        "autograd.engine.checkpoint": ["checkpoint"],
        "autograd.scipy_problem": ["scipy"],
        "autograd.threads": ["get_num_threads", "set_num_threads"],
        "autograd.transforms.evaluation": ["Transform"],
        "autograd.transforms.forward": ["hvp", "jvp"],
        "autograd.transforms.gradient": ["gradient"],
        "autograd.transforms.jacobians": ["derivative", "hessian", "jacobian"],
        "autograd.transforms.reverse": ["grad", "value_and_grad", "vjp"],
    },
    submodules=["check", "export", "tree"],
)


def __dir__() -> list[str]:
    return sorted(__all__)
