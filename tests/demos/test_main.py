import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib import image

from demos import __main__ as command
from demos import weight_initialisation

ROOT = Path(__file__).parents[2]
GRAPHS = ("computational_graph", "logistic_regression", "mlp_backpropagation",
          "scalar_to_numpy", "scalar_to_numpy_program")  # fmt: skip
PLOTS = (
    "logistic_regression_loss",
    "weight_initialisation",
    "activation_functions",
    "deep_networks",
    "deep_networks_gradients",
    "softmax_classification",
    "digits",
)
DRAWN = {f"{name}.{ending}" for name in GRAPHS for ending in ("svg", "png")}
DRAWN |= {"computational_graph.html", "computational_graph.gif"}  # both passes, step by step
PICTURES = DRAWN | {f"{name}.png" for name in PLOTS} | {"training.gif"}
ORDER = (
    "computational_graph",
    "logistic_regression",
    "mlp_backpropagation",
    "weight_initialisation",
    "deep_networks",
    "softmax_classification",
    "scalar_to_numpy",
    "digits",
    "tiny_transformer",
)


def test_all_demos_run_in_the_order_of_the_lecture(tour):
    titles = [line for line in tour.text.splitlines() if line.startswith("== ")]
    assert titles == [f"== {i} of {len(ORDER)}: {name}" for i, name in enumerate(ORDER, start=1)]
    assert all(command.idea(demo) in tour.text for demo in command.ALL)


def test_the_tour_ends_with_the_list_of_pictures(tour):
    _, _, end = tour.text.rpartition(" pictures in ")
    listed = [Path(line.strip()) for line in end.splitlines()[1:]]
    assert {path.name for path in listed} == PICTURES
    assert {path.parent for path in listed} == {tour.out}
    assert {path.name for path in tour.out.iterdir()} == PICTURES


def test_the_text_needs_no_special_terminal(tour):
    assert tour.text.isascii()
    printed = [line for line in tour.text.splitlines() if str(tour.out) not in line]
    assert max(map(len, printed)) <= 100


@pytest.mark.parametrize("name", sorted(name for name in PICTURES if name.endswith(".png")))
def test_a_png_shows_something(tour, name):
    pixels = image.imread(tour.out / name)
    assert min(pixels.shape[:2]) > 100
    assert pixels[..., :3].std() > 0.02


@pytest.mark.parametrize("name", GRAPHS)
def test_an_svg_is_one(tour, name):
    root = ET.parse(tour.out / f"{name}.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_one_demo_runs_by_its_name(tmp_path):
    program = [sys.executable, "-W", "error", "-m", "demos", "computational_graph"]
    done = subprocess.run(
        [*program, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "== 1 of 1: computational_graph" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {
        "computational_graph.svg",
        "computational_graph.png",
        "computational_graph.html",
        "computational_graph.gif",
    }


def test_an_unknown_name_is_an_error_that_lists_the_names(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["computational_graph", "computational_grap", "--out", str(tmp_path / "none")])
    message = capsys.readouterr().err
    assert "there is no demo 'computational_grap'; choose from" in message
    assert all(name in message for name in command.DEMOS)
    assert not (tmp_path / "none").exists()


def test_help_says_what_each_demo_shows(capsys):
    with pytest.raises(SystemExit, match="0"):
        command.main(["--help"])
    assert "A formula is a graph: J(a, b, c) = 3(a + bc)" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match="2"):
        command.main(["--out", str(tmp_path / "file" / "out")])
    assert f"cannot write to {tmp_path / 'file' / 'out'}: " in capsys.readouterr().err


def test_without_matplotlib_graphs_are_drawn_and_each_plot_says_what_it_needs(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr(weight_initialisation, "EPOCHS", 2)
    command.main(["computational_graph", "weight_initialisation", "--out", str(tmp_path)])
    text = capsys.readouterr().out
    for plot in ("weight_initialisation", "activation_functions"):
        line = f'no plot {plot}.png: this needs matplotlib: pip install "scalar-autograd[plot]"\n'
        assert line in text
    drawn = {name for name in DRAWN if name.startswith("computational_graph.")}
    assert {path.name for path in tmp_path.iterdir()} == drawn


@pytest.mark.parametrize("demo", command.ALL, ids=lambda demo: demo.__name__)
def test_a_demo_is_short(demo):
    limit = {"demos.tiny_transformer": 145}.get(demo.__name__, 90)  # a whole language model
    assert len(Path(demo.__file__).read_text(encoding="utf-8").splitlines()) <= limit
