"""Plots of training: loss curves, decision boundaries, activation functions (extra ``plot``).

Each function returns a Matplotlib ``Figure``: notebooks show it, ``figure.savefig(path)`` writes
it. Nothing here touches pyplot or its global state, so no display is needed. Give ``ax=`` to
draw into axes of your own.
"""

from viz.plots.boundary import plot_decision_boundary
from viz.plots.curves import plot_activations, plot_history
from viz.plots.distributions import plot_distributions

__all__ = ["plot_activations", "plot_decision_boundary", "plot_distributions", "plot_history"]
