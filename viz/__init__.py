"""Pictures of graphs of values and gradients.

>>> import viz
>>> from autograd import Value
>>> x = Value(2.0, "x")
>>> viz.draw(x * x)
<Picture: 2 nodes, 2 edges; .save('graph.svg'), .show()>
"""

from viz.drawing.draw import draw
from viz.drawing.picture import Picture
from viz.motion.animate import animate
from viz.motion.animation import Animation
from viz.motion.training import animate_training
from viz.pages.explore import Exploration, explore
from viz.pages.program import ProgramExploration, explore_program
from viz.plots.boundary import plot_decision_boundary
from viz.plots.curves import plot_activations, plot_history
from viz.plots.distributions import plot_distributions
from viz.programs.draw import draw_program
from viz.programs.elements import ProgramNode
from viz.programs.nodes import ProgramNodes, program_nodes
from viz.rendering.render import RenderError
from viz.words.explain import explain
from viz.words.explanation import Explanation
from viz.words.ledger import Ledger, LedgerRow, ledger
from viz.words.text import TextTree, text

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
