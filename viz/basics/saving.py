"""Save what was drawn or written, as a file's ending says."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

from autograd import files
from autograd.errors import list_of, shown

Contents = Mapping[str, Callable[[], bytes] | Callable[[], str]]


def save(
    path: str | PathLike[str],
    contents: Contents,
    what: str,
    advice: str = "",
) -> Path:
    """Write a file atomically; return its path.

    ``contents`` makes what each ending stands for; it is made before the file is touched.

    >>> import tempfile
    >>> path = save(Path(tempfile.mkdtemp()) / "a.txt", {".txt": lambda: "σ"}, "a text")
    >>> path.read_text(encoding="utf-8")
    'σ'

    Raises
    ------
    TypeError, ValueError
        If the path is none, or has another ending.
    OSError
        If the folder does not exist or the file cannot be written; a file that had the name is then
        as it was.
    """
    if not isinstance(path, (str, PathLike)):
        raise TypeError(f"save takes the path of a file, not {shown(path)}")
    file = Path(path).expanduser()
    ending = file.suffix.lower()
    if ending not in contents:
        came = f"{ending} (in {str(path)!r})" if ending else f"{str(path)!r}, which has none"
        allowed = list_of(contents)
        raise ValueError(f"{what} is saved by its file's ending, {allowed}, not {came}{advice}")
    if not file.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(file.parent)!r}; make it first")
    content = contents[ending]()
    data = content.encode() if isinstance(content, str) else content
    files.write(file, data, action=f"write {what}")
    return file
