def table(tour):
    rows = tour.rows("deep_networks", r" +(\d) +(\d+) +(\S+) +(\S+) +(\S+)%")
    return [tuple(map(float, row)) for row in rows]


def test_depths_and_sizes(tour):
    assert [row[:2] for row in table(tour)] == [(1, 3), (2, 25), (3, 67), (6, 193)]


def test_a_line_cannot_and_depth_can(tour):
    shares = [row[-1] for row in table(tour)]
    assert shares[0] < 75
    assert shares == sorted(shares)
    assert shares[-1] > 95


def test_each_network_learns(tour):
    assert all(last < first for _, _, first, last, _ in table(tour))


def test_gradients_vanish_in_many_sigmoids(tour):
    assert "layers.0: gradients vanish on the way down" in tour.of("deep_networks")
