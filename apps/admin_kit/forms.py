"""A form whose validation is the action: what the action refuses appears at its field, and nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.http import HttpRequest

from apps.core.errors import SuiteError

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Carries the version that was shown, so that a second editor never overwrites the first."""

    request: HttpRequest
    model_admin: ActionAdmin
    version_seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["version_seen"].initial = self.instance.version

    def _post_clean(self) -> None:
        """Run the action where Django would check the instance; a view of the admin is one transaction."""
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.model_admin.act(self.request, self)
        except SuiteError as error:
            self._show(error)

    def _show(self, error: SuiteError) -> None:
        """Each message at its field when the form has that field, else above the form."""
        shown = False
        for name, messages in error.errors.items():
            if (field := name.split(".")[0]) in self.fields:
                self.add_error(field, list(messages))
                shown = True
        if not shown:
            self.add_error(None, error.detail)

    def save(self, commit: bool = True) -> Any:
        """The action has saved it."""
        return self.instance

    def save_m2m(self) -> None:
        """Nothing is left to save."""
