"""A formula is a graph: J(a, b, c) = 3(a + bc), forward and then backward, node by node."""

from pathlib import Path

from autograd import Value
from demos.pictures import save_graph
from viz import animate, draw, explore


def main(out: Path) -> list[Path]:
    """Compute J and its gradients, beside the chain rule written out by hand."""
    # Forward: Python computes, and the graph grows along.
    a, b, c = Value(2, "a"), Value(-3, "b"), Value(10, "c")
    u = b * c
    v = a + u
    J = 3 * v
    u.label, v.label, J.label = "u", "v", "J"
    print("forward")
    print(f"  u = b * c = {b:g} * {c:g} = {u:g}")
    print(f"  v = a + u = {a:g} + {u:g} = {v:g}")
    print(f"  J = 3 * v = 3 * {v:g} = {J:g}")

    # Backward by hand: multiply the local derivatives, from J towards the inputs.
    dv = 3.0  # J = 3v
    du = dv * 1.0  # v = a + u
    da = dv * 1.0
    db = du * c.data  # u = bc
    dc = du * b.data

    # Backward by the library: one call.
    J.backward()
    print(f"\n{'backward':10}{'chain rule':28}{'by hand':>8}{'autograd':>10}")
    for name, rule, hand, node in (
        ("dJ/dv", "3", dv, v),
        ("dJ/du", "dJ/dv * dv/du = 3 * 1", du, u),
        ("dJ/da", "dJ/dv * dv/da = 3 * 1", da, a),
        ("dJ/db", "dJ/du * du/db = 3 * c", db, b),
        ("dJ/dc", "dJ/du * du/dc = 3 * b", dc, c),
    ):
        print(f"  {name:8}{rule:28}{hand:8g}{node.grad:10g}")

    # What a gradient says: a small step of b moves J by dJ/db times as much.
    h = 0.001
    moved = 3 * (a + (b + h) * c)
    print(f"\nb + {h:g} moves J by {moved.data - J.data:.3f}, and dJ/db * {h:g} = {b.grad * h:.3f}")
    page = explore(J).save(out / "computational_graph.html")
    print(f"\nStep through both passes in a browser: {page}")
    film = animate(J).save(out / "computational_graph.gif")
    return [*save_graph(draw(J), out, "computational_graph"), page, film]
