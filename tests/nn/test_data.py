import itertools
import threading
import time
import traceback
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import data
from nn.data import Column, Prefetched, mapping_of, wide

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
    monkeypatch.setattr(data, "RESIDENT", 0)
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


PAIRS = [([[0.0], [1.0]], [1.0, 3.0]), ([[2.0]], [5.0]), ([[-1.0], [3.0]], [-1.0, 7.0])]


class Endless:
    """Batches without an end, the same ones for each iteration."""

    def __iter__(self):
        return itertools.cycle(PAIRS)


class Again:
    """Batches that can be iterated again and again."""

    def __iter__(self):
        return iter(PAIRS)


def trained(X, **settings):
    model = nn.Neuron(1, activation="linear", init="zeros")
    history = nn.fit(model, X, progress=False, lr=0.1, **{"epochs": 3} | settings)
    return model.state_dict(), history["loss"]


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize("prefetch", [None, 0, 1, 5])
def test_an_iterable_trains_as_a_loop_over_its_batches(engine, prefetch):
    model = nn.Neuron(1, activation="linear", init="zeros")
    optimiser, losses = nn.Adam(model.parameters(), lr=0.1), []
    for _ in range(3):
        batches = [
            nn.fit(model, *pair, optimiser=optimiser, epochs=1, engine=engine, progress=False)
            for pair in PAIRS
        ]
        total = sum(len(Y) * b["loss"][0] for (_, Y), b in zip(PAIRS, batches, strict=True))
        losses.append(total / 5)
    expected = model.state_dict(), losses
    assert trained(Again(), engine=engine, prefetch=prefetch) == expected
    assert trained(lambda: iter(PAIRS), engine=engine, prefetch=prefetch) == expected
    assert trained(Endless(), engine=engine, prefetch=prefetch, steps_per_epoch=3) == expected
    endless = itertools.cycle(PAIRS)
    assert trained(endless, engine=engine, prefetch=prefetch, steps_per_epoch=3) == expected
    assert next(endless) == PAIRS[0], "no batch is drawn beyond the last step"


def test_a_function_may_take_the_number_of_the_epoch():
    asked = []

    def batches(epoch):
        asked.append(epoch)
        yield PAIRS[epoch % 3]

    trained(batches, prefetch=0)
    assert asked == [1, 2, 3]


def test_a_function_of_optional_arguments_gets_none():
    assert trained(lambda pairs=PAIRS: pairs) == trained(Again())


def test_arrays_in_batches_are_widened():
    narrow = [(np.array(X, "f4"), np.array(Y, "i2")) for X, Y in PAIRS]
    assert trained(lambda: narrow) == trained(Again())


def test_batches_that_are_not_regular_are_computed_one_by_one():
    model = nn.Neuron(1, activation="linear", init="zeros")

    def loss(_prediction, target):
        return model.b * sum(target)

    nn.fit(
        model,
        lambda: [([[1.0], [1.0]], [[1.0], [2.0, 3.0]])],
        loss=loss,
        optimiser="sgd",
        lr=1.0,
        epochs=1,
        progress=False,
    )
    assert model.b.data == -3.0


def test_a_generator_serves_one_epoch():
    assert trained((pair for pair in PAIRS), epochs=1) == trained(Again(), epochs=1)


def test_validation_and_metrics_of_an_iterable(XOR):
    model = nn.MLP(2, [1], output="sigmoid", rng=0)
    history = nn.fit(
        model, lambda: [XOR], epochs=1, validation=XOR, metrics="accuracy", progress=False
    )
    assert list(history) == ["loss", "validation_loss", "validation_accuracy", "lr", "seconds"]


@pytest.mark.parametrize(
    ("X", "settings", "error", "message"),
    [
        (
            iter(PAIRS),
            {},
            ValueError,
            r"a list_iterator gives its batches once: .* second of 3 epochs\. Give a function that",
        ),
        (PAIRS, {}, TypeError, r"the targets Y are missing: a list of 3 holds samples\. Batches"),
        (
            np.eye(2),
            {},
            TypeError,
            r"the targets Y are missing: an ndarray of shape \(2, 2\) holds",
        ),
        ("abc", {}, TypeError, r"the training samples: got a str.*; allowed: a list or an array"),
        (3.0, {}, TypeError, r"the training samples: got a float.*; allowed: a list or an array"),
        (Again(), {"batch_size": 2}, ValueError, "batch_size goes with samples: an iterable makes"),
        (
            Again(),
            {"steps_per_epoch": 0},
            ValueError,
            "steps_per_epoch: got an int .0.; allowed: a whole number of at least 1",
        ),
        (
            Again(),
            {"prefetch": -1},
            ValueError,
            "prefetch: got an int .-1.; allowed: a whole number of at least 0",
        ),
        (Again(), {"metrics": "accuracy"}, ValueError, "metrics of an iterable of batches are"),
        (
            [[1.0]],
            {"Y": [1.0], "steps_per_epoch": 2},
            ValueError,
            "steps_per_epoch goes with an iterable of batches: give batch_size",
        ),
        (
            Again(),
            {"steps_per_epoch": 4},
            ValueError,
            "the Again gave 3 batches in epoch 1, steps_per_epoch is 4",
        ),
        (list, {}, ValueError, "the type gave no batches in epoch 1"),
        (lambda: None, {}, TypeError, r"the function must return an iterable .*\(X, Y\), got None"),
        (
            lambda: [[[1.0]]],
            {},
            TypeError,
            r"batch 1 of epoch 1: got a list of 1; allowed: \(samples, targets\) or \(samples, ta",
        ),
        (
            lambda: [*PAIRS, ([[1.0]], [1.0, 2.0])],
            {},
            ValueError,
            r"batch 4 of epoch 1 needs as many targets as samples .* got 1 samples and 2 targets",
        ),
        (
            lambda: [(1.0, [1.0])],
            {},
            TypeError,
            "the batch 1 of epoch 1 samples: got a float .*; allowed: a list or an array",
        ),
    ],
)
def test_what_is_no_iterable_of_batches(X, settings, error, message):
    with pytest.raises(error, match=message):
        trained(X, **settings)


def test_an_iterable_that_got_shorter_cannot_be_gone_on_with():
    loader = data.resolve_loader(lambda: PAIRS, None, None, None)
    with pytest.raises(ValueError, match="gave 3 batches in epoch 2, where 5 were used before"):
        list(loader.epoch(2, None, skip=5))


def alive():
    return [thread for thread in threading.enumerate() if thread.name == "nn.fit batches"]


@pytest.mark.parametrize("size", [0, 1, 2, 100])
def test_the_order_is_the_iterators(size):
    with Prefetched(iter(range(50)), size) as items:
        assert list(items) == list(range(50))
    assert alive() == []


def test_no_more_are_made_than_fit_the_queue():
    made = []

    def loader():
        for i in range(100):
            made.append(i)
            yield i

    with Prefetched(loader(), 3) as items:
        assert next(items) == 0
        deadline = time.monotonic() + 5
        while len(made) < 5 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.02)
        assert len(made) == 5, "one used, three ready, one waiting for its place"
    assert alive() == []


@pytest.mark.parametrize("size", [0, 2])
def test_an_error_comes_out_after_the_items_before_it_with_its_own_lines(size):
    def broken_source():
        yield 1
        raise OSError("the disk is gone")

    got = []
    with (
        pytest.raises(OSError, match="the disk is gone") as caught,
        Prefetched(broken_source(), size) as items,
    ):
        got.extend(items)  # what came before an error stays
    assert got == [1]
    assert "broken_source" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert alive() == []


def test_batches_are_made_in_another_thread_while_the_training_goes_on():
    threads = set()

    def batches():
        threads.add(threading.current_thread().name)
        yield [[1.0]], [1.0]

    nn.fit(nn.Neuron(1), batches, epochs=2, progress=False)
    assert threads == {"nn.fit batches"}
    nn.fit(nn.Neuron(1), batches, epochs=1, progress=False, prefetch=0)
    assert threads == {"nn.fit batches", "MainThread"}


def test_the_thread_ends_with_an_interrupt():
    def batches():
        while True:
            yield [[1.0]], [1.0]

    def schedule(step):
        if step == 5:
            raise KeyboardInterrupt
        return 1.0

    history = nn.fit(nn.Neuron(1), batches, schedule=schedule, steps_per_epoch=3, progress=False)
    assert (history.epochs, history.interrupted) == (1, True)
    assert alive() == []


def test_closing_does_not_wait_long_for_an_item_that_never_comes(monkeypatch):
    monkeypatch.setattr("nn.data.PATIENCE", 0.01)
    release = threading.Event()

    def loader():
        yield 1
        release.wait(10)
        yield 2

    with Prefetched(loader(), 2) as items:
        assert next(items) == 1
    thread, *others = alive()
    assert others == []
    release.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("engine", ["compiled", "eager", "jax"])
def test_accumulated_batches_are_one_step(engine):
    if engine == "jax":
        pytest.importorskip("jax")
    X, Y = np.random.default_rng(0).normal(size=(10, 2)), np.arange(10.0)

    def trained(data, **options):
        model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
        options = {"lr": 0.1, "epochs": 3, "shuffle": False, "engine": engine, **options}
        return nn.fit(model, *data, progress=False, **options)["loss"], model.state_dict()

    def batches():
        for k in range(0, 10, 2):
            yield X[k : k + 2].tolist() if k == 4 else X[k : k + 2], Y[k : k + 2]

    whole = trained((X, Y), batch_size=6)
    assert trained((X, Y), batch_size=2, accumulate=3) == whole
    assert trained((batches,), accumulate=3) == whole
    assert trained((batches,), accumulate=1) == trained((X, Y), batch_size=2)
    assert trained((batches,), accumulate=9) == trained((X, Y))


def test_accumulated_batches_with_weights_and_of_ragged_samples():
    pairs = [([[1.0], [2.0]], [1.0, 2.0]), ([[3.0]], [3.0], [0.5])]
    (batch,) = data.BatchLoader(lambda: iter(pairs), accumulate=2).epoch(1, None, 0)
    assert np.array(batch.X).tolist() == [[1.0], [2.0], [3.0]]
    assert batch.weights.tolist() == [1.0, 1.0, 0.5]
    ragged = [([[1.0], [2.0, 3.0]], [1.0, 2.0]), ([[3.0]], [3.0])]
    (batch,) = data.BatchLoader(lambda: iter(ragged), accumulate=2).epoch(1, None, 0)
    assert [list(x) for x in batch.X] == [[1.0], [2.0, 3.0], [3.0]]


def test_a_training_with_accumulated_batches_is_resumed(tmp_path):
    def batches(epoch):
        rng = np.random.default_rng(epoch)
        for _ in range(5):
            yield rng.normal(size=(2, 1)), rng.normal(size=2)

    def trained(**options):
        model = nn.Neuron(1, "tanh", rng=0)
        options = {"accumulate": 2, "epochs": 3, **options}
        return nn.fit(model, batches, lr=0.1, progress=False, **options)["loss"]

    path = tmp_path / "run"
    with pytest.raises(ZeroDivisionError):
        trained(checkpoint=path, step_callbacks=[lambda step: 1 / (step.number - 5)])
    assert trained(checkpoint=path, resume=True) == trained()
    with pytest.raises(ValueError, match="accumulate was 2 and is 1"):
        trained(checkpoint=path, resume=True, accumulate=1)
