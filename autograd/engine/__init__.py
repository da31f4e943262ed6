"""The chain rule along recorded graphs: back and forward, in numbers or as graphs of their own."""
