"""The source of the plain kernel, as written from the table."""

import autograd
from autograd import Value
from autograd.kernels.python import codegen
from autograd.primitives import Primitive, unary

THING = Primitive(
    name="thing", rule="x / y", partials=("1 / y", "-z / y"), arguments=("x", "y"),
    operator="thing", left_identity=2.0, summary="Do it.",
)  # fmt: skip


def test_operator_source():
    source = codegen.operator_source(THING, reflected=False)
    assert source.startswith('def __thing__(self, other):\n    """Do it."""\n    x = self._data\n')
    assert "partials = (1.0 / y if y else div(1.0, y), 0.0)" in source
    assert "return self" not in source
    reflected = codegen.operator_source(THING, reflected=True)
    assert "def __rthing__(self, other):" in reflected
    assert "if x == 2.0:\n            return self" in reflected
    assert "node._inputs = (other, self)" in reflected


def test_unary_and_apply_source():
    entry = unary("half", "x / 2", "0.5", summary="Halve.")
    assert codegen.unary_source(entry, "half").splitlines()[:4] == [
        "def half(self):", '    """Halve."""', "    x = self._data", "    z = x / 2.0",
    ]  # fmt: skip
    apply = codegen.apply_source(THING)
    assert apply.startswith("def apply_thing(x_, y_):\n")
    assert "0.0 if x_._op == 'constant' else 1.0 / y if y else div(1.0, y)" in apply
    for source in (apply, codegen.unary_source(entry, "half")):
        compile(source, "<generated>", "exec")


def test_derivatives_by_constants_are_not_computed():
    """0 ** v needs no logarithm of 0 for the base's derivative, v ** 2 none of v."""
    v = Value(-2.0)
    assert (v**2).partials == (-4.0, 0.0)
    assert autograd.pow(v, 2).partials == (-4.0, 0.0)
    assert autograd.leaky_relu(v).partials == (0.01, 0.0)
