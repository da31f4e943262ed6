"""Pictures that move: both passes of a graph, a training from epoch to epoch."""
