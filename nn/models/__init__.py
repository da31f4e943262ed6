"""Networks: modules with parameters, layers, activations."""
