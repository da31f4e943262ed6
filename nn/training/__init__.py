"""Training with `fit`: its arguments checked, the loop over epochs and steps, interrupts."""
