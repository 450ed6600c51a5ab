"""A message is an English sentence to whoever knows nothing of it, and remembers how it was made."""

from __future__ import annotations

import copy
import json

import orjson

from apps.core.errors import ValidationFailed, collect
from apps.core.messages import Message


def test_it_is_the_english_sentence():
    message = Message("At most {most} values.", most=500)
    assert message == "At most 500 values."
    assert isinstance(message, str)
    assert json.loads(json.dumps({"detail": message})) == {"detail": "At most 500 values."}
    assert orjson.dumps([message]) == b'["At most 500 values."]'


def test_what_a_person_typed_is_never_taken_for_a_place():
    assert (
        Message("Given more than once: {repeated}.", repeated="{most} {0}")
        == "Given more than once: {most} {0}."
    )
    assert Message("100 {percent}") == "100 {percent}"


def test_a_copy_remembers_too():
    message = Message("At most {most} of {kind}.", most=5, kind=Message("{a}", a="{b}"))
    again = copy.deepcopy(message)
    assert (again, again.template, again.values) == (message, message.template, message.values)


def test_a_field_is_called_what_rest_calls_it_and_read_in_words():
    field = Message.name("valid_to")
    assert (field, field.template) == ("valid_to", "valid to")


def test_several_are_one():
    assert Message.joined(["One.", Message("{n}.", n=2)]) == "One. 2."
    assert Message.joined([]) == ""


def test_the_summary_of_field_errors_names_them_as_the_api_does():
    try:
        collect(
            {"valid_to": [Message("Must be after {field}.", field=Message.name("valid_from"))]},
            {"name": ["No."]},
        )
    except ValidationFailed as error:
        assert error.detail == "valid_to: Must be after valid_from.; name: No."
    else:
        raise AssertionError("it was not refused")
