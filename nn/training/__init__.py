"""`fit`: its settings, the loop over epochs, progress, interrupts."""
