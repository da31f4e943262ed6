"""Lazy packages (PEP 562): a public name imports its module when it is first used.

A package's ``__init__.py`` says which module defines which names::

    __getattr__, __dir__ = attach(__name__, {"viz.picture": ["Picture", "draw"]})

Type checkers do not run it, so the same imports stand there a second time, below
``if TYPE_CHECKING``, and ``__all__`` lists the names; ``tests/test_lazy.py`` holds the three
together.

Importing a submodule binds it to its name in the package. A public name must therefore not be the
name of a submodule as well: ``viz.text`` would be the function or the module, depending on what
was imported before.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def attach(
    package: str, names: Mapping[str, Iterable[str]], submodules: Iterable[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Make the functions ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        The package's ``__name__``.
    names
        The public names that each module defines, by the module's full name.
    submodules
        The submodules that are public themselves.

    Raises
    ------
    ValueError
        If two modules define one name, or a name is also that of a module listed here.

    Examples
    --------
    >>> getattr_, dir_ = attach("json", {"json.tool": ["main"]}, submodules=["decoder"])
    >>> dir_()
    ['decoder', 'main']
    >>> getattr_("main").__module__
    'json.tool'
    """
    module_of: dict[str, str] = {}
    modules = {*names, *(f"{package}.{submodule}" for submodule in submodules)}
    for module, defined in names.items():
        for name in defined:
            if name in module_of:
                raise ValueError(f"{name!r} is defined in {module_of[name]} and in {module}")
            if f"{package}.{name}" in modules:
                raise ValueError(f"{name!r} is the name of a module of {package}, too")
            module_of[name] = module
    public = sorted({*module_of, *submodules})
    importable = frozenset(submodules)

    def __getattr__(name: str) -> object:  # noqa: N807 - the package's
        if name in importable:
            return import_module(f"{package}.{name}")  # which binds it to its name
        if name not in module_of:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}",
                name=name,
                obj=sys.modules.get(package),
            )
        found = getattr(import_module(module_of[name]), name)
        vars(sys.modules[package])[name] = found  # the next look-up finds it there
        return found

    def __dir__() -> list[str]:  # noqa: N807 - the package's
        return list(public)

    return __getattr__, __dir__
