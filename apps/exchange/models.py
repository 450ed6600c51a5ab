"""A file on its way in or out: the job, its file, and what became of each row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.actor import Actor
from apps.core.ids import uuid7


class Job(models.Model):
    """An import or an export. It is worked on in steps, in the background; ``position`` is how far the step that its
    state names has come, written in the transaction of what was done, so that a killed worker loses nothing and
    nothing is done twice."""

    class Kind(models.TextChoices):
        IMPORT = "import", _("Import")
        EXPORT = "export", _("Export")

    class State(models.TextChoices):
        READING = "reading", _("Reading the file")
        PREVIEWING = "previewing", _("Making the preview")
        PREVIEWED = "previewed", _("Preview ready")
        IMPORTING = "importing", _("Importing")
        IMPORTED = "imported", _("Imported")
        UNDOING = "undoing", _("Undoing")
        UNDONE = "undone", _("Undone")
        EXPORTING = "exporting", _("Exporting")
        EXPORTED = "exported", _("Ready to download")
        DISCARDED = "discarded", _("Discarded")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    model = models.CharField(_("what"), max_length=100)
    """``pricing.price``"""
    format = models.CharField(max_length=10)
    state = models.CharField(max_length=12, choices=State)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(default=0)
    columns = models.JSONField(default=list)
    query = models.TextField(blank=True, default="")
    """Of an export: the query string of the list that it was asked for."""
    ids = models.JSONField(null=True)
    """Of an export: the rows that were chosen; None for all that the list shows."""
    created_by = models.CharField(_("who"), max_length=150)
    actor = models.JSONField(default=dict)
    """Whoever ordered the step that is being worked on: ``{"id", "username", "roles"}``."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.TextField(blank=True, default="")
    """Why it failed, or what it waits for."""
    created_at = models.DateTimeField(_("started"), default=clock.now)
    touched_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import or export")
        verbose_name_plural = _("imports and exports")
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=["reading", "previewing", "importing", "undoing", "exporting"]),
                name="exchange_job_at_work",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.file_name}"

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def who(self) -> Actor:
        """The actor of what the current step does."""
        told: dict[str, Any] = self.actor
        return Actor(UUID(told["id"]), told["username"], frozenset(told["roles"]))

    def ordered_by(self, actor: Actor) -> None:
        self.actor = {"id": str(actor.id), "username": actor.username, "roles": sorted(actor.roles)}

    def enter(self, state: str, *, total: int = 0, position: int = 0) -> None:
        """Begin a step, or end the last one; the caller saves."""
        self.state, self.total, self.position, self.done = state, total, position, 0
        self.attempts, self.note, self.touched_at = 0, "", clock.now()
        self.ended_at = None if self.is_at_work else clock.now()


State = Job.State
AT_WORK = (State.READING, State.PREVIEWING, State.IMPORTING, State.UNDOING, State.EXPORTING)


class FilePart(models.Model):
    """A piece of a job's file: web and worker share no disk, and nobody holds a whole file in memory."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="exchange_part_once")]

    def __str__(self) -> str:
        return f"{self.job_id}, part {self.number}"


class JobRow(models.Model):
    """One row of an imported file: what it says, what would come of it, and what did.

    ``number`` is the row's in the file, as a spreadsheet counts. ``version_before`` is the version that the preview
    saw, ``version_after`` the one that the import left; ``before`` the changed fields' values then, for undo.
    """

    class Outcome(models.TextChoices):
        CREATE = "create", _("New")
        UPDATE = "update", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        REFUSED = "refused", _("Refused")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    label = models.CharField(max_length=250, blank=True, default="")
    changes = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    keys = ArrayField(models.TextField(), default=list)
    object_id = models.UUIDField(null=True)
    version_before = models.PositiveIntegerField(null=True)
    version_after = models.PositiveIntegerField(null=True)
    before = models.JSONField(default=dict)
    is_undone = models.BooleanField(null=True)
    undo_note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="exchange_row_once")]
        indexes = [
            models.Index(fields=["job", "outcome", "number"], name="exchange_row_by_outcome"),
            models.Index(fields=["job", "label"], name="exchange_row_by_label"),
            GinIndex(fields=["keys"], name="exchange_row_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.label}"


Outcome = JobRow.Outcome
