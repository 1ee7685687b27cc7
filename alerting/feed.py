"""The public warnings in force as an Atom feed (RFC 4287), each entry leading to its CAP document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from alerting.hazards import is_public
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import text_of
from alerting.words import choose
from alerting.xml import child, root, to_bytes
from pipeline.model.instant import to_text
from pipeline.model.warning import HazardWarning, Language, Report, WarningStatus

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"


def atom_feed(
    warnings: Iterable[HazardWarning],
    policy: LifecyclePolicy,
    *,
    feed_url: str,
    cap_url: Callable[[HazardWarning], str],
    now: datetime,
    language: Language = "zh-CN",
) -> bytes:
    """UTF-8 XML, newest entry first.

    Final, expired and restricted reports, exercises and tests are left out. An entry stands for a chain: its id
    stays while `updated` moves on with each report.

    Args:
        feed_url: where the feed is served; makes its id.
        cap_url: where the CAP document of a report is served.
        now: instant of which the feed speaks; `updated` of a feed without entries.
    """
    shown = sorted((each for each in warnings if is_shown(each, now)), key=lambda each: each.id)
    shown.sort(key=lambda each: each.sent_at, reverse=True)
    feed = root(NAMESPACE, "feed")
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    sender = choose(language, policy.sender_name_zh, policy.sender_name_en)
    child(feed, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, feed_url)}")
    child(feed, "title", choose(language, f"{sender}：生效中的预警", f"{sender}: warnings in force"))
    child(feed, "updated", to_text(shown[0].sent_at if shown else now))
    child(feed, "link", rel="self", type="application/atom+xml", href=feed_url)
    child(child(feed, "author"), "name", sender)
    for warning in shown:
        _entry(feed, warning, cap_url(warning), language)
    return to_bytes(feed)


def is_shown(warning: HazardWarning, now: datetime) -> bool:
    """Whether the public may be told of this report at `now`."""
    return (
        is_public(warning.hazard)
        and warning.status is WarningStatus.ACTUAL
        and warning.report is not Report.FINAL
        and warning.expires_at > now
    )


def _entry(feed: etree._Element, warning: HazardWarning, url: str, language: Language) -> None:
    text = text_of(warning, language)
    first_sent_at = warning.references[0][1] if warning.references else warning.sent_at
    entry = child(feed, "entry")
    child(entry, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, f'forewarn:{warning.chain}')}")
    child(entry, "title", text.headline)
    child(entry, "published", to_text(first_sent_at))
    child(entry, "updated", to_text(warning.sent_at))
    child(entry, "category", term=warning.hazard.value, label=text.event)
    child(entry, "category", term=warning.level.word)
    child(entry, "link", rel="alternate", type=CAP_TYPE, href=url)
    child(entry, "summary", f"{text.description}\n{text.instruction}")
