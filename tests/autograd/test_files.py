import os
import stat
from pathlib import Path

import pytest

from autograd import files


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(b"old")
    return path


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def write(path, **options):
    files.write(path, b"new ", memoryview(b"numbers"), action="write the numbers", **options)


@pytest.mark.parametrize("is_shared", [True, False])
def test_bytes_take_the_place_of_others(path, is_shared):
    write(path, is_shared=is_shared)
    assert path.read_bytes() == b"new numbers"
    assert names(path.parent) == ["numbers"]


@pytest.mark.parametrize("step", [(os, "fsync"), (Path, "replace")], ids=["sync", "rename"])
def test_a_full_disk_leaves_the_old_file(path, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*step, full)
    with pytest.raises(OSError, match=r"cannot write the numbers: No space .* device: '.*numbers'"):
        write(path)
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["numbers"]


def test_what_is_not_bytes_leaves_the_old_file(path):
    with pytest.raises(TypeError, match="bytes-like"):
        files.write(path, "text", action="write the numbers")
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["numbers"]


def test_an_interrupt_leaves_the_old_file(path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(path)
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["numbers"]


def test_a_folder_that_may_only_be_read(path, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PermissionError, match=r"cannot write the numbers: Permission denied: '"):
        write(path)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"


def test_a_folder_and_a_missing_folder(tmp_path):
    with pytest.raises(OSError, match=r"something else than a plain file: '.*'"):
        write(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"cannot write the numbers: .*no/numbers'"):
        write(tmp_path / "no" / "numbers")
    assert names(tmp_path) == []


def test_a_new_file_has_the_permissions_of_the_old_one_before_it_has_bytes(path, monkeypatch):
    path.chmod(0o600)
    modes = []
    sync = os.fsync

    def seen(descriptor):
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    write(path)
    assert modes == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(path):
    link = path.with_name("link")
    link.symlink_to(path)
    write(link)
    assert link.is_symlink()
    assert path.read_bytes() == b"new numbers"


def test_a_draft_that_was_left_is_written_over_where_one_process_writes(path):
    path.with_name(".numbers.draft").write_bytes(b"half of it")
    write(path, is_shared=False)
    assert names(path.parent) == ["numbers"]
