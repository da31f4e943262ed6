"""Names for the arrays of parameters: the users' labels, made different."""

from collections import Counter
from collections.abc import Iterable, Sequence

from autograd.compiler.layout.views import Array
from autograd.compiler.runtime.naming import unique


def name_parameters(arrays: Sequence[Array], kept: Iterable[str]) -> set[str]:
    """Give each parameter a name of its own; return all names that are given or kept."""
    parameters = [array for array in arrays if array.kind == "parameter"]
    count = Counter(array.name for array in parameters)
    number: Counter[str] = Counter()
    for array in parameters:  # two may have one label
        stem = array.name
        number[stem] += 1
        if count[stem] > 1:
            array.name = f"{stem}_{number[stem]}"
    given = {array.name for array in arrays if array.kind == "argument"}
    for array in parameters:
        array.name = unique(array.name, given)
    return given | set(kept)
