"""Pictures of graphs of values and gradients.

>>> import viz
>>> from autograd import Value
>>> x = Value(2.0, "x")
>>> viz.draw(x * x)
<Picture: 2 nodes, 2 edges; .save('graph.svg'), .show()>
"""

from viz.draw import draw
from viz.picture import Picture
from viz.render import RenderError

__all__ = ["Picture", "RenderError", "draw"]
