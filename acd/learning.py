"""What learns from each answer as it comes, in a few numbers and without a look back: a line fitted
by least squares, and a quantile that follows its stream.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


class LeastSquares:
    """y ≈ weights · x, fitted recursively, with the past forgotten slowly.

    Recursive least squares (Ljung 1999, ch. 11): each answer costs some multiplications for each
    pair of inputs. `first` are the weights before anything was seen, and `trust` how many times
    the spread of one answer it takes to doubt them. The information is kept from growing without
    end by `memory` (0..1): an answer counts memory**n after n others.
    """

    def __init__(self, first: Sequence[float], trust: float, memory: float) -> None:
        self.weights = list(first)
        self._memory = memory
        self._doubt_most = trust
        size = len(self.weights)
        self._doubt = [[trust if i == j else 0.0 for j in range(size)] for i in range(size)]

    def says(self, x: Sequence[float]) -> float:
        """What is expected of y."""
        return math.fsum(w * one for w, one in zip(self.weights, x, strict=True))

    def learn(self, x: Sequence[float], y: float) -> None:
        """y came of x."""
        shift = [math.fsum(d * one for d, one in zip(row, x, strict=True)) for row in self._doubt]
        scale = self._memory + math.fsum(s * one for s, one in zip(shift, x, strict=True))
        error = y - self.says(x)
        self.weights = [w + s / scale * error for w, s in zip(self.weights, shift, strict=True)]
        for i, row in enumerate(self._doubt):
            for j in range(len(row)):
                row[j] = (row[j] - shift[i] * shift[j] / scale) / self._memory
        # what no answer has spoken of for long would be forgotten altogether, and then believed
        # of a single one: doubt grows no further than at the beginning
        if max(self._doubt[i][i] for i in range(len(shift))) > self._doubt_most:
            self._doubt = [[value * self._memory for value in row] for row in self._doubt]


class Quantile:
    """The value that `part` (0..1) of a stream lies below, followed in steps that shrink at first
    and then stay, so that it can still move (Robbins and Monro 1951)."""

    def __init__(self, part: float, first: float, step: float) -> None:
        self.part = part
        self.value = first
        self._step = step
        self._seen = 0

    def learn(self, seen: float) -> None:
        """One more of the stream."""
        self._seen += 1
        step = self._step * max(1.0, 10.0 / math.sqrt(self._seen))
        self.value += step * (self.part - (seen < self.value))
