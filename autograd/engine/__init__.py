"""The chain rule along recorded graphs: in reverse and forward mode, with floats or as graphs."""
