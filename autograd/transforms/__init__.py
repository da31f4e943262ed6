"""Derivatives of every kind, as functions of functions.

`calls` runs a function on fresh nodes and says what came out; `reverse` has `grad` and `vjp`,
`forward` has `jvp` and `hvp`, `matrices` has `jacobian` and `hessian`, `orders` the n-th
derivative. All send local derivatives of the one table along the recorded graph
(`autograd.engine.reverse`).
"""

from autograd.transforms.evaluation import Transform
from autograd.transforms.forward import hvp, jvp
from autograd.transforms.matrices import derivative, hessian, jacobian
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
