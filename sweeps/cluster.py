"""A scheduler of dask.distributed as an executor: one plan on many machines. Results are written here, not there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module

from keybounds.errors import InputError, UnsupportedError

SECONDS = 10.0
"""How long a scheduler may take to answer."""


@contextmanager
def scheduler(address: str, seconds: float = SECONDS) -> Iterator[Executor]:
    """An executor of a scheduler that runs, such as ``tcp://node7:8786``.

    Its workers need the same version of this package and of the libraries that compute, one thread each
    (``dask worker --nthreads 1``), and what is set for the threads of BLAS before they start (``OMP_NUM_THREADS=1``).

    Raises
    ------
    UnsupportedError
        dask.distributed is not installed.
    InputError
        No scheduler answers there in time.
    """
    try:
        client_type = import_module("distributed").Client
    except ImportError:
        raise UnsupportedError(
            "--scheduler", "dask.distributed, as by: pip install distributed", "none installed"
        ) from None
    try:
        client = client_type(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        found = " ".join(f"{address}: {type(error).__name__}: {error}".split())
        raise InputError("--scheduler", f"a scheduler that answers within {seconds:g} s", found) from None
    with client:
        yield client.get_executor()
