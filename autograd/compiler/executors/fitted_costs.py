"""Nanoseconds of each engine's work, written by `python -m benchmarks --costs --write`."""

TAPE = {
    "call": 215.0,
    "batch": 5390.0,
    "array": 599.0,
    "number": 2.32,
    "node": 2.35,
    "edge": 0.0,
    "pullback": 1.43,
    "vector": 26.2,
    "function": 5.46,
}
ROWS = {
    "call": 628.0,
    "array": 195.0,
    "number": 0.276,
    "record": 4.22,
    "element": 0.0897,
    "vector": 8.32,
    "function": 12.3,
}
BLOCKS = {
    "call": 1000.0,
    "array": 104.0,
    "number": 0.552,
    "operation": 6.33,
    "scalar": 0.0,
    "view": 33.9,
    "element": 0.196,
    "vector": 1.15,
    "function": 6.56,
    "product": 0.0447,
    "indexed": 0.248,
}
WHOLE = {
    "call": 923.0,
    "array": 117.0,
    "number": 0.2,
    "operation": 27.6,
    "scalar": 4.66,
    "view": 0.0,
    "element": 1.33,
    "vector": 18.8,
    "function": 0.0,
    "product": 0.427,
    "indexed": 0.666,
}
NUMPY = {
    "call": 720.0,
    "array": 496.0,
    "number": 0.0,
    "operation": 678.0,
    "scalar": 69.3,
    "view": 567.0,
    "element": 0.845,
    "vector": 4.55,
    "function": 16.0,
    "product": 0.123,
    "indexed": 0.723,
}
