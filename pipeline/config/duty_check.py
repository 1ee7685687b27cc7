"""People: whether those who are called can be reached, and whether anybody may release what waits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from alerting.people.options import Person
from alerting.stages.route import addresses
from pipeline.config.config import Config
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.model.audience import Audience
from pipeline.model.release import Mode
from pipeline.model.warning import WarningStatus


def contact_complaints(
    config: Config, file: TomlFile, targets: Mapping[str, Sequence[str]], unmade: Collection[str]
) -> Iterator[ConfigError]:
    """People are called by targets that exist, and that no route to others leads to: a call is for one person."""
    others = {one for way in config.routes if way.audience is not Audience.DUTY for one in addresses(way, targets)}
    for number, person in enumerate(config.duty.people):
        for contact in person.contacts:
            channel, _, target = contact.partition("/")
            place = ("duty", "people", number, "contacts")
            if channel not in unmade and target not in targets.get(channel, ()):
                yield file.error(place, f"person {person.name!r}: no {contact!r}; name a target of [channels.NAME]")
            elif (channel, target) in others:
                what = (
                    f"person {person.name!r}: a route leads to {contact!r} too; give the person a target of their own"
                )
                yield file.error(place, what)


def duty_attention(config: Config) -> list[str]:
    """What is allowed and would leave a report waiting, or a call unheard."""
    people = config.duty.people
    told = []
    for rule in config.release.rules:
        can = [one for one in people if _may(one, rule.may)]
        if rule.mode is Mode.APPROVAL and len(can) < rule.persons:
            names = ", ".join(one.name for one in can) or "nobody"
            told.append(f"release rule {rule.name!r} needs {rule.persons} of {', '.join(rule.may)}: {names} may")
    rosters = {f"roster:{one.name}": one.people for one in config.duty.rosters}
    who = {one for chain in config.duty.chains for step in chain.steps for one in step.who}
    called = {name for one in who for name in rosters.get(one, ())}
    mute = [one for one in people if not one.contacts and (one.name in called or _may(one, who))]
    told += [f"person {one.name!r} is called by a chain and has no contact" for one in mute]
    status = config.warnings.status
    idle = [one.name for one in config.duty.chains if not one.exercise and status is not WarningStatus.ACTUAL]
    return told + [f"chain {name!r} calls nobody of status {status}; set its exercise" for name in idle]


def _may(person: Person, who: Collection[str]) -> bool:
    return f"person:{person.name}" in who or any(f"role:{role}" in who for role in person.roles)
