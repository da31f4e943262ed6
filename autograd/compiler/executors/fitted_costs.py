"""Nanoseconds of each engine's work, written by `python -m benchmarks --costs --write`."""

TAPE = {
    "call": 210.0,
    "batch": 5060.0,
    "array": 604.0,
    "number": 2.3,
    "node": 2.34,
    "edge": 0.0,
    "pullback": 1.46,
    "vector": 27.1,
    "function": 5.12,
}
ROWS = {
    "call": 645.0,
    "array": 190.0,
    "number": 0.306,
    "record": 4.27,
    "element": 0.0811,
    "vector": 8.13,
    "function": 12.1,
}
BLOCKS = {
    "call": 907.0,
    "array": 118.0,
    "number": 0.633,
    "operation": 6.36,
    "scalar": 0.0,
    "view": 36.3,
    "element": 0.169,
    "vector": 1.05,
    "function": 6.57,
    "product": 0.0469,
    "indexed": 0.25,
}
WHOLE = {
    "call": 908.0,
    "array": 114.0,
    "number": 0.326,
    "operation": 26.2,
    "scalar": 4.51,
    "view": 0.0,
    "element": 1.23,
    "vector": 19.1,
    "function": 0.0,
    "product": 0.364,
    "indexed": 0.866,
}
NUMPY = {
    "call": 408.0,
    "array": 470.0,
    "number": 0.0,
    "operation": 666.0,
    "scalar": 69.7,
    "view": 566.0,
    "element": 0.852,
    "vector": 2.05,
    "function": 18.2,
    "product": 0.141,
    "indexed": 0.719,
}
