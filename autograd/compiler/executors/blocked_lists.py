"""Write the blocked executor's records for functions of lists, and for selections."""

from collections.abc import Sequence

from autograd.compiler.executors.blocked_operands import (
    Operand,
    UnsupportedError,
    broadcast,
    extent,
    is_batched,
)
from autograd.compiler.executors.blocked_records import Recorder, samples_last
from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.ir.array_ir import broadcast_shapes


class ListRecorder(Recorder):
    """Writes records for functions of lists, each of several records, and for selections."""

    def others(self, xs: Operand) -> Operand:
        """Return for each element the product of all others: those before it, those after it."""
        z = self.new(xs.shape, self.phase([xs], xs.shape))
        (count, *_) = xs.shape
        assert isinstance(count, int)
        part, factor = ([_element(x, i) for i in range(count)] for x in (z, xs))
        after = self.copied(factor[-1])
        self.into(part[0], "copy", self.number(1.0))
        for i in range(1, count):
            self.into(part[i], "mul", part[i - 1], factor[i - 1])
        for i in reversed(range(count - 1)):
            self.into(part[i], "mul", part[i], after)
            self.into(after, "mul", after, factor[i])
        self.release(after.buffer)
        return z

    def shares(self, xs: Operand, z: Operand) -> Operand:
        """Return 1 over their number for all elements that equal a number, 0 for the others."""
        hits = self.elementwise("same", xs, z)
        count = self.reduced("sum", hits, (0,))
        found = self.elementwise("div", hits, count)
        self.release(hits.buffer)
        self.release(count.buffer)
        return found

    def powers(self, xs: Operand) -> tuple[Operand, Operand, Operand]:
        """Return exp(x - largest) along the first axis, the largest numbers, and the sum."""
        largest = self.reduced("max", xs, (0,))
        self.check("CHECK_FINITE", largest)
        apart = self.elementwise("sub", xs, largest)
        powers = self.elementwise("exp", apart)
        self.release(apart.buffer)
        return powers, largest, self.reduced("sum", powers, (0,))

    def softmax(self, xs: Operand) -> Operand:
        """Return a softmax along the first axis."""
        powers, largest, whole = self.powers(xs)
        shares = self.elementwise("div", powers, whole)
        for x in (powers, largest, whole):
            self.release(x.buffer)
        return shares

    def logsumexp(self, xs: Operand) -> Operand:
        """Return the logarithm of a sum of powers."""
        powers, largest, whole = self.powers(xs)
        self.release(powers.buffer)
        power = self.elementwise("log", whole)
        z = self.elementwise("add", largest, power)
        for x in (largest, whole, power):
            self.release(x.buffer)
        return z

    def cross_entropy(self, xs: Operand, k: Operand) -> Operand:
        """Return a cross-entropy along the first axis."""
        powers, largest, whole = self.powers(xs)
        self.release(powers.buffer)
        return self._loss(xs, k, largest, whole)

    def cross_entropy_softmax(self, xs: Operand, k: Operand) -> tuple[Operand, Operand]:
        """Return a cross-entropy along the first axis, and the softmax."""
        powers, largest, whole = self.powers(xs)
        shares = self.elementwise("div", powers, whole)
        self.release(powers.buffer)
        return self._loss(xs, k, largest, whole), shares

    def _loss(self, xs: Operand, k: Operand, largest: Operand, whole: Operand) -> Operand:
        """Return a cross-entropy, and drop what it is made of."""
        chosen, power = self.take(xs, k), self.elementwise("log", whole)
        apart = self.elementwise("sub", largest, chosen)
        loss = self.elementwise("add", apart, power)
        for x in (largest, whole, chosen, power, apart):
            self.release(x.buffer)
        return loss

    def take(self, xs: Operand, k: Operand) -> Operand:
        """Return ``xs[k]`` along the first axis, one number for each of k."""
        rest = Operand(xs.buffer, xs.offset, xs.shape[1:], xs.strides[1:])
        shape = broadcast_shapes([rest.shape, k.shape])
        z = self.new(shape, self.phase([xs, k], shape))
        self.select(z, broadcast(rest, shape), broadcast(k, shape), xs, k)
        return z

    def gather(self, xs: Operand, k: Operand) -> Operand:
        """Return ``xs[k]``, rows or elements."""
        shape = (*k.shape, *xs.shape[1:])
        if shape.count(SAMPLE_AXIS) > 1:
            raise UnsupportedError("samples chosen by samples")
        z = self.new(shape, self.phase([xs, k], shape))
        xs_strides = (*[0] * len(k.shape), *xs.strides[1:])
        self.select(z, xs_strides, (*k.strides, *[0] * (len(xs.shape) - 1)), xs, k)
        return z

    def select(
        self,
        z: Operand,
        xs_strides: Sequence[int],
        k_strides: Sequence[int],
        xs: Operand,
        k: Operand,
    ) -> None:
        """Write the record that reads positions."""
        (count, *_), (step, *_) = xs.shape, xs.strides
        assert isinstance(count, int)
        self.check("CHECK_POSITIONS", k, count)
        order = samples_last(z.shape)
        steps = [[strides[i] for i in order] for strides in (z.strides, xs_strides, k_strides)]
        axes = ([extent(z.shape[i]) for i in order], steps)
        self.emit("TAKE", 0, axes, (z, xs, k), self.phase([xs, k, z], z.shape), [count, step])

    def scatter(self, z: Operand, k: Operand, numbers: Operand) -> None:
        """Add numbers to positions of the first axis of an array."""
        (count, *rest), (step, *strides) = z.shape, z.strides
        assert isinstance(count, int)
        shape = (*k.shape, *rest)
        self.check("CHECK_POSITIONS", k, count)
        z_strides, k_strides = (*[0] * len(k.shape), *strides), (*k.strides, *[0] * len(rest))
        order = samples_last(shape)
        if is_batched(k.shape) and is_batched(tuple(rest)):
            raise UnsupportedError("samples chosen by samples")
        steps = [[s[i] for i in order] for s in (z_strides, broadcast(numbers, shape), k_strides)]
        axes = ([extent(shape[i]) for i in order], steps)
        is_sum = is_batched(shape) and not is_batched(z.shape)
        phase = self.phase([k, numbers] if is_sum else [z, k, numbers], shape)
        self.emit("SCATTER", 0, axes, (z, numbers, k), phase, [count, step])


def _element(x: Operand, i: int) -> Operand:
    """Return one element of a list along the first axis."""
    return Operand(x.buffer, x.offset + i * x.strides[0], x.shape[1:], x.strides[1:])
