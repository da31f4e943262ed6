"""Build the scalar graph of a program again: what was traced is not kept as nodes."""

from autograd.compiler.programs.program import Program
from autograd.compiler.tape.plain import rules
from autograd.primitives import CONSTANT, LEAF
from autograd.value import Value, constant, restore


def replayed(program: Program) -> list[Value]:
    """Return the nodes that a program was lifted from, with the numbers of the trace.

    Node i of the list is scalar i of the program. The gradients are those of the traced result
    (of a batch: of the first sample's), where the program computes any; the others have none.

    >>> import autograd
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> nodes = replayed(autograd.lift(3 * (a + b * c), wrt=[a, b]).program)
    >>> nodes[-1].data, [(v.label, v.grad, v.has_grad) for v in nodes if v.label]
    (-84.0, [('a', 3.0, True), ('b', 30.0, True), ('c', 0.0, False)])
    """
    scalars = program.scalars
    numbers, inputs, starts = scalars.numbers.tolist(), scalars.inputs.tolist(), scalars.starts
    names = program.names
    nodes: list[Value] = []
    for i, (op, number) in enumerate(zip(scalars.ops, numbers, strict=True)):
        label = names.get(i)
        if op in {LEAF, CONSTANT}:
            nodes.append(Value(number, label) if op == LEAF else constant(number, label))
            continue
        places = inputs[starts[i] : starts[i + 1]]
        _, derivatives = rules(op)
        partials = derivatives([numbers[j] for j in places], number)
        operands = tuple([nodes[j] for j in places])
        nodes.append(restore(op, number, None, operands, tuple(partials), label))
    result = nodes[program.result]
    if not result.is_constant:
        result.backward()
    for node, live in zip(nodes, scalars.live.tolist(), strict=True):
        if not live:
            node.zero_grad()
    return nodes
