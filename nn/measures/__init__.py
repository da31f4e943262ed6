"""What is asked of predictions: losses and metrics, of single numbers and of lists."""
