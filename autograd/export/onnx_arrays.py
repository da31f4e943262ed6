"""Arrays that write what is done to them as nodes of an ONNX graph."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Size = int | None  # None: as many as there are samples
Shape = tuple[Size, ...]


class Graph:
    """The nodes of a graph so far, and its constants; ``helper`` and ``numpy`` are onnx's own."""

    def __init__(self, onnx: Any, dtype: str) -> None:
        self.onnx = onnx
        self.dtype = np.dtype(dtype)
        self.nodes: list[Any] = []
        self.constants: dict[tuple[Any, ...], Any] = {}
        self.taken: set[str] = set()
        self.count = 0
        self.label = ""

    def constant(self, thing: Any, name: str = "") -> str:
        """Keep an array; return its name."""
        array = np.asarray(thing)
        key = (array.tobytes(), array.dtype.str, array.shape)
        if name or key not in self.constants:
            own = name or self.fresh(f"constant_{len(self.constants)}")
            tensor = self.onnx.numpy_helper.from_array(array, own)
            self.constants[(name, *key) if name else key] = tensor
            return own
        return str(self.constants[key].name)

    def number(self, x: Any) -> "OnnxArray":
        """Return a number as an array without axes."""
        return OnnxArray(self, self.constant(np.asarray(x, self.dtype)), ())

    def fresh(self, name: str) -> str:
        """Return a name that nothing has."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def node(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        self.count += 1
        name = self.fresh(f"{self.label or 'result'}_{self.count}")
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def array(self, op: str, shape: Shape, *inputs: str, **attributes: Any) -> "OnnxArray":
        """Add a node; return its output as an array."""
        return OnnxArray(self, self.node(op, inputs, **attributes), shape)

    def whole(self, *numbers: int) -> str:
        """Keep whole numbers: axes, sizes, starts."""
        return self.constant(np.array(numbers, dtype=np.int64))


def _infix(op: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forwards(self: "OnnxArray", other: Any) -> "OnnxArray":
        return each(self.graph, op, self, other)

    def backwards(self: "OnnxArray", other: Any) -> "OnnxArray":
        return each(self.graph, op, other, self)

    return forwards, backwards


class OnnxArray:
    """The output of a node, with its shape; what is done to it becomes further nodes."""

    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: Graph, name: str, shape: Shape) -> None:
        self.graph, self.name, self._shape = graph, name, shape

    __add__, __radd__ = _infix("Add")
    __sub__, __rsub__ = _infix("Sub")
    __mul__, __rmul__ = _infix("Mul")
    __truediv__, __rtruediv__ = _infix("Div")
    __pow__, __rpow__ = _infix("Pow")
    __lt__, _ = _infix("Less")
    __le__, _ = _infix("LessOrEqual")
    __gt__, _ = _infix("Greater")
    __ge__, _ = _infix("GreaterOrEqual")
    __and__, _ = _infix("And")
    __or__, _ = _infix("Or")
    __eq__, _ = _infix("Equal")

    def __ne__(self, other: object) -> "OnnxArray":  # type: ignore[override]
        return each(self.graph, "Not", each(self.graph, "Equal", self, other))

    def __neg__(self) -> "OnnxArray":
        return each(self.graph, "Neg", self)

    def __len__(self) -> int:
        assert self._shape[0] is not None
        return self._shape[0]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def sizes(self) -> Shape:
        """The sizes of the axes, None for the samples'."""
        return self._shape

    @property
    def shape(self) -> "list[Any]":
        """The sizes as a program reads them: the samples' is known when the graph runs."""
        length = self.graph.node("Shape", [self.name], start=self.ndim - 1)
        number = self.graph.node("Cast", [length], to=_code(self.graph))
        return [*self._shape[:-1], self.graph.array("Squeeze", (), number)]

    def __matmul__(self, other: "OnnxArray") -> "OnnxArray":
        left, right = self._shape, other._shape
        batch = together([left[:-2], right[:-2]])
        shape = (*batch, *left[-2:-1], *(right[-1:] if other.ndim > 1 else ()))
        return self.graph.array("MatMul", shape, self.name, other.name)

    @property
    def T(self) -> "OnnxArray":
        """The array with its axes in reverse."""
        return self.transpose(*range(self.ndim)[::-1])

    def transpose(self, *axes: int) -> "OnnxArray":
        """Return the array with its axes in another order."""
        shape = tuple(self._shape[a] for a in axes)
        return self.graph.array("Transpose", shape, self.name, perm=axes)

    def reshape(self, *sizes: Any) -> "OnnxArray":
        """Return the elements, row after row, in another shape."""
        sizes = tuple(sizes[0]) if sizes and isinstance(sizes[0], tuple) else sizes
        known = None if None in self._shape else int(np.prod([s or 0 for s in self._shape]))
        rest = int(np.prod([size for size in sizes if size >= 0]))
        missing = None if known is None else known // max(rest, 1)
        shape = tuple(missing if size < 0 else size for size in sizes)
        return self.graph.array("Reshape", shape, self.name, self.graph.whole(*sizes))

    def ravel(self) -> "OnnxArray":
        """Return the elements in one row."""
        return self.reshape(-1)

    def item(self) -> "OnnxArray":
        """Return the only element."""
        return self.reshape(())

    def sum(self, axis: Any = None, keepdims: bool = False) -> "OnnxArray":
        """Add up along axes."""
        return self.reduced("ReduceSum", axis, keepdims)

    def mean(self) -> "OnnxArray":
        """Return the mean of all."""
        return self.reduced("ReduceMean", None)

    def reduced(self, op: str, axis: Any, keepdims: bool = False) -> "OnnxArray":
        """Reduce along axes."""
        axes = range(self.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        gone = [a % self.ndim for a in axes]
        if not gone:
            return self
        left = [
            1 if i in gone else s for i, s in enumerate(self._shape) if keepdims or i not in gone
        ]
        where = self.graph.whole(*gone)
        return self.graph.array(op, tuple(left), self.name, where, keepdims=int(keepdims))

    def __getitem__(self, key: Any) -> "OnnxArray":
        keys = key if isinstance(key, tuple) else (key,)
        if isinstance(keys[0], (OnnxArray, np.ndarray)):
            return self._gathered(keys[0])
        spread = sum(k is not None and k is not Ellipsis for k in keys)
        at = next((i for i, k in enumerate(keys) if k is Ellipsis), len(keys))
        fill = [slice(None)] * (self.ndim - spread)
        keys = (*keys[:at], *fill, *keys[at + 1 :])
        found, axis, new = self, 0, []
        for place, k in enumerate(k for k in keys if not isinstance(k, int)):
            if k is None:
                new.append(place)
        for k in keys:
            if k is None:
                continue
            if isinstance(k, int):
                found = found.picked(axis, k)
                continue
            if k != slice(None):
                found = found.sliced(axis, k)
            axis += 1
        return found.unsqueezed(new)

    def _gathered(self, index: Any) -> "OnnxArray":
        graph = self.graph
        if isinstance(index, np.ndarray):
            index = OnnxArray(graph, graph.constant(index.astype(np.int64)), index.shape)
        shape = (*index.sizes, *self._shape[1:])
        return graph.array("Gather", shape, self.name, index.name, axis=0)

    def picked(self, axis: int, place: int) -> "OnnxArray":
        """Take one place of an axis."""
        index = self.graph.constant(np.array(place, dtype=np.int64))
        shape = (*self._shape[:axis], *self._shape[axis + 1 :])
        return self.graph.array("Gather", shape, self.name, index, axis=axis)

    def sliced(self, axis: int, part: slice) -> "OnnxArray":
        """Take a part of an axis."""
        size = self._shape[axis]
        assert size is not None
        start, stop, step = part.indices(size)
        shape = (*self._shape[:axis], len(range(start, stop, step)), *self._shape[axis + 1 :])
        whole = self.graph.whole
        places = (whole(start), whole(stop), whole(axis), whole(step))
        return self.graph.array("Slice", shape, self.name, *places)

    def unsqueezed(self, places: list[int]) -> "OnnxArray":
        """Insert axes of length 1."""
        if not places:
            return self
        sizes = iter(self._shape)
        count = self.ndim + len(places)
        shape = tuple(1 if i in places else next(sizes) for i in range(count))
        return self.graph.array("Unsqueeze", shape, self.name, self.graph.whole(*places))


def _code(graph: Graph) -> int:
    return int(graph.onnx.helper.np_dtype_to_tensor_dtype(graph.dtype))


def together(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that arrays have together.

    >>> together([(3, 1), (None,)])
    (3, None)
    """
    ndim = max(map(len, shapes))
    full = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(next((s for s in sizes if s != 1), 1) for sizes in zip(*full, strict=True))


def each(graph: Graph, op: str, *operands: Any) -> OnnxArray:
    """Add a node that works element by element, broadcast."""
    arrays = [x if isinstance(x, OnnxArray) else graph.number(x) for x in operands]
    shape = together([x.sizes for x in arrays])
    return graph.array(op, shape, *[x.name for x in arrays])
