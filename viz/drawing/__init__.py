"""From a graph to a picture: boxes and arrows, cards, DOT text."""
