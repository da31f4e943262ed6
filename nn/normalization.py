"""Layer normalisation."""

from typing import Any

import autograd
from autograd import Value
from autograd._checks import checked_keywords, error_text, real_number, whole_number
from nn._utils import sample_of
from nn.layers import PerSample


@checked_keywords
class LayerNorm(PerSample):
    """Shift and scale the signals of each sample to mean 0 and variance 1, then by parameters.

    Each signal is (x - mean) / sqrt(variance + eps) * gain + bias, where mean and variance are
    those of the sample's ``n`` signals (Ba, Kiros, Hinton 2016). The gains start at 1, the biases
    at 0.

    Parameters
    ----------
    n
        The number of signals, at least 2.
    eps
        What is added to the variance, so that equal signals do not divide by 0.

    Examples
    --------
    >>> norm = LayerNorm(2, eps=0.0)
    >>> norm.gain[1].data = 10.0
    >>> [y.data for y in norm([1.0, 3.0])]
    [-1.0, 10.0]
    """

    is_unit = True

    def __init__(self, n: int, eps: float = 1e-5) -> None:
        if whole_number("n", n) < 2:
            raise ValueError(error_text("n", n, "2 signals or more", "one is always its own mean"))
        self.eps = real_number("eps", eps, 0)
        self.gain = [Value(1.0) for _ in range(n)]
        self.bias = [Value(0.0) for _ in range(n)]

    def forward(self, sample: Any) -> list[Value]:
        """Normalise the signals of one sample.

        Examples
        --------
        >>> [round(y.data, 3) for y in LayerNorm(3).forward([1.0, 2.0, 3.0])]
        [-1.225, 0.0, 1.225]
        """
        x = sample_of(sample, len(self.gain), self.architecture)
        mean = autograd.mean(x)
        centred = [signal - mean for signal in x]
        scale = 1 / autograd.sqrt(autograd.mean([signal**2 for signal in centred]) + self.eps)
        return [
            signal * scale * gain + bias
            for signal, gain, bias in zip(centred, self.gain, self.bias, strict=True)
        ]

    def architecture(self) -> str:
        """Describe the layer without its numbers.

        Examples
        --------
        >>> LayerNorm(8).architecture()
        'LayerNorm(8)'
        """
        rest = "" if self.eps == 1e-5 else f", eps={self.eps:g}"
        return f"LayerNorm({len(self.gain)}{rest})"
