"""Principal axes of a correlation matrix, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5)."""

from __future__ import annotations

from math import sqrt
from typing import Any, Final

from detectors.kernel import kernel

_SWEEPS: Final = 30
_ENOUGH: Final = 1e-12


@kernel
def principal_axes(matrix: Any, size: int, axes: Any, spreads: Any) -> None:
    """Diagonalise the leading `size` rows of a symmetric matrix, which is overwritten.

    Args:
        axes: f8[n, n]; column k becomes the axis of `spreads[k]`.
        spreads: f8[n]; variances along the axes, falling.
    """
    for i in range(size):
        for j in range(size):
            axes[i, j] = 1.0 if i == j else 0.0
    for _ in range(_SWEEPS):
        outside = 0.0
        for i in range(size):
            for j in range(i):
                outside += matrix[i, j] ** 2
        if outside < _ENOUGH:
            break
        for i in range(size):
            for j in range(i):
                _rotate(matrix, size, i, j, axes)
    for k in range(size):
        spreads[k] = max(matrix[k, k], 0.0)
    _sort(size, axes, spreads)


@kernel
def _rotate(matrix: Any, size: int, i: int, j: int, axes: Any) -> None:
    """Turn the axes i and j until they do not correlate."""
    if matrix[i, j] == 0.0:
        return
    theta = (matrix[j, j] - matrix[i, i]) / (2.0 * matrix[i, j])
    tangent = (1.0 if theta >= 0.0 else -1.0) / (abs(theta) + sqrt(theta * theta + 1.0))
    cosine = 1.0 / sqrt(tangent * tangent + 1.0)
    sine = tangent * cosine
    for k in range(size):
        a, b = matrix[k, i], matrix[k, j]
        matrix[k, i], matrix[k, j] = cosine * a - sine * b, sine * a + cosine * b
    for k in range(size):
        a, b = matrix[i, k], matrix[j, k]
        matrix[i, k], matrix[j, k] = cosine * a - sine * b, sine * a + cosine * b
        a, b = axes[k, i], axes[k, j]
        axes[k, i], axes[k, j] = cosine * a - sine * b, sine * a + cosine * b


@kernel
def _sort(size: int, axes: Any, spreads: Any) -> None:
    for k in range(size):
        widest = k
        for other in range(k + 1, size):
            if spreads[other] > spreads[widest]:
                widest = other
        spreads[k], spreads[widest] = spreads[widest], spreads[k]
        for i in range(size):
            axes[i, k], axes[i, widest] = axes[i, widest], axes[i, k]
