"""What is known exactly: Erlang-A, one pool, exponential talks and patience (Palm 1957)."""

from __future__ import annotations


def mean_wait(rate: float, handle: float, patience: float, agents: int) -> tuple[float, float]:
    """Mean seconds waited (of all who come) and the share who give up, of a birth-death chain with
    death rate min(k, agents) / handle + max(0, k - agents) / patience."""
    weight, total, queue, k = 1.0, 1.0, 0.0, 0
    while weight > 1e-16 * total or k <= agents:
        k += 1
        weight *= rate / (min(k, agents) / handle + max(0, k - agents) / patience)
        total += weight
        queue += max(0, k - agents) * weight
        if total > 1e250:
            weight, total, queue = weight * 1e-250, total * 1e-250, queue * 1e-250
    waiting = queue / total
    return waiting / rate, waiting / patience / rate
