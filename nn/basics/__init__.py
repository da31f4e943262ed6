"""What all rooms share: checks of arguments, samples and batches, files put in place at once."""
