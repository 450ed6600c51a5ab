"""A form whose validation is the action: what the action refuses appears at its field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import get_select2_language
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from apps.admin_kit import untouched
from apps.admin_kit.rows import RowsField, is_secret
from apps.admin_kit.wording import said
from apps.core.errors import PreconditionFailed, SuiteError
from apps.core.numbers import whole

if TYPE_CHECKING:
    from apps.admin_kit.meanwhile import Meanwhile
    from apps.admin_kit.model_admin import ActionAdmin


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Carries the version that was shown, so that a second editor never overwrites the first.

    ``meanwhile`` is what the first changed, while the second decides what is kept.
    """

    request: HttpRequest
    model_admin: ActionAdmin
    meanwhile: Meanwhile | None = None
    version_seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["version_seen"].initial = self.instance.version

    @property
    def media(self) -> forms.Media:
        """With what select2 says while one chooses: loaded after it, and before jQuery goes out of sight."""
        vendor, jquery = "admin/js/vendor", "jquery/jquery.js" if settings.DEBUG else "jquery/jquery.min.js"
        words = f"select2/i18n/{get_select2_language() or settings.LANGUAGE_CODE}.js"
        files = (f"{vendor}/{name}" for name in (jquery, "select2/select2.full.js", words))
        return super().media + forms.Media(js=(*files, "admin/js/jquery.init.js"))

    def typed(self) -> dict[str, Any]:
        """The cleaned fields with line ends as they are stored, and not as a browser sends them."""
        cleaned: dict[str, Any] = untouched.unified(self.cleaned_data)
        return {name: value for name, value in cleaned.items() if name != "version_seen"}

    def touched(self) -> dict[str, Any]:
        """Those that differ from what was shown of the row."""
        return {name: value for name, value in self.typed().items() if value != untouched.of(self[name])}

    def _post_clean(self) -> None:
        """Run the action where Django would check the instance; a view of the admin is one transaction."""
        if not self.errors and self._settle():
            self._act()
        if self.errors:
            self._ask_again()

    def _act(self) -> None:
        try:
            with transaction.atomic():
                self.instance = self.model_admin.act(self.request, self)
        except PreconditionFailed as error:
            self._show_meanwhile(error)
        except SuiteError as error:
            self._show(error)

    def _ask_again(self) -> None:
        """A page that says what is wrong does not repeat a password, and an empty one would be no change."""
        for name, field in self.fields.items():
            if is_secret(field) and self.cleaned_data.get(name):
                self.add_error(name, _("Type it once more: a password is not sent back."))

    def _settle(self) -> bool:
        """Put what was typed on top of what others saved, once that was shown; False when a choice is missing.

        It is saved as a change of the very version that was shown: who comes in between is shown, too.
        """
        if (shown := whole(self.data.get("version_shown", ""))) is None:
            return True
        self.meanwhile = self.model_admin.meanwhile(self)
        if self.meanwhile is None:
            return True
        if self.meanwhile.undecided:
            self.add_error(None, _("Choose what is kept of each field that you both changed."))
            return False
        self.cleaned_data.update(self.meanwhile.settled, version_seen=shown)
        return True

    def _show_meanwhile(self, error: PreconditionFailed) -> None:
        """Somebody else saved first. Where history does not tell what, theirs is from now on the version seen."""
        self.meanwhile = self.meanwhile or self.model_admin.meanwhile(self)
        if self.meanwhile:
            self.add_error(None, _("Nothing is saved yet: somebody else changed this meanwhile."))
            return
        self.add_error(None, said(error.detail))
        data = cast(QueryDict, self.data).copy()
        data["version_seen"] = str(error.extra["current_version"])
        self.data = data

    def _show(self, error: SuiteError) -> None:
        """Each message at its field (and row) when the form has that, else above the form."""
        shown = False
        for path, texts in error.errors.items():
            messages = [said(text) for text in texts]
            name, *below = path.split(".")
            if name not in self.fields:
                continue
            shown = True
            if not self._show_in_row(name, below, messages):
                self.add_error(name, messages)
        if not shown:
            self.add_error(None, self.model_admin.worded(self.request, error))

    def _show_in_row(self, name: str, below: Sequence[str], messages: Sequence[str]) -> bool:
        """``values.3.value``: at that input of the fourth row; False when it is about no row that was typed."""
        field = self.fields[name]
        if self.meanwhile or not (isinstance(field, RowsField) and below and below[0].isdecimal()):
            return False
        if not field.place(int(below[0]), ".".join(below[1:]), messages):
            return False
        if not self.has_error(name, "rows"):
            self.add_error(name, ValidationError(field.error_messages["rows"], code="rows"))
        return True

    def save(self, commit: bool = True) -> Any:
        """The action has saved it."""
        return self.instance

    def save_m2m(self) -> None:
        """Nothing is left to save."""


class Unsaved:
    """Put before an ``ActionForm``: what is typed is cleaned, as far as it can be, and no action is run."""

    def _post_clean(self) -> None:
        """Nothing happens."""
