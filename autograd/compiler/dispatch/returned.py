"""What the quick call of a specialization returns, described once for all ways to run it."""

from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.outputs import ForwardSpecialization
from autograd.compiler.executors.specialization import Specialization
from autograd.tree import LEAF
from autograd.tree_spec import NOTHING, ArraySpec, Static, TreeSpec, spec_of


def returned(
    variant: Specialization, key: Key, settings: Settings, *, whole: bool
) -> tuple[TreeSpec, list[int]]:
    """Return the spec of the results or gradients, and each array's number among the program's.

    The number is -1 where nothing reaches the array. Gradients come as the arguments came; those of
    the parameters, by name, where there are no others. ``whole``: all as the program has them,
    after the specialization, which knows whose they are.
    """
    if isinstance(variant, ForwardSpecialization):
        return variant.spec, list(range(variant.count))
    program = variant.program
    every = [TreeSpec(LEAF, (ArraySpec("array", array.shape),)) for array in program.wanted]
    numbers = {array: i for i, array in enumerate(program.wanted)}
    if whole:
        owner = TreeSpec(LEAF, (Static(variant),))
        return spec_of(tuple, None, [owner, *every]), [*numbers.values()]
    spec, sources = settings.gradients(key[1:])
    if spec == NOTHING:
        names = tuple([array.name for array in program.wanted])
        return spec_of(dict, names, every), [*numbers.values()]
    pairs = zip(variant.sources, program.arrays, strict=True)
    found = {source: numbers.get(array, -1) for source, array in pairs}
    return spec, [found.get(source, -1) for source in sources]
