"""Function transforms: `grad`, `vjp`, `jvp`, `hvp`, `jacobian`, `hessian`, `derivative`.

Each runs the function on fresh nodes (`evaluation`) and then walks the recorded graph, in reverse
or forward mode (`autograd.engine`).
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
