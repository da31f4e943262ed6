"""Programs given as data, for two kernels to be compared.

``python -m tests.helpers.programs`` reads a program from each line and writes what came of it.

A program is {"leaves": [numbers], "steps": [[operation, [positions of operands, or numbers]]]};
each step's result is the next position. Numbers travel as hex, so that every bit is compared.
"""

import json
import sys

import autograd
import viz
from autograd import Value
from autograd.graph import topological
from autograd.primitives import TABLE


def apply(op, operands):
    """Apply an operation of the table to nodes and numbers."""
    function = getattr(autograd, op)
    entry = TABLE[op]
    if entry.arguments == ("xs", "ys", "b"):
        half = len(operands) // 2
        return function(operands[:half], operands[half : 2 * half], *operands[2 * half :])
    if op == "softmax":
        return function(operands)[-1]
    if entry.arguments == ("xs", "k"):
        return function(operands, len(operands) - 1)
    return function(operands) if entry.variadic else function(*operands)


def run(program):
    """Build, differentiate and describe a program's last result."""
    nodes = [Value(number) for number in program["leaves"]]
    for op, operands in program["steps"]:
        made = apply(op, [nodes[x] if isinstance(x, int) else x for x in operands])
        nodes.append(made if isinstance(made, Value) else Value(made))  # numbers alone: a float
    result = nodes[-1]
    result.backward()
    order = topological(result)
    return {
        "ops": [v.op for v in order],
        "inputs": [[order.index(x) for x in v.inputs] for v in order],
        "data": [v.data.hex() for v in order],
        "grads": [v.grad.hex() for v in order],
        "partials": [[d.hex() for d in v.partials] for v in order],
        "dot": viz.draw(result).dot,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
