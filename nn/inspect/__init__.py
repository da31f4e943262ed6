"""What is seen of a training: signals and diagnoses, recordings, the history."""
