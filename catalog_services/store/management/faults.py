"""What the commands of the store say of an error: a part that does not answer is named, as ``manage.py`` does it."""

from __future__ import annotations

from elastic_transport import TransportError
from elasticsearch import ApiError
from pymongo.errors import ConnectionFailure, PyMongoError

from apps.core.errors import SuiteError, Unavailable
from catalog_services.store.rebuild.report import RebuildFailed

FAULTS = (SuiteError, RebuildFailed, PyMongoError, TransportError, ApiError)
_DOCTOR = "`manage.py doctor` says what is wrong."


def told(error: Exception) -> str:
    """One of ``FAULTS``, for who runs the command."""
    match error:
        case ConnectionFailure():
            reason, *_state_of_the_driver = str(error).split(", Timeout: ")
            return f"MongoDB does not answer: {reason}\n{_DOCTOR}"
        case TransportError():
            return f"Elasticsearch does not answer: {error}\n{_DOCTOR}"
        case Unavailable():
            return f"{error}\n{_DOCTOR}"
        case PyMongoError():
            return f"MongoDB: {error}"
        case ApiError():
            return f"Elasticsearch: {error}"
    return str(error)
