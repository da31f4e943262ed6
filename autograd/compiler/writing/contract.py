"""Write a product of two arrays, summed over the axes that the result lacks, as short NumPy.

Axes are named by letters: ``ik, kj -> ij`` is a matrix product.
"""

MATRIX = 2


def contract(a: str, a_axes: str, b: str, b_axes: str, out: str) -> str:
    """Write the product of two arrays as an expression with the axes ``out``.

    >>> contract("W", "ik", "X", "kn", "in"), contract("dZ", "in", "X", "kn", "ik")
    ('W @ X', 'dZ @ (X.T)')
    >>> contract("a", "i", "b", "j", "ij"), contract("A", "ij", "B", "ij", "")
    ('(a[:, None]) * b', 'vdot(A, B)')
    >>> contract("Q", "hik", "K", "hjk", "hij"), contract("A", "ikn", "B", "jkn", "ijn")
    ('Q @ (K.transpose(0, 2, 1))', "einsum('ikn,jkn->ijn', A, B)")
    """
    a, a_axes = _alone(a, a_axes, b_axes + out)
    b, b_axes = _alone(b, b_axes, a_axes + out)
    summed = [axis for axis in a_axes if axis in b_axes and axis not in out]
    if not summed:
        return _outer(a, a_axes, b, b_axes, out)
    if not out and sorted(a_axes) == sorted(b_axes):
        return f"vdot({a}, {turned(b, b_axes, a_axes)})"
    shared = [axis for axis in out if axis in a_axes and axis in b_axes]
    a_free = [axis for axis in a_axes if axis not in b_axes]
    b_free = [axis for axis in b_axes if axis not in a_axes]
    if len(summed) == 1 and len(a_free) <= 1 and len(b_free) <= 1:
        (k,) = summed
        batch, rows, columns = "".join(shared), "".join(a_free), "".join(b_free)
        if not batch or (rows and columns):
            if batch + rows + columns == out:
                left = turned(a, a_axes, batch + rows + k)
                right = turned(b, b_axes, batch + k + columns)
                return f"{atom(left)} @ {atom(right)}"
            if batch + columns + rows == out:
                left = turned(b, b_axes, batch + columns + k)
                right = turned(a, a_axes, batch + k + rows)
                return f"{atom(left)} @ {atom(right)}"
    return f"einsum('{a_axes},{b_axes}->{out}', {a}, {b})"


def _alone(text: str, axes: str, elsewhere: str) -> tuple[str, str]:
    """Sum the axes that nothing else has."""
    lonely = tuple(i for i, axis in enumerate(axes) if axis not in elsewhere)
    if not lonely:
        return text, axes
    return summed_over(text, lonely, len(axes)), "".join(a for a in axes if a in elsewhere)


def summed_over(text: str, axes: tuple[int, ...], ndim: int, *, keep: bool = False) -> str:
    """Write a sum over some axes.

    >>> summed_over("A", (1,), 2, keep=True), summed_over("A", (0, 1), 2)
    ('A.sum(axis=1, keepdims=True)', 'A.sum()')
    """
    if not axes:
        return text
    more = ", keepdims=True" if keep else ""
    if len(axes) == ndim and not keep:
        return f"{atom(text)}.sum()"
    return f"{atom(text)}.sum(axis={axes[0] if len(axes) == 1 else axes}{more})"


def scaled(coefficient: float, text: str) -> str:
    """Write a multiple.

    >>> scaled(1.0, "g"), scaled(-1.0, "g"), scaled(2.0, "g")
    ('g', '-(g)', '2.0 * (g)')
    """
    if coefficient == 1:
        return text
    return f"-({text})" if coefficient == -1 else f"{coefficient!r} * ({text})"


def turned(text: str, axes: str, wanted: str) -> str:
    """Write a transpose, where one is needed."""
    if axes == wanted:
        return text
    if len(axes) == MATRIX:
        return f"{atom(text)}.T"
    return f"{atom(text)}.transpose({', '.join(str(axes.index(axis)) for axis in wanted)})"


def atom(text: str) -> str:
    """Put an expression into parentheses, unless it is a name."""
    return text if text.isidentifier() else f"({text})"


def expanded(text: str, axes: str, out: str) -> str:
    """Insert axes of length 1, so that an array with some of the axes meets one with all.

    >>> expanded("b", "i", "ij"), expanded("b", "j", "ij"), expanded("b", "i", "inm")
    ('b[:, None]', 'b', 'b[:, None, None]')
    """
    if not axes or axes == out:
        return text
    text = turned(text, axes, "".join(axis for axis in out if axis in axes))
    parts = [":" if axis in axes else "None" for axis in out]
    while parts[0] == "None":
        del parts[0]
    if "None" not in parts:
        return text
    return f"{atom(text)}[{', '.join(parts)}]"


def _outer(a: str, a_axes: str, b: str, b_axes: str, out: str) -> str:
    """Write an element-wise product, broadcast."""
    return f"{atom(expanded(a, a_axes, out))} * {atom(expanded(b, b_axes, out))}"
