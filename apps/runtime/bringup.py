"""`up` and `down` as a person sees them: progress, timings, and the table at the end."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from apps.runtime import artifacts, credentials, image, languages, parts, paths, report, suite
from apps.runtime.program import Program
from apps.runtime.report import console


def known_programs() -> list[Program]:
    """Every program this instance could run, for `status`."""
    credentials.ensure()
    return suite.known_programs()


def install_with_progress(names: list[str]) -> None:
    """Fetch what is missing under a progress bar; silent when nothing is."""
    wanted = artifacts.missing(suite.engines(names))
    if not wanted:
        suite.install(names)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"fetching {len(wanted)} files", total=sum(a.size for a in wanted))
        suite.install(names, advance=lambda amount: progress.advance(task, amount))


def up(
    *, with_services: bool = True, choose: Callable[[str], bool] = lambda _: True, table: bool = True
) -> None:
    """Start what does not run yet, wait until it serves, print what there is; of that, what ``choose`` says of the
    name of a program or a job. Raises ``RuntimeFault``."""
    image.require_none()
    begun = time.monotonic()
    with suite.exclusive():
        credentials.ensure()
        languages.compile_catalogs()
        install_with_progress([*filter(choose, parts.embedded())])
        suite.check_external([*filter(choose, parts.external())])
        programs = suite.part_programs()
        if with_services:
            programs += suite.service_programs()
        programs = [program for program in programs if choose(program.name)]
        suite.bring_up(
            programs,
            [job for job in suite.jobs(with_services=with_services) if choose(job.name)],
            known=suite.known_programs(),
            notify=lambda text: console.print(f"[dim]{time.monotonic() - begun:5.1f} s[/] {text}"),
        )
    if table:
        report.show(report.rows(programs))
    console.print(f"up after {time.monotonic() - begun:.1f} s")


def down(*, erase: bool = False) -> None:
    """Stop everything of this instance; ``erase`` removes what it kept, too."""
    begun = time.monotonic()
    with suite.exclusive():
        stopped = suite.take_down()
        if erase:
            erase_data()
    console.print(
        f"{stopped} processes stopped in {time.monotonic() - begun:.1f} s"
        if stopped
        else "nothing was running"
    )


def erase_data() -> None:
    """Remove this instance's data, logs and secrets; the folder around them, too, when nothing else is in it."""
    credentials.forget()
    for folder in paths.data_roots():
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()
