"""Graphs in any state: the model's numbers, and the same bits on both kernels."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz import machine


@pytest.fixture(scope="module")
def graphs():
    """Return the machine, with the other kernel where there is one."""
    remote = machine.Remote() if machine.has_two_kernels() else None

    class Graphs(machine.Graphs):
        pass

    Graphs.remote = remote
    yield Graphs
    if remote is not None:
        remote.stop()


def test_graphs_are_as_the_model_says_whatever_is_done_to_them(graphs):
    run_state_machine_as_test(graphs, settings=settings(max_examples=30, stateful_step_count=25))
