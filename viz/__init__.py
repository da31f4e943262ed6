"""Pictures of graphs of values and gradients.

>>> import viz
>>> from autograd import Value
>>> x = Value(2.0, "x")
>>> viz.draw(x * x)
<Picture: 2 nodes, 2 edges; .save('graph.svg'), .show()>
"""

from viz.animation import Animation
from viz.graph_animation import animate
from viz.html.explore import Exploration, explore
from viz.html.program import ProgramExploration, explore_program
from viz.picture import Picture, draw
from viz.plots import plot_activations, plot_decision_boundary, plot_distributions, plot_history
from viz.programs.node_table import ProgramNode, ProgramNodes, program_nodes
from viz.programs.program_graph import draw_program
from viz.rendering.render import RenderError
from viz.reports.explain import Explanation, explain
from viz.reports.ledger import Ledger, LedgerRow, ledger
from viz.reports.tree import TextTree, text
from viz.training_animation import animate_training

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
