"""Pictures of graphs of values and gradients."""
