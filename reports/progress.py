"""Progress of what takes seconds or of a search whose length nobody knows: what is being computed, what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext


@contextmanager
def solves(*, visible: bool) -> Iterator[Callable[[str, float], None]]:
    """A function to call after each solve; it draws on stderr where `visible`, and is silent where not."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not visible, transient=True) as bar:
        task = bar.add_task("first solve", total=None)
        count = 0

        def after(what: str, value: float) -> None:
            nonlocal count
            count += 1
            bar.update(task, description=f"{what}: solve {count}, {value:.4g}")

        yield after


@contextmanager
def steps(*, visible: bool) -> Iterator[Callable[[str], None]]:
    """A function to call with what is computed next; it draws on stderr where `visible`, and is silent where not."""
    from rich.console import Console

    with Console(stderr=True).status("reading") if visible else nullcontext() as status:
        yield (lambda what: None) if status is None else lambda what: status.update(what)
