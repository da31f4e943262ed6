"""Let the reference pages show every doctest as code: an extension of Griffe, named in mkdocs.yml.

Griffe reads ``>>>`` as code under the heading "Examples" alone; elsewhere Markdown would make
quotations of it.
"""

import re
from typing import Any

from griffe import Extension

HEADING = "Examples\n--------\n"


def headed(text: str) -> str:
    """Put the heading before the first example of a docstring that has none."""
    if HEADING in text:
        return text
    return re.sub(r"^>>> ", f"{HEADING}>>> ", text, count=1, flags=re.MULTILINE)


class Examples(Extension):
    """Give each docstring the heading as it is read."""

    def on_object(self, *, obj: Any, **kwargs: Any) -> None:
        """Change the docstring of a module, class, function or attribute."""
        del kwargs
        if obj.docstring is not None:
            obj.docstring.value = headed(obj.docstring.value)
