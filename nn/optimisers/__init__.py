"""How parameters are changed: optimisers, and limits on gradients."""
