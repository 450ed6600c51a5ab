"""The OpenAPI document: django-ninja's own, with errors as the problem documents they are."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from apps.core.problems import CONTENT_TYPE
from catalog_services.store.api.operations import TAG


class StoreAPI(NinjaAPI):
    """Documents every error response under ``application/problem+json``, and that a token is optional for what is
    public."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        for path in document["paths"].values():
            for operation in path.values():
                if TAG not in operation.get("tags", ()):
                    operation["security"] = [{}, *operation.get("security", [])]
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "content" in response:
                        response["content"] = {CONTENT_TYPE: response["content"]["application/json"]}
        return document
