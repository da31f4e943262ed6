"""Whose code is running."""

import functools
import os
import sysconfig
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd._frames import is_numerical, is_users, users_level, users_line

PURELIB = sysconfig.get_path("purelib")


@pytest.mark.parametrize(
    "filename",
    [__file__, "<stdin>", "<string>", "<doctest a[0]>", "/tmp/ipykernel_7/1.py", "train.py"],
)
def test_the_users(filename):
    assert is_users(filename)


@pytest.mark.parametrize(
    "filename",
    [
        autograd.__file__,
        nn.__file__,
        viz.__file__,
        np.__file__,
        os.__file__,
        f"{PURELIB}{os.sep}some_package{os.sep}part.py",
        "<autograd program>",
        "<frozen runpy>",
        "<__array_function__ internals>",
    ],
)
def test_not_the_users(filename):
    assert not is_users(filename)


def test_a_folder_whose_name_only_begins_alike_is_the_users():
    assert is_users(str(Path(autograd.__file__).parent) + f"_lessons{os.sep}first.py")


def test_numerical_libraries():
    assert is_numerical(np.__file__)
    assert not is_numerical(np.__file__.replace("numpy", "matplotlib"))
    assert not is_numerical(__file__)


def test_the_users_line_is_found_beneath_library_code():
    assert users_line().startswith("test_frames.py:")
    found = np.apply_along_axis(lambda _: users_line(), 0, np.zeros(1))  # through NumPy's Python
    assert "np.apply_along_axis(lambda _: users_line()" in str(found)
    line = functools.reduce(lambda *_: users_line(), [1, 2])
    assert line.endswith("functools.reduce(lambda *_: users_line(), [1, 2])")


def test_where_no_line_is_the_users_the_innermost_outside_this_library_serves():
    lines = []
    code = compile("lines.append(users_line())", f"{PURELIB}{os.sep}package.py", "exec")
    scope = {"lines": lines, "users_line": users_line}
    worker = threading.Thread(target=exec, args=(code, scope))
    worker.start()
    worker.join()
    assert lines == ["package.py:1"]


def test_a_warning_points_to_the_users_line():
    def library(function):
        scope = {"warnings": warnings, "users_level": users_level}
        name = f"{Path(autograd.__file__).parent}{os.sep}part.py"
        exec(compile(function, name, "exec"), scope)
        return scope["warn"]

    warn = library("def warn():\n    warnings.warn('w', UserWarning, stacklevel=users_level())")
    with pytest.warns(UserWarning, match="w") as caught:
        warn()
    assert caught[0].filename == __file__
