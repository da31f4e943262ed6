"""Nodes that are told what to do, by commands that are data: ``python -m tests.fuzz.world``.

Each command is a list, each reply what can be seen afterwards, with floats in hexadecimal; so two
processes on two kernels can be held to the same bits.
"""

import copy
import json
import pickle
import sys

import autograd
import viz
from autograd import Value, constant, gradient


def bits(number):
    """Write a float so that each bit shows."""
    return float(number).hex()


class World:
    """Nodes by number; a command may add some, at the end."""

    def __init__(self):
        self.nodes = []

    def do(self, command):
        """Run one command; return what it gives, or the kind of its error."""
        name, *operands = command
        try:
            return getattr(self, name)(*operands)
        except (TypeError, ValueError, RuntimeError, AttributeError) as error:
            return {"error": type(error).__name__, "words": str(error)}

    def seen(self, node):
        """Return all that is to be seen of a node by itself."""
        return {
            "data": bits(node.data),
            "grad": bits(node.grad) if node.has_grad else None,
            "op": node.op,
            "label": node.label,
            "partials": [bits(d) for d in node.partials],
            "constant": node.is_constant,
            "leaf": node.is_leaf,
        }

    def look(self):
        """Return all nodes as they are."""
        return [self.seen(node) for node in self.nodes]

    def add(self, *nodes):
        """Keep nodes; return what is to be seen of them."""
        self.nodes += nodes
        return [self.seen(node) for node in nodes]

    def leaf(self, number, label):
        return self.add(Value(float.fromhex(number), label))

    def constant(self, number):
        return self.add(constant(float.fromhex(number)))

    def apply(self, op, places, recorded):
        function = getattr(autograd, op)
        operands = [self.nodes[i] for i in places]
        if op == "dot":
            half = len(operands) // 2
            operands = [operands[:half], operands[half : 2 * half], *operands[2 * half :]]
        elif op in {"sum", "prod"}:
            operands = [operands]
        if recorded:
            return self.add(function(*operands))
        with autograd.no_grad():
            return self.add(function(*operands))

    def set(self, place, number):
        self.nodes[place].data = float.fromhex(number)

    def name(self, place, label):
        self.nodes[place].label = label

    def backward(self, place):
        self.nodes[place].backward()

    def zero_grad(self, place):
        self.nodes[place].zero_grad()

    def detach(self, place):
        return self.add(self.nodes[place].detach())

    def gradient(self, place, wrt):
        return [bits(g) for g in gradient(self.nodes[place], [self.nodes[i] for i in wrt])]

    def graph_of_gradient(self, place, wrt):
        """Differentiate twice; the graphs between are dropped."""
        xs = [self.nodes[i] for i in wrt]
        first = gradient(self.nodes[place], xs, create_graph=True)
        second = [gradient(g, xs) for g in first]
        return [[bits(g.data) for g in first], [[bits(d) for d in row] for row in second]]

    def lift(self, place, wrt, engine):
        """Run the graph as a program, at the leaves' numbers."""
        leaves = [self.nodes[i] for i in wrt]
        program = autograd.lift(self.nodes[place], leaves, engine=engine, exact=True)
        value, slopes = program(*[leaf.data for leaf in leaves])
        return [bits(value), [bits(g) for g in slopes]]

    def shallow(self, place):
        return self.add(copy.copy(self.nodes[place]))

    def deep(self, places, way):
        """Copy whole graphs, together, by deepcopy or by pickle."""
        nodes = [self.nodes[i] for i in places]
        made = copy.deepcopy(nodes) if way == "copy" else pickle.loads(pickle.dumps(nodes))
        return self.add(*made)

    def draw(self, place):
        return [viz.draw(self.nodes[place]).dot, str(viz.text(self.nodes[place], width=80))]


def serve():
    """Answer commands, one a line; ``["new"]`` begins again."""
    world = World()
    for line in sys.stdin:
        command = json.loads(line)
        if command == ["new"]:
            world = World()
            reply = None
        else:
            reply = world.do(command)
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
