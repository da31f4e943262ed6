"""Write the site's reference pages: a hook of MkDocs, run at each build.

The public names come from each package's ``dir``, the primitives from the table, the times from
the README: nothing here has to be kept in step.
"""

import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

os.environ["AUTOGRAD_KERNEL"] = "python"  # its source can be read
sys.path.insert(0, str(Path(__file__).parent.parent))

import autograd
import nn
import viz
from autograd.primitives import TABLE, Primitive

ROOT = Path(__file__).parent.parent
PACKAGES = (autograd, nn, viz)
HEAD = """# Primitives

The table `autograd/primitives.py`, as the library reads it: each operation is one entry, from which
come its methods and functions, the compiled kernel, the NumPy program, second derivatives, pictures
and tests. `x`, `y` are the inputs (`xs` a list), `z` is the result.

| name | what it does | value | derivatives | NumPy |
|---|---|---|---|---|
"""


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages."""
    pages = {f"{package.__name__}.md": reference(package) for package in PACKAGES}
    pages["speed.md"] = speed((ROOT / "README.md").read_text(encoding="utf-8"))
    pages["primitives.md"] = HEAD + "".join(map(row, TABLE.values()))
    for name, content in pages.items():
        files.append(File.generated(config, f"reference/{name}", content=content))
    return files


def speed(readme: str) -> str:
    """Take the README's tables of times, as the benchmarks wrote them."""
    text = readme[readme.index("## How fast") : readme.index("## Read on")]
    return text.replace("## How fast", "# How fast", 1)


def reference(package: Any) -> str:
    """Name every public name of a package but the primitives, which have a page of their own."""
    names = [name for name in dir(package) if name not in TABLE and name != "__version__"]
    names.sort(key=str.lower)
    entries = "".join(f"::: {home(package, name)}.{name}\n\n" for name in names)
    intro = package.__doc__.partition("\n")[0]
    return f"# {package.__name__}\n\n{intro}\n\n{entries}"


def home(package: Any, name: str) -> str:
    """Return the module whose text defines a public name: the site reads texts, it runs nothing."""
    thing = getattr(package, name)
    defined = re.compile(rf"^(class|def) {name}\b|^{name}\b.* = ", re.MULTILINE)
    inside = [m for path, m in sorted(sys.modules.items()) if path.startswith(package.__name__)]
    for module in inside:
        if getattr(module, name, None) is thing and defined.search(inspect.getsource(module)):
            return str(module.__name__)
    return str(package.__name__)


def row(entry: Primitive) -> str:
    """Write one primitive as a row of the table."""
    derivatives = "<br>".join(map(code, entry.partials))
    functions = " ".join(map(code, entry.numpy))
    name = f"`{entry.name}`" + (f" {cell(entry.symbol)}" if entry.symbol != entry.name else "")
    value = "<br>".join(map(code, (*entry.let, entry.rule)))
    cells = (name, cell(entry.summary), value, derivatives, functions)
    return f"| {' | '.join(cells)} |\n"


def code(text: str) -> str:
    """Write code in a cell: a bar would end it."""
    return f"<code>{cell(text)}</code>"


def cell(text: str) -> str:
    """Write text in a cell, where nothing is markup."""
    for sign, entity in (("&", "amp"), ("<", "lt"), ("|", "#124"), ("*", "#42"), ("_", "#95")):
        text = text.replace(sign, f"&{entity};")
    return text
