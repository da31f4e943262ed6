"""Atomic writing of files: a reader sees the old contents or the new ones, never a mixture."""

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
    """Write bytes to a temporary file in the same folder, sync it to disk, and rename it.

    A symbolic link stays one: its target is replaced. A process that is killed leaves its temporary
    file behind.

    Parameters
    ----------
    path
        The file; its folder must exist.
    parts
        The contents, concatenated.
    action
        What this is part of, for the text of an error: ``"save the model"``.
    is_shared
        Whether two processes may write this file at once. If not, the temporary file has a fixed
        name, so that one left behind is overwritten.

    Raises
    ------
    OSError
        Of the operating system's subclass, with the action, the reason and the file's name. An
        existing file is then unchanged.

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
            if target.exists():  # before the file has contents to protect
                shutil.copymode(target, path)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        path.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise
