"""Derivatives of every kind, as functions of functions.

`evaluation` runs a function on fresh nodes; `reverse` has `grad` and `vjp`, `forward` has `jvp` and
`hvp`, `matrices` has `jacobian`, `hessian` and the n-th derivative. All multiply the local
derivatives along the recorded graph (`autograd.engine`).
"""

from autograd.transforms.evaluation import Transform
from autograd.transforms.forward import hvp, jvp
from autograd.transforms.jacobians import derivative, hessian, jacobian
from autograd.transforms.reverse import grad, value_and_grad, vjp

__all__ = [
    "Transform",
    "derivative",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]
