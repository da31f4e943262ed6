"""Write files atomically: a reader finds the old contents or the new ones, whatever happens."""

import contextlib
import errno
import os
import secrets
import shutil
from os import PathLike
from pathlib import Path


def write(
    path: str | PathLike[str], *parts: bytes | memoryview, action: str, is_shared: bool = True
) -> None:
    """Write bytes to a new file beside the old one, flush it to the disk, and rename it.

    A link stays a link: what it points to is replaced. A process that is killed leaves its new file
    behind.

    Parameters
    ----------
    path
        The file; its folder exists.
    parts
        What stands in it.
    action
        What cannot be done if this fails, for the error: ``"save the model"``.
    is_shared
        Whether two may write this file at once. If not, what a killed process left is written over.

    Raises
    ------
    OSError
        Of the kind that the system gave, with what cannot be done, why, and the file's name. A file
        that had the name is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "numbers"
    >>> write(path, b"one ", b"two", action="write the numbers")
    >>> path.read_bytes()
    b'one two'
    """
    try:
        _replace(Path(os.path.realpath(path)), parts, is_shared=is_shared)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot {action}: {reason}", os.fspath(path)) from error


def _replace(target: Path, parts: tuple[bytes | memoryview, ...], *, is_shared: bool) -> None:
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "there is something else than a plain file")
    name = f".{secrets.token_hex(8)}.tmp" if is_shared else f".{target.name}.draft"
    path = target.with_name(name)
    try:
        with path.open("xb" if is_shared else "wb") as file:
            if target.exists():  # before anything can be read in it
                shutil.copymode(target, path)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        path.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise
