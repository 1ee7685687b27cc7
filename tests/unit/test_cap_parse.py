from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerting.cap import to_cap
from alerting.cap_check import chain_faults, validate
from alerting.cap_namespace import NAMESPACE
from alerting.cap_parse import BYTES_MAX, CapError, parse
from pipeline.model.hazard import Hazard
from tests.golden.cap.samples import INVENTORY, POLICY, VILLAGE, life

FOREIGN = f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{NAMESPACE}">
  <identifier>x-1</identifier><sender>met@example.org</sender><sent>2026-05-01T12:00:00-03:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <category>Met</category><event>Storm</event><urgency>Expected</urgency><severity>Severe</severity>
    <certainty>Likely</certainty><expires>2026-05-01T18:00:00-03:00</expires>
    <area><areaDesc>Coast</areaDesc><circle>-23.5,-46.6 12.5</circle></area>
  </info>
</alert>"""

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def attack(entities: str, content: str) -> str:
    return f'<!DOCTYPE alert [{entities}]><alert xmlns="{NAMESPACE}">{content}</alert>'


ATTACKS = {
    "billion laughs": attack(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;"),
    "a file by entity": attack('<!ENTITY f SYSTEM "file:///etc/passwd">', "&f;"),
    "a fetch by entity": attack('<!ENTITY f SYSTEM "http://127.0.0.1:9/">', "&f;"),
    "an outside type": f'<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd"><alert xmlns="{NAMESPACE}"/>',
    "a quadratic blow-up": attack(f'<!ENTITY x "{"y" * 50_000}">', "&x;" * 9000),
    "a deep tree": f'<alert xmlns="{NAMESPACE}">{"<info>" * 9999}{"</info>" * 9999}</alert>',
    "too large": f'<alert xmlns="{NAMESPACE}">{" " * BYTES_MAX}</alert>',
    "a null byte": "<alert>\0</alert>",
    "nothing": "",
}


def test_the_alert_of_another_service() -> None:
    assert validate(FOREIGN.encode()) == []
    alert = parse(FOREIGN.encode())
    assert alert.sent_at == datetime(2026, 5, 1, 15, tzinfo=UTC)
    (info,) = alert.infos
    assert (info.language, info.event, info.onset_at) == ("en-US", "Storm", None)
    assert info.expires_at == datetime(2026, 5, 1, 21, tzinfo=UTC)
    assert info.areas[0].circles == ("-23.5,-46.6 12.5",)


def test_our_own_reads_back_as_it_was_written() -> None:
    for report in life(Hazard.GAS_LEAK):
        alert = parse(to_cap(report, INVENTORY, POLICY))
        assert (alert.identifier, alert.sender, alert.status) == (report.id, POLICY.sender, "Actual")
        assert [identifier for _, identifier, _ in alert.references] == [each for each, _ in report.references]
        assert [info.headline for info in alert.infos] == [text.headline for text in report.texts]
        assert alert.infos[0].areas[0].geocodes == (("GB/T 2260", VILLAGE),)


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_before_anything_is_expanded(name: str) -> None:
    xml = ATTACKS[name].encode()
    with pytest.raises(CapError) as told:
        parse(xml)
    assert len(str(told.value)) < 500
    assert "root:" not in str(told.value)
    assert len(validate(xml)) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1", "the root is"),
        ("<identifier>x-1</identifier>", "", "no identifier"),
        ("2026-05-01T12:00:00-03:00", "yesterday", "instant 'yesterday'"),
        ("2026-05-01T12:00:00-03:00", "2026-05-01T12:00:00", "no offset"),
        ("<scope>Public</scope>", "<scope>Public</scope><references>x</references>", "not sender,identifier,sent"),
        ("<event>Storm</event>", "<event> </event>", "info has no event"),
    ],
)
def test_what_lacks_or_contradicts_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(CapError, match=says):
        parse(FOREIGN.replace(old, new).encode())


def chain() -> list[bytes]:
    return [to_cap(report, INVENTORY, POLICY) for report in life(Hazard.FIRE)]


def test_a_chain_that_holds_together() -> None:
    assert chain_faults(chain()) == []
    assert chain_faults(chain()[1:]) == []  # the first is elsewhere


def test_a_chain_that_does_not() -> None:
    first, second, final = chain()
    assert "has this identifier" in chain_faults([first, first])[0]
    name, other = (parse(each).identifier.encode() for each in (first, second))
    assert "refers to itself" in chain_faults([second.replace(name, other)])[0]
    sent = second.partition(b"<references>")[2].split(b",")[2].split(b"<")[0]
    moved = second.replace(b"," + sent, b",2020-01-01T00:00:00+08:00")
    assert "which says" in chain_faults([first, moved])[0]
    assert "cancelled its chain" in chain_faults([first.replace(b">Alert<", b">Cancel<"), final])[0]
