"""Points where functions are tried, and derivatives by differences."""

import numpy as np


def spaced(interval, count):
    """Return evenly spaced numbers in an interval, none of them round: no kink is hit."""
    low, high = interval
    return [low + (high - low) * (i + 0.37) / count for i in range(count if low < high else 1)]


def finite_differences(function, x, h=1e-6):
    """Return the central differences of a function of an array, in the array's shape."""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        slopes[place] = (function(x + step) - function(x - step)) / (2 * h)
    return slopes
