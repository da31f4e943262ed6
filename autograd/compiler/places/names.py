"""Names for the arrays of parameters: the users' labels, made different."""

from collections.abc import Iterable, Sequence

from autograd.compiler.places.views import Array
from autograd.compiler.words.naming import unique


def name_parameters(arrays: Sequence[Array], kept: Iterable[str]) -> set[str]:
    """Give each parameter a name of its own; return all names that are given or kept."""
    parameters = [array for array in arrays if array.kind == "parameter"]
    for array in parameters:  # two may have one label
        same = [other for other in parameters if other.name == array.name]
        for i, other in enumerate(same if len(same) > 1 else []):
            other.name += f"_{i + 1}"
    given = {array.name for array in arrays if array.kind == "argument"}
    for array in parameters:
        array.name = unique(array.name, given)
    return given | set(kept)
