from collections.abc import Callable, Sequence
from typing import Any

class Reader:
    def __init__(self, thing: Any) -> None: ...
    def read(self, thing: Any, out: list[Any]) -> bool: ...

class NumberReader(Reader):
    def __init__(self, whole: bool) -> None: ...

class ArrayReader(Reader):
    def __init__(self, shape: tuple[int, ...], whole: bool, batch: bool) -> None: ...

class ListReader(Reader):
    def __init__(self, shape: tuple[int, ...]) -> None: ...

class SequenceReader(Reader):
    def __init__(self, cls: type, children: list[Reader]) -> None: ...

class DictReader(SequenceReader):
    def __init__(self, keys: tuple[Any, ...], children: list[Reader]) -> None: ...

class NodeReader(SequenceReader):
    def __init__(
        self,
        cls: type,
        flatten: Callable[[Any], tuple[Sequence[Any], Any]],
        data: Any,
        children: list[Reader],
    ) -> None: ...

class Writer:
    def __init__(self, thing: Any) -> None: ...
    def write(self, found: Sequence[Any], count: int) -> Any: ...

class NumberWriter(Writer):
    def __init__(self, place: int) -> None: ...

class ArrayWriter(Writer):
    def __init__(self, place: int, shape: tuple[int, ...], owned: bool, is_list: bool) -> None: ...

class SampleWriter(Writer):
    def __init__(
        self,
        place: int,
        shape: tuple[int, ...],
        sample: bool,
        batched: bool,
        placed: Callable[..., Any],
    ) -> None: ...

class SequenceWriter(Writer):
    def __init__(self, build: Callable[..., Any], children: list[Writer]) -> None: ...

class DictWriter(SequenceWriter):
    def __init__(self, keys: tuple[Any, ...], children: list[Writer]) -> None: ...

class AllWriter(Writer):
    def __init__(self) -> None: ...

class ArrayCall:
    branches: Any
    failed: int
    def __init__(
        self,
        reader: Reader,
        batches: list[int],
        checks: list[tuple[Any, list[int], int, int]],
        check: Callable[..., None],
        wholes: list[int],
        kinds: list[int],
        sources: list[int],
        floats: list[int],
        parameters: Callable[[], Any] | None,
        cuts: list[Any],
        run: Callable[..., Any],
        layout: int,
        outcomes: list[bool],
        is_exact: bool,
        returns: int,
        writer: Writer,
        most: int,
        enlarge: Callable[[], Any],
    ) -> None: ...
    def __call__(self, args: tuple[Any, ...]) -> Any: ...
