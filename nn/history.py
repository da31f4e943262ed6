"""What a training run leaves behind: one number an epoch of everything that was watched."""

from collections.abc import Iterator, Mapping

from autograd.errors import shown
from nn.names import real


class History(Mapping[str, list[float]]):
    """Map names, such as "loss" and "validation_loss", to one number an epoch.

    `stopped` says why the training ended: "finished", "early stopping", "callback" or
    "interrupted" ("running" until then).

    Examples
    --------
    >>> history = History()
    >>> history.add({"loss": 0.5, "lr": 0.1})
    >>> history.add({"loss": 0.25, "lr": 0.1})
    >>> history["loss"], list(history)
    ([0.5, 0.25], ['loss', 'lr'])
    >>> history
    <History of 2 epochs, running: loss 0.5 → 0.25, lr 0.1 → 0.1>
    """

    def __init__(self) -> None:
        self._rows: list[dict[str, float]] = []  # appending is whole or not at all when interrupted
        self.stopped = "running"

    @property
    def epochs(self) -> int:
        """The number of epochs.

        Examples
        --------
        >>> History().epochs
        0
        """
        return len(self._rows)

    @property
    def interrupted(self) -> bool:
        """Whether a KeyboardInterrupt ended the training.

        Examples
        --------
        >>> History().interrupted
        False
        """
        return self.stopped == "interrupted"

    def add(self, row: Mapping[str, float]) -> None:
        """Add an epoch; each must have the names of the first.

        Examples
        --------
        >>> history = History()
        >>> history.add({"loss": 0.5})
        >>> history.epochs
        1
        """
        if not isinstance(row, Mapping):
            raise TypeError(f"an epoch is a dict of names and numbers, got {shown(row)}")
        if self._rows and list(row) != list(self):
            names = [name if isinstance(name, str) else shown(name) for name in row]
            raise ValueError(f"an epoch has {names}, those before {list(self)}")
        self._rows.append({name: real(name, number) for name, number in row.items()})

    def rows(self) -> list[dict[str, float]]:
        """Return one dict an epoch, its number (from 1) included.

        Examples
        --------
        >>> history = History()
        >>> history.add({"loss": 0.5})
        >>> history.rows()
        [{'epoch': 1, 'loss': 0.5}]
        """
        return [{"epoch": position + 1, **row} for position, row in enumerate(self._rows)]

    def __getitem__(self, name: str) -> list[float]:
        if not isinstance(name, str) or name not in list(self):
            came = repr(name) if isinstance(name, str) else shown(name)
            raise KeyError(f"the history has no {came}, it has {list(self)}")
        return [row[name] for row in self._rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows[0] if self._rows else ())

    def __len__(self) -> int:
        return len(self._rows[0]) if self._rows else 0

    def __repr__(self) -> str:
        """Show the first and the last number of each column."""
        spans = ", ".join(
            f"{name} {column[0]:.4g} → {column[-1]:.4g}" for name, column in self.items()
        )
        epochs = f"{self.epochs} epoch{'s' if self.epochs != 1 else ''}"
        return f"<History of {epochs}, {self.stopped}{': ' if spans else ''}{spans}>"
