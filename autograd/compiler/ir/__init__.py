"""The array IR: typed equations over arrays, their derivatives, and the passes on them."""
