"""One import from files to report."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.importer.apply import THREADS, Apply
from apps.importer.client import SuiteClient
from apps.importer.existing import Existing
from apps.importer.model import Kind
from apps.importer.normalise import characteristic_names, normalise
from apps.importer.publishing import Publish
from apps.importer.read import Input, read
from apps.importer.results import Result, Results
from apps.importer.rules import identity
from apps.importer.rules.characteristics import Definition, Known
from apps.importer.rules.offerings import DEFAULT_CHANNELS


def import_catalog(
    path: Path,
    client: SuiteClient,
    *,
    channels: Sequence[str] = DEFAULT_CHANNELS,
    dry_run: bool = False,
    publish: bool = False,
    anew: bool = False,
    publish_timeout: float = 120.0,
    console: Console | None = None,
) -> Results:
    """Bring what stands under ``path`` into the suite; with ``publish`` also publish its offerings,
    with ``anew`` make a new draft of each that is for sale there and was retired here.

    What is wrong with single items is in the results. Raises ``UnreadableError`` when there is nothing to
    read, ``SignInRefused`` and ``Unreachable`` when the suite cannot be worked with at all.
    """
    found = read(path)
    client.sign_in()
    with _progress(console or Console(quiet=True)) as progress:
        existing = Existing(client)
        existing.read({Kind.CHARACTERISTIC, *(record.kind for record in found.records)})
        plan = normalise(found, known=_known(found, existing), channels=channels)
        task = progress.add_task("comparing" if dry_run else "importing", total=len(plan.items))

        def stepped(_: Result) -> None:
            progress.advance(task)

        results = Apply(client, existing, dry_run=dry_run, anew=anew, progress=stepped).run(plan)
        if publish and not dry_run:
            task = progress.add_task("publishing", total=len(plan.of(Kind.OFFERING)))
            Publish(client, progress=stepped, timeout=publish_timeout).run(results)
    return results


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _known(found: Input, existing: Existing) -> dict[str, Known]:
    """The characteristics of the import that the suite has already, by ``identity.same`` of their name."""

    def look(name: str) -> tuple[str, Known | None]:
        has = existing.find(Kind.CHARACTERISTIC, identity.by_name(name), name)
        if has is None:
            return identity.same(name), None
        values = [value for value in has.get("values") or [] if isinstance(value, dict)]
        definition = Definition(has["value_type"], has.get("unit_of_measure") or "None")
        default = next((value["value"] for value in values if value.get("is_default")), None)
        listed = tuple(value["value"] for value in values)
        known = Known(has["name"], definition, listed, default, has.get("description") or "")
        return identity.same(name), known

    with ThreadPoolExecutor(THREADS) as pool:
        pairs = list(pool.map(look, characteristic_names(found)))
    return {name: known for name, known in pairs if known is not None}
