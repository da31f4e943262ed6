"""Programs: right numbers on known inputs, and as many nodes as the table says."""

import math

import pytest

from autograd import constant, gradient
from autograd.graph import topological
from benchmarks import workloads
from benchmarks.peers.base import UnsupportedError
from benchmarks.peers.ours import Ours, Taped
from benchmarks.runner import difference


@pytest.mark.parametrize("name", workloads.DEFAULT)
def test_default_workloads_are_found_by_their_names(name):
    assert workloads.find(name).name == name


@pytest.mark.parametrize("name", ["hinge", "hinge-0", "hinge-x", "product-3", "sort-10"])
def test_an_unknown_workload_is_refused(name):
    with pytest.raises(ValueError, match=f"workload '{name}': allowed are product, readme"):
        workloads.find(name)


def test_product():
    assert Ours().run(workloads.find("product"))() == [3.0, 30.0, -9.0]


def test_readme_expression_has_the_gradients_of_its_readme():
    a, b = Ours().run(workloads.find("readme"))()
    assert (a, b) == pytest.approx((138.8338, 645.5773), abs=1e-4)


def test_hinge_has_one_node_for_each_number():
    assert Ours().nodes(workloads.find("hinge-20")) == 13_298


def test_greeks_agree_with_central_differences():
    workload = workloads.find("gamma")
    *first, gamma = Ours().run(workload)()

    def price(i, step):
        shifted = [x + step * (i == j) for j, x in enumerate(workload.inputs)]
        return workload.program(Ours(), [constant(x) for x in shifted]).data

    h = 1e-4
    central = [(price(i, h) - price(i, -h)) / (2 * h) for i in range(4)]
    assert first == pytest.approx(central, rel=1e-6)
    bend = (price(0, 1e-2) - 2 * price(0, 0.0) + price(0, -1e-2)) / 1e-4
    assert gamma == pytest.approx(bend, rel=1e-5)


def test_a_network_of_nn_has_the_gradients_of_the_scalar_program():
    workload = workloads.find("nn-5")
    ours = Ours()
    leaves = [ours.leaf(x) for x in workload.inputs]
    expected = gradient(workload.program(ours, leaves), leaves)
    run = ours.run(workload)
    assert difference(run(), expected) < 1e-12
    assert difference(run(), expected) < 1e-12  # gradients do not add up from run to run
    scalar = workloads.hinge(ours, leaves, workload.network)
    assert ours.nodes(workload) < len(topological(scalar)) / 4


@pytest.mark.parametrize("name", ["product", "hinge-2", "random-1500", "mixed-1500", "wide-2000"])
def test_the_tape_has_the_gradients_of_the_graph(name):
    workload = workloads.find(name)
    found = Taped().run(workload)()
    assert found == Ours().run(workload)()
    assert all(math.isfinite(x) for x in found)
    assert any(found)


def test_the_tape_has_no_second_derivative():
    with pytest.raises(UnsupportedError, match="no second derivative"):
        Taped().run(workloads.find("gamma"))


def test_sizes_of_irregular_programs():
    assert Ours().nodes(workloads.find("random-10")) == pytest.approx(15, abs=4)
    assert Ours().nodes(workloads.find("random-2300")) == 2309
    assert 1500 < Ours().nodes(workloads.find("wide-2000")) < 3500
