"""Everything public has an entry, or a reason to have none."""

import pytest

import autograd
import nn
import viz
from tests.fuzz.entries import entries

PREFIX = {autograd: "", nn: "nn ", viz: "viz "}
# Their constructors are not called by users, or they are no functions.
WITHOUT = {
    *("Compiled", "Lifted", "__version__", "kernel", "kernel_info", "primitives", "Transform"),
    *("ACTIVATIONS", "LOSSES", "OPTIMISERS", "Optimiser", "SGD", "Adam", "AdamW", "RMSprop"),
    *("Diagnosis", "Finding", "Recording", "Signal", "signals"),
    *("Animation", "Explanation", "Exploration", "Ledger", "LedgerRow", "ProgramExploration"),
    *("ProgramNode", "ProgramNodes", "RenderError", "TextTree"),
    # They define for the whole process, or lay out and paint.
    *("custom", "custom_vjp", "export", "animate", "animate_training", "explore_program"),
    *("plot_activations", "plot_decision_boundary", "plot_distributions", "plot_history"),
    "Jax",  # an engine of `fit`, for whom JAX is there
}
NAMES = [(package, name) for package in PREFIX for name in package.__all__ if name not in WITHOUT]


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_every_public_name_has_an_entry(package, name):
    for word in (f"{package.__name__}.{name}", f"{PREFIX[package]}{name}"):
        if any(entry == word or entry.startswith((f"{word}.", f"{word} ")) for entry in entries()):
            return
    pytest.fail(f"tests/fuzz/entries.py has no call of {name}")


def test_no_name_is_left_out_that_is_not_there():
    public = {name for package in PREFIX for name in package.__all__}
    assert public >= WITHOUT
