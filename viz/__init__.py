"""Visualization of computation graphs, their derivatives, and trainings.

Public names import their modules lazily, so that ``import viz`` costs next to nothing, and texts
and tables need none of the libraries that render pictures.

>>> import viz
>>> from autograd import Value
>>> x = Value(2.0, "x")
>>> viz.draw(x * x)
<Picture: 2 nodes, 2 edges; .save('graph.svg'), .show()>
"""

from typing import TYPE_CHECKING

from autograd._lazy import attach

if TYPE_CHECKING:
    from viz.animation import Animation
    from viz.graph_animation import animate
    from viz.html.explore import Exploration, explore
    from viz.html.program import ProgramExploration, explore_program
    from viz.picture import Picture, draw
    from viz.plots import (
        plot_activations,
        plot_decision_boundary,
        plot_distributions,
        plot_history,
    )
    from viz.programs.node_table import ProgramNode, ProgramNodes, program_nodes
    from viz.programs.program_graph import draw_program
    from viz.rendering.engines import RenderError
    from viz.reports.explain import Explanation, explain
    from viz.reports.ledger import Ledger, LedgerRow, ledger
    from viz.reports.tree import TextTree, text
    from viz.training_animation import animate_training

__getattr__, __dir__ = attach(
    __name__,
    {
        "viz.animation": ["Animation"],
        "viz.graph_animation": ["animate"],
        "viz.html.explore": ["Exploration", "explore"],
        "viz.html.program": ["ProgramExploration", "explore_program"],
        "viz.picture": ["Picture", "draw"],
        "viz.plots": [
            "plot_activations",
            "plot_decision_boundary",
            "plot_distributions",
            "plot_history",
        ],
        "viz.programs.node_table": ["ProgramNode", "ProgramNodes", "program_nodes"],
        "viz.programs.program_graph": ["draw_program"],
        "viz.rendering.engines": ["RenderError"],
        "viz.reports.explain": ["Explanation", "explain"],
        "viz.reports.ledger": ["Ledger", "LedgerRow", "ledger"],
        "viz.reports.tree": ["TextTree", "text"],
        "viz.training_animation": ["animate_training"],
    },
)

__all__ = [
    "Animation",
    "Explanation",
    "Exploration",
    "Ledger",
    "LedgerRow",
    "Picture",
    "ProgramExploration",
    "ProgramNode",
    "ProgramNodes",
    "RenderError",
    "TextTree",
    "animate",
    "animate_training",
    "draw",
    "draw_program",
    "explain",
    "explore",
    "explore_program",
    "ledger",
    "plot_activations",
    "plot_decision_boundary",
    "plot_distributions",
    "plot_history",
    "program_nodes",
    "text",
]
