"""Progress of what takes seconds or of a search whose length nobody knows: what is being computed, what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keybounds.sweeps import Progress


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
def campaign(*, visible: bool) -> Iterator[Callable[[Progress], None]]:
    """A function to call with how a campaign goes; it draws on stderr where `visible`, and is silent where not."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bars(*columns, console=Console(stderr=True), disable=not visible, transient=True) as bars:
        task = bars.add_task("", total=None)

        def after(progress: Progress) -> None:
            left = "" if progress.left is None else f", {duration(progress.left)} left"
            failed = f", {progress.failed} failed" if progress.failed else ""
            best = "" if progress.best is None else f", best {progress.best[0]:.4g} at {progress.best[1]}"
            words = f"{progress.rate:.3g}/s{left}{failed}{best}"
            bars.update(task, total=progress.total, completed=progress.done, description=words)

        yield after


def duration(seconds: float) -> str:
    """A time for print: 40 s, 3 min, 2.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


@contextmanager
def steps(*, visible: bool) -> Iterator[Callable[[str], None]]:
    """A function to call with what is computed next; it draws on stderr where `visible`, and is silent where not."""
    from rich.console import Console

    with Console(stderr=True).status("reading") if visible else nullcontext() as status:
        yield (lambda what: None) if status is None else lambda what: status.update(what)
