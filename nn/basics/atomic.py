"""Put a new file in the place of an old one, at once or not at all."""

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path


def replace(target: Path, *parts: bytes | memoryview, draft: str | None = None) -> None:
    """Put bytes where target is: new file beside it, to the disk, then one rename.

    A process that is killed leaves its draft behind; one of a given name is written over by the
    next, where there never are two at once. Raises OSError; a file that had the name is then as it
    was.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "numbers"
    >>> replace(target, b"one ", b"two")
    >>> target.read_bytes()
    b'one two'
    """
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "there is something else than a plain file", str(target))
    path = target.with_name(draft or f".{secrets.token_hex(8)}.tmp")
    try:
        with path.open("wb" if draft else "xb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, path)
        path.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise
