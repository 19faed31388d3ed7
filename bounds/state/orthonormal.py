"""Orthonormal columns in ball arithmetic: an exactly isometric matrix near a given one."""

from __future__ import annotations

import numpy as np
from flint import acb_mat
from numpy.typing import NDArray

from keybounds.bounds.state.spectra import adjoint, exact_matrix


def orthonormal_columns(vectors: NDArray[np.complex128]) -> acb_mat:
    """Gram–Schmidt on the columns.

    The balls hold a matrix with exactly orthonormal columns, and that is the one meant. Linearly dependent columns give
    balls that are not finite.
    """
    matrix = exact_matrix(vectors)
    rows, columns = matrix.nrows(), matrix.ncols()
    done: list[acb_mat] = []
    for k in range(columns):
        column = acb_mat([[matrix[i, k]] for i in range(rows)])
        for previous in done:
            column = column - previous * (adjoint(previous) * column)[0, 0]
        norm = (adjoint(column) * column)[0, 0].real.sqrt()
        done.append(column / norm)
    return acb_mat([[column[i, 0] for column in done] for i in range(rows)])
