"""A word of the wrong form is told what form is wanted, not by which expression it was tested."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from alerting.people.options import Name
from alerting.stages.approve import Decider, Who
from alerting.stages.route import Address
from alerting.stages.scope import AreaPrefix
from pipeline.config.complaint import words
from pipeline.config.kafka import KafkaOptions
from pipeline.model.area import AreaCode
from pipeline.model.site import Identifier


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (Identifier, "储罐1", "must be of letters A to Z, digits and _ . - only"),
        (Name, "李", "not '李'"),
        (AreaCode, "330110", "must be an area code of twelve digits"),
        (AreaPrefix, "0330", "must be the first digits of an area code"),
        (Who, "li", "must be role:NAME, person:NAME"),
        (Decider, "li", "must be role:NAME, person:NAME"),
        (Address, "chat", "must be channel/target"),
    ],
)
def test_the_form_is_told(kind: Any, value: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert says in words(caught.value.errors())


def test_a_rare_form_is_told_by_its_expression() -> None:
    with pytest.raises(ValidationError) as caught:
        KafkaOptions.model_validate({"group": "a b"})
    assert "must match pattern" in words(caught.value.errors())
