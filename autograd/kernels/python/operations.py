"""The base class of `Value` that holds the methods generated from the table.

``operations.pyi``, written by ``python -m autograd.rules.stubs``, declares them for type checkers.
"""


class Operations:
    """Methods for every primitive; `autograd.value` fills them in."""

    __slots__ = ()
