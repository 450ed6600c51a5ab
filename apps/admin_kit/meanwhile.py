"""Two editors of one row: the second is shown what the first changed, and keeps both or chooses, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from apps.admin_kit import untouched
from apps.admin_kit.history import as_row, changes
from apps.admin_kit.merge import Merged, merge
from apps.admin_kit.rows import is_secret, shown
from apps.outbox import history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.admin_kit.forms import ActionForm

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Meanwhile:
    """What one typed (``mine``) and what others saved (``theirs``, version ``number``) after the ``base`` that both
    began from; all three as the form cleans them. ``besides`` is what others changed of what the form only shows. A
    password is in none of them: it is in no version, and nobody sees it again."""

    form: ActionForm
    number: int
    names: str
    base: Mapping[str, Any]
    mine: Mapping[str, Any]
    theirs: Mapping[str, Any]
    besides: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def merged(self) -> Merged:
        fields = self.form.fields
        keys = {name: key for name in self.mine if (key := getattr(fields[name], "item_key", None))}
        return merge(self.base, self.mine, self.theirs, keys)

    @property
    def undecided(self) -> list[str]:
        """The fields that both changed and that nobody has chosen for."""
        return [name for name in self.merged.conflicts if not self._choice(name)]

    @property
    def settled(self) -> dict[str, Any]:
        """Both together, with what was chosen."""
        chosen = {name: self.theirs[name] for name in self.merged.conflicts if self._choice(name) == THEIRS}
        return {**self.merged.values, **chosen}

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each field that somebody changed, as the form shows it to who may only look."""
        for name, before in self.base.items():
            mine, theirs, field = self.mine[name], self.theirs[name], self.form.fields[name]
            if before == mine == theirs:
                continue
            is_conflict = name in self.merged.conflicts
            yield {
                "name": name,
                "label": field.label,
                "before": shown(field, before),
                "mine": shown(field, mine),
                "theirs": shown(field, theirs),
                "is_conflict": is_conflict,
                "keeps_mine": not is_conflict and mine != before,
                "keeps_theirs": not is_conflict and theirs != before,
                "choice": self._choice(name),
            }
        for change in self.besides:
            yield {**change, "mine": change["before"], "theirs": change["after"], "keeps_theirs": True}

    def _choice(self, name: str) -> str:
        choice = str(self.form.data.get(f"keep-{name}", ""))
        return choice if choice in {MINE, THEIRS} else ""


def found(form: ActionForm) -> Meanwhile | None:
    """What others saved since the version that the form was opened with; None when nobody did, or when history does
    not go back that far."""
    versions = history.since(form.instance.pk, form.cleaned_data["version_seen"] or 0)
    if not versions:
        return None
    newest, base = versions[0], versions[-1]
    names = [name for name, field in form.fields.items() if name != "version_seen" and not is_secret(field)]
    between = changes(form.model_admin, base.state, newest.state)
    return Meanwhile(
        form=form,
        number=newest.number,
        names=history.names(versions),
        base=_cleaned(form, base.state, names),
        mine={name: untouched.unified(form.cleaned_data[name]) for name in names},
        theirs=_cleaned(form, newest.state, names),
        besides=[change for change in between if change["name"] in form.model_admin.readonly_fields],
    )


def _cleaned(form: ActionForm, state: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A version as the form would clean it had nobody touched it."""
    opened = type(form)(instance=as_row(form.model_admin.model, state))
    return {name: untouched.of(opened[name]) for name in names}
