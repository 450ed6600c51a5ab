"""Requests of the engine's REST API that pycamunda has no class for, or sends past its own session."""

from __future__ import annotations

from typing import Any

import pycamunda.base
import pycamunda.deployment
from pycamunda.base import CamundaRequest, RequestMethod

GET, POST, PUT = RequestMethod.GET, RequestMethod.POST, RequestMethod.PUT


class Query(CamundaRequest):
    """A GET with query parameters; gives the JSON of the answer."""

    def __init__(self, url: str, path: str, **parameters: str | int | None) -> None:
        super().__init__(f"{url}{path}")
        self._parameters_given = {name: value for name, value in parameters.items() if value is not None}

    def query_parameters(self, apply: Any = ...) -> dict[str, Any]:
        return self._parameters_given

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(GET).json()


class Command(CamundaRequest):
    """A POST or PUT with a JSON body and no answer of interest."""

    def __init__(
        self, url: str, path: str, body: dict[str, Any] | None = None, *, method: RequestMethod = POST
    ) -> None:
        super().__init__(f"{url}{path}")
        self._body, self._method = body or {}, method

    def body_parameters(self, apply: Any = ...) -> dict[str, Any]:
        return self._body

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        super().__call__(self._method)


class Deploy(pycamunda.deployment.Create):
    """pycamunda's deployment, sent through the session (its own has neither credentials nor a timeout)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        response = self.session.request(
            method=POST.value, url=self.url, data=self.body_parameters(), files=self.files
        )
        if not response:
            pycamunda.base._raise_for_status(response)
        return response.json()
