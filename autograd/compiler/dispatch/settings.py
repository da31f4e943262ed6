"""What `compile` was asked for, checked."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd._checks import check_type, one_of, some_of, unknown_keyword
from autograd.compiler.executors.engines import ENGINES
from autograd.tree_spec import NOTHING, TreeSpec, spec_of

REDUCTIONS = ("mean", "sum")
Key = tuple[Any, ...]  # of variants: whether gradients are wanted, and the spec of each argument


@dataclass(frozen=True)
class Settings:
    """The arguments' names: all, batches, those whose gradients are wanted, and static ones.

    ``named``: whether these were named. If not, an argument of whole numbers alone is taken for
    positions, which have no gradients. Of ``arguments``, the last ``by_name`` are given to the
    function by name.
    """

    arguments: tuple[str, ...]
    by_name: int
    batch: tuple[str, ...]
    wrt: tuple[str, ...]
    named: bool
    reduce: str
    engine: str
    check: bool
    exact: bool
    static: tuple[str, ...]
    defaults: Mapping[str, Any]

    def differentiates(self, name: str, spec: TreeSpec) -> bool:
        """Whether an argument has gradients: all of its numbers, then."""
        return name in self.wrt and (self.named or not all(x.integer for x in spec.arrays))

    def gradients(self, specs: Sequence[TreeSpec]) -> tuple[TreeSpec, list[int]]:
        """Return the spec of the arguments' gradients, and which of their arrays these are of."""
        found: list[TreeSpec] = []
        places: list[int] = []
        start = 0
        for name, spec in zip(self.arguments, specs, strict=True):
            end = start + len(spec.arrays)
            if self.differentiates(name, spec):
                found.append(spec)
                places += range(start, end)
            start = end
        if not found:
            return NOTHING, []
        return found[0] if len(found) == 1 else spec_of(tuple, None, found), places

    def call(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """Call a function with all arguments, some of them by name."""
        if not self.by_name:
            return function(*args)
        count = len(args) - self.by_name
        names = self.arguments[count:]
        return function(*args[:count], **dict(zip(names, args[count:], strict=True)))

    def bound(
        self, function: str, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """Return all arguments of a call, in order, or raise TypeError as Python would."""
        names, count = self.arguments, len(self.arguments) - self.by_name
        if len(args) == len(names) and not named and not self.by_name:
            return args
        by_place = dict(zip(names[:count], args, strict=False))
        for name in named:
            if name not in names:
                raise unknown_keyword(function, name, names)
            if name in by_place:
                raise TypeError(f"{function}: got {name} twice, by place and by name")
        given = {**self.defaults, **by_place, **named}
        if len(args) > count or len(given) < len(names):
            signature = [*names[:count], *(f"{name}=" for name in names[count:])]
            raise TypeError(
                f"{function}: got {len(args) + len(named)} arguments; give {len(names)}: "
                f"{', '.join(signature)}"
            )
        return tuple([given[name] for name in names])

    def batches(self, specs: Sequence[TreeSpec]) -> list[int]:
        """Return which of the arguments' arrays, by their specs, are batches."""
        pairs = zip(self.arguments, specs, strict=True)
        names = [name for name, spec in pairs for _ in spec.arrays]
        return [i for i, name in enumerate(names) if name in self.batch]


def settings_of(
    function: Callable[..., Any],
    wrt: Iterable[str] | None,
    batch: Iterable[str],
    reduce: str,
    engine: str,
    check: bool,
    exact: bool,
    static: Iterable[str] = (),
) -> Settings:
    """Check what was asked for against a function's signature."""
    check_type("function", function, Callable, "a function that returns a Value")
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise TypeError(
                f"compile: the function takes {parameter}; allowed are arguments that have names: "
                "give several as one list, tuple or dict"
            )
    arguments = tuple(parameter.name for parameter in parameters)
    by_name = sum(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    batches = some_of("batch", batch, arguments)
    statics = some_of("static", static, [name for name in arguments if name not in batches])
    rest = tuple(name for name in arguments if name not in {*batches, *statics})
    hint = "batches have no gradients" if batches else ""
    hint = "static arguments have no gradients" if statics else hint
    wanted = rest if wrt is None else some_of("wrt", wrt, rest, hint=hint)
    one_of("reduce", reduce, REDUCTIONS)
    one_of("engine", engine, ENGINES)
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    return Settings(
        arguments, by_name, batches, wanted, wrt is not None, reduce, engine, check, exact,
        statics, defaults,
    )  # fmt: skip


def renewed(settings: Settings, function: Callable[..., Any]) -> Settings:
    """Return what was asked for, checked against a signature that may have changed."""
    return settings_of(
        function,
        settings.wrt if settings.named else None,
        settings.batch,
        settings.reduce,
        settings.engine,
        settings.check,
        settings.exact,
        settings.static,
    )
