"""Run a program under PyTorch: a module whose parameters are the program's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from autograd._checks import one_of
from autograd.compiler.ir.evaluate import Operations
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.programs.program import CallSpec
from autograd.errors import require
from autograd.export.namespaces import constant, namespace
from autograd.export.program import (
    DTYPES,
    check_guards,
    check_operations,
    equations_of,
    evaluate,
    one_or_all,
)


def export(form: CallSpec, *, dtype: str = "float64") -> Any:
    """Return a `torch.nn.Module` of a program's value, or of several results as a tuple.

    Its parameters are the program's, by name, with their numbers of now; its ``forward`` takes the
    program's other arrays, by position or name, and PyTorch differentiates it. ``module.source`` is
    the program as NumPy has it. Where a function has a kink, such as abs at 0, the derivative is
    PyTorch's choice.
    """
    check_operations(form.program, "torch", derived=True)
    torch = require("torch", extra="torch")
    return _module_class()(form, getattr(torch, one_of("dtype", dtype, DTYPES)))


class TorchOperations(Operations):
    """PyTorch has other names, or other arguments, for some of what arrays do."""

    def __init__(self, functions: Mapping[str, Any], dtype: Any, device: Any) -> None:
        super().__init__(functions)
        self.dtype, self.device = dtype, device

    def einsum(self, x: Any, y: Any, spec: str) -> Any:
        """Return a sum of products; of numbers that a choice made, which are single by default."""
        return super().einsum(x.to(self.dtype), y.to(self.dtype), spec)

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """Return zeros."""
        return self.functions["zeros"](shape, dtype=self.dtype, device=self.device)

    def reduce_sum(self, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        """Return a sum over axes."""
        return x.sum(dim=axes, keepdim=keepdims)

    def transpose(self, x: Any, order: tuple[int, ...]) -> Any:
        """Return the axes in another order."""
        return x.permute(order)


@cache
def _module_class() -> type:
    """Make the class once PyTorch is there."""
    torch = require("torch", extra="torch")

    class ProgramModule(torch.nn.Module):  # type: ignore[misc, name-defined]
        """A program's results as a module; ``step.to("torch")`` makes it."""

        def __init__(self, form: CallSpec, dtype: Any) -> None:
            super().__init__()
            self._form = form
            self._program = program = equations_of(form.program, gradients=False)
            self._functions = namespace(_base(), "torch")
            self._dtype = dtype
            self.source = numpy_source(program)
            self.names = tuple(variable.name for variable in program.inputs)
            self.inputs = tuple(name for name in self.names if name not in form.parameters)
            for name, numbers in form.parameters.items():
                row = torch.as_tensor(np.array(numbers), dtype=dtype)
                self.register_parameter(name, torch.nn.Parameter(row))
            for name, thing in program.constants.items():
                kept = torch.as_tensor(thing, dtype=dtype if thing.dtype.kind == "f" else None)
                self.register_buffer(name, kept, persistent=False)

        def forward(self, *arrays: Any, **named: Any) -> Any:
            """Return the value, or a tuple of results; samples are along the first axis."""
            given = dict(zip(self.inputs, arrays, strict=False), **named)
            if set(given) != set(self.inputs) or len(arrays) + len(named) != len(self.inputs):
                raise TypeError(
                    f"{self._form.name}: got {len(arrays)} arrays"
                    f"{' and ' + ', '.join(named) if named else ''}; "
                    f"give {', '.join(self.inputs) or 'none'}"
                )
            own = dict(self.named_parameters(recurse=False))
            device = next(iter(own.values())).device if own else None
            row = [
                own[name]
                if name in own
                else torch.as_tensor(given[name], dtype=self._dtype, device=device)
                for name in self.names
            ]
            program = replace(self._program, constants=dict(self.named_buffers(recurse=False)))
            operations = TorchOperations(self._functions, self._dtype, device)
            results, _, outcomes = evaluate(program, row, operations)
            check_guards(self._form, [torch.as_tensor(said).cpu() for said in outcomes])
            found = [torch.as_tensor(x, dtype=self._dtype, device=device) for x in results]
            return one_or_all(found)

        def extra_repr(self) -> str:
            """Say what it takes."""
            return f"{self._form.name}: {', '.join(self.inputs)}"

    return ProgramModule


@cache
def _base() -> dict[str, Any]:
    """Return PyTorch's own functions; a number among tensors becomes one."""
    torch = require("torch", extra="torch")

    def over_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*xs: Any) -> Any:
            like = next((x for x in xs if torch.is_tensor(x) and x.is_floating_point()), None)
            kind = {} if like is None else {"dtype": like.dtype, "device": like.device}
            rows = [x if torch.is_tensor(x) else torch.as_tensor(float(x), **kind) for x in xs]
            return function(*rows)

        return called

    special = {
        "div": torch.true_divide, "mod": torch.remainder,
        "floordiv": lambda x, y: torch.floor(x / y),
        "where": lambda c, x, y: torch.where(c if c.dtype == torch.bool else c != 0, x, y),
        "abs": torch.abs, "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "hypot": torch.hypot, "max": lambda xs: torch.amax(xs, 0), "relu": torch.relu,
        "min": lambda xs: torch.amin(xs, 0), "prod": lambda xs: torch.prod(xs, 0),
        "sum": lambda xs: torch.sum(xs, 0), "norm": lambda xs: torch.linalg.vector_norm(xs, dim=0),
        "logsumexp": lambda xs: torch.logsumexp(xs, 0), "erfc": torch.special.erfc,
        "softmax": lambda xs: torch.softmax(xs, 0),
        "stop_gradient": lambda x: x.detach(),
        "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    }  # fmt: skip
    same = (
        *("pow", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square"),
        *("floor", "ceil", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh"),
        *("cosh", "tanh", "asinh", "acosh", "atanh", "erf", "lgamma", "digamma", "maximum"),
        *("minimum", "sigmoid"),
    )
    base = {name: over_tensors(getattr(torch, name)) for name in same}
    base |= {name: over_tensors(function) for name, function in special.items()}
    return {**base, **_structural(torch)}


def _structural(torch: Any) -> dict[str, Callable[..., Any]]:
    """Return what picks, spreads and takes numbers that are known."""

    def take(xs: Any, k: Any) -> Any:
        k = torch.as_tensor(k)
        full = torch.broadcast_shapes(xs.shape[1:], k.shape)
        xs = xs.broadcast_to((len(xs), *full))
        return torch.take_along_dim(xs, k.broadcast_to(full)[None], 0)[0]

    return {
        "take": take,
        "polygamma": lambda n, x: torch.polygamma(
            constant(n, "polygamma", "torch", "its order has to be a constant"), x),
        "round": lambda x, digits=0.0: torch.round(
            x, decimals=constant(
                digits, "round", "torch", "its digits have to be a constant")),
        "whole": lambda k: torch.as_tensor(k).long(), "einsum": torch.einsum,
        "concatenate": torch.cat, "asarray": torch.as_tensor, "zeros": torch.zeros,
        "broadcast_to": lambda x, shape: torch.as_tensor(x).broadcast_to(shape),
        "alike": lambda x, n: torch.as_tensor(x)[..., None].repeat_interleave(n, -1),
    }  # fmt: skip
