"""The chain rule along recorded graphs: in reverse and forward mode, in floats or as graphs."""
