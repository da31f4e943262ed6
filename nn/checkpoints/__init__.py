"""A training under way, written to a file and gone on with."""
