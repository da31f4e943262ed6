import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import columns
from nn.data.columns import Column, mapping_of, wide

KINDS = ["?", "i1", "u2", "i8", "u8", "f2", "f4", "f8", ">f8", ">i4"]


@pytest.fixture
def mapped(tmp_path):
    """Return a function that stores an array in a file and maps it."""

    def store(array, mode="r"):
        path = tmp_path / "array.npy"
        np.save(path, array)
        return np.load(path, mmap_mode=mode)

    return store


@given(st.lists(st.integers(0, 19), min_size=1), st.integers(0, 20), st.integers(0, 20))
def test_a_mapped_file_is_read_like_an_array(tmp_path_factory, places, start, stop):
    array = np.arange(40.0).reshape(20, 2)
    path = tmp_path_factory.mktemp("mapped") / "array.npy"
    np.save(path, array)
    column = Column(np.load(path, mmap_mode="r"))
    assert (column.take(np.array(places)) == array[places]).all()
    assert (column.take(slice(start, stop)) == array[start:stop]).all()
    assert list(column.rows()) == array.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_as_in_a_list_whatever_their_type(kind):
    array = np.array([[0, 1], [1, 0], [1, 1]], dtype=kind)
    expected = np.array(array.tolist())
    for chosen in (slice(None), np.array([2, 0, 1])):
        part = Column(array).take(chosen)
        assert part.dtype == expected.dtype
        assert (part == expected[chosen]).all()
        assert part.flags.c_contiguous


@pytest.mark.parametrize("kind", ["u1", "f4", "?"])
def test_the_same_numbers_train_to_the_same_bits_however_they_are_stored(mapped, kind):
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 3, dtype=kind)
    Y = np.asfortranarray(np.stack([X[:, 0] != X[:, 1], X[:, 0]], axis=1)).astype("f4")

    def trained(xs, ys):
        model = nn.MLP(2, [3, 2], activation="tanh", rng=0)
        history = nn.fit(model, xs, ys, batch_size=5, epochs=2, rng=0, progress=False)
        return model.state_dict(), history["loss"]

    assert trained(X.tolist(), Y.tolist()) == trained(X, Y) == trained(mapped(X), Y)


def test_lists_that_are_not_regular_stay_lists():
    column = Column([[1.0], [2.0, 3.0], [4.0]])
    assert column.take(np.array([2, 0])) == [[4.0], [1.0]]
    assert column.take(slice(1, 9)) == [[2.0, 3.0], [4.0]]
    assert list(column.rows()) == [[1.0], [2.0, 3.0], [4.0]]


def test_whole_numbers_above_the_signed_ones_are_kept():
    assert wide(np.array([2**63 + 1], dtype="u8")).tolist() == [2**63 + 1]


def test_views_of_a_mapping_know_its_file_unless_changes_are_private(mapped):
    shared = mapped(np.zeros((4, 3)))
    assert mapping_of(shared[1:, :2]) is not None
    assert mapping_of(np.asarray(shared)) is not None
    assert mapping_of(mapped(np.zeros(3), mode="c")) is None
    assert mapping_of(np.array(shared)) is None
    assert mapping_of([1.0]) is None


def test_changes_of_a_private_mapping_are_not_dropped(mapped, monkeypatch):
    monkeypatch.setattr(columns, "RESIDENT", 0)
    array = mapped(np.zeros((4, 2)), mode="c")
    array[2] = 7.0
    column = Column(array)
    assert column.take(np.array([0])).tolist() == [[0.0, 0.0]]
    assert column.take(np.array([2])).tolist() == [[7.0, 7.0]]


def sparse(path, samples, features):
    """Map a file of zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(samples * features * 8)
    return np.memmap(path, dtype="f8", mode="r", shape=(samples, features))


def test_a_mapped_file_is_never_copied_whole(tmp_path):
    X = sparse(tmp_path / "X", 32_000, 256)  # 66 MB
    Y = sparse(tmp_path / "Y", 32_000, 1)[:, 0]
    model = nn.Neuron(256, activation="linear", init="zeros")
    tracemalloc.start()
    nn.fit(model, X, Y, epochs=1, batch_size=1000, rng=0, progress=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


STATM = Path("/proc/self/statm")


def resident():
    """Return the bytes of mapped files in this process, as Linux counts them."""
    return int(STATM.read_text().split()[2]) * 4096


@pytest.mark.skipif(not STATM.exists(), reason="Linux counts pages")
@pytest.mark.parametrize("shuffled", [False, True])
def test_pages_of_a_mapped_file_do_not_stay(tmp_path, shuffled):
    column = Column(sparse(tmp_path / "X", 30_000, 512))  # 123 MB
    order = np.random.default_rng(0).permutation(30_000) if shuffled else np.arange(30_000)
    before, most = resident(), 0
    for start in range(0, 30_000, 500):
        chosen = order[start : start + 500] if shuffled else slice(start, start + 500)
        assert column.take(chosen).sum() == 0
        most = max(most, resident() - before)
    assert most < 60e6
