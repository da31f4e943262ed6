"""Nanoseconds of each engine's work, written by `python -m benchmarks --costs --write`."""

TAPE = {
    "call": 194.0,
    "batch": 5270.0,
    "array": 578.0,
    "number": 2.02,
    "node": 2.3,
    "edge": 0.0,
    "pullback": 1.49,
    "vector": 30.3,
    "function": 4.3,
}
ROWS = {
    "call": 661.0,
    "array": 181.0,
    "number": 0.281,
    "record": 4.07,
    "element": 0.0765,
    "vector": 8.23,
    "function": 11.9,
}
BLOCKS = {
    "call": 875.0,
    "array": 120.0,
    "number": 0.62,
    "operation": 6.56,
    "scalar": 0.0,
    "view": 29.0,
    "element": 0.144,
    "vector": 1.16,
    "function": 6.53,
    "product": 0.0476,
    "indexed": 0.245,
}
WHOLE = {
    "call": 955.0,
    "array": 101.0,
    "number": 0.298,
    "operation": 23.7,
    "scalar": 4.53,
    "view": 0.0,
    "element": 1.16,
    "vector": 16.7,
    "function": 0.0,
    "product": 0.392,
    "indexed": 0.713,
}
NUMPY = {
    "call": 1010.0,
    "array": 297.0,
    "number": 0.0,
    "operation": 681.0,
    "scalar": 62.0,
    "view": 541.0,
    "element": 0.737,
    "vector": 9.71,
    "function": 9.9,
    "product": 0.139,
    "indexed": 0.706,
}
