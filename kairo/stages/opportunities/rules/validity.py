"""What makes a draft fit to be shown, each check a pure function that gives stable reasons (`code: text`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import Channel, OpportunityDraftDTO
from kairo.stages.opportunities.rules.stems import content_stems, fold, has_han, is_content_word, is_generic, words_of
from kairo.stages.opportunities.rules.taboos import Taboo, compile_taboos, taboos_in

MIN_ANGLE_WORDS = 5
_EMPTY_FRAMES = re.compile(
    r"^(?:spotlight on|the rise of|a deep dive into|deep dive into|all about|everything (?:you need to know )?about|"
    r"exploring|discover|unlocking|unleash|introducing|top (?:tips|ideas|trends)|the ultimate guide to|the power of|"
    r"the future of|the world of|content idea|post about|untitled|tbd|n/?a)\b",
    re.IGNORECASE,
)
_MEANINGLESS = frozenset(
    [
        "tips",
        "trick",
        "guide",
        "ideas",
        "post",
        "content",
        "trend",
        "trends",
        "topic",
        "topics",
        "news",
        "update",
        "updates",
        "marketing",
        "campaign",
        "opportunity",
        "engagement",
        "audience",
        "followers",
        "brand",
        "brands",
        "product",
        "products",
        "community",
        "social",
        "media",
        "customer",
        "customers",
        "today",
        "now",
        "power",
        "rise",
        "spotlight",
        "future",
        "world",
        "ultimate",
        "essential",
        "amazing",
        "great",
        "inspiration",
        "stuff",
        "thing",
        "things",
        "лайфхак",
        "советы",
        "гид",
        "идеи",
        "новости",
        "обзор",
        "контент",
        "тренд",
        "тренды",
        "тема",
        "темы",
    ]
)
_EMPTY_CHINESE = re.compile(
    "干货|分享|推荐|攻略|指南|技巧|热点|趋势|话题|内容|合集|盘点|大全|必看|最新|今日|小编|关于|我们|一起|看看|如何|什么|怎么|的|了|吧|吗"
)
_IN_TIME = re.compile(
    r"\d{1,4}[-/.]\d{1,2}|"
    r"\b(?:today|tonight|tomorrow|yesterday|now|recent\w*|latest|newest|new|current\w*|ongoing|"
    r"upcoming|ahead|since|until|"
    r"deadline|launch\w*|releas\w*|season\w*|spring|summer|autumn|fall|winter|monday|tuesday|"
    r"wednesday|thursday|friday|"
    r"saturday|sunday|weekend|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|"
    r"march|april|june|july|"
    r"august|september|october|november|december|christmas|easter|ramadan|holidays?|back[- ]to[- ]school|20\d\d|"
    r"(?:hour|day|week|month|quarter|year)s?)\b|"
    r"(?:сегодня|вчера|завтра|сейчас|недавно|недел|месяц|дн(?:я|ей|и)\b|день|час|год|лет|январ|"
    r"феврал|март|апрел|ма[йя]\b|июн|"
    r"июл|август|сентябр|октябр|ноябр|декабр|весн|летом|осен|зим|сезон|новы[йе]|последн|свеж|запуск|праздник)|"
    r"[今昨明]天|本周|上周|下周|本月|上月|最近|近期|近日|刚刚|目前|现在|当前|新近|最新|正在|[\d一二三四五六七八九十两几]+\s*(?:天|周|个?月|小时|年|日|号)|"
    r"春|夏|秋|冬|节|季",
    re.IGNORECASE,
)


def rejection_reasons(
    draft: OpportunityDraftDTO, *, evidence: Mapping[UUID, EvidenceItemDTO], taboos: Iterable[str | Taboo]
) -> list[str]:
    """Every reason why a draft may not be shown, in a fixed order; empty when it is valid."""
    given = list(taboos)
    ready = [taboo for taboo in given if isinstance(taboo, Taboo)]
    ready += compile_taboos(taboo for taboo in given if isinstance(taboo, str))
    return [
        *title_reasons(draft.proposed_title),
        *angle_reasons(draft.proposed_angle),
        *taboo_reasons(draft, ready),
        *evidence_reasons(draft, evidence),
        *quote_reasons(draft, evidence),
        *channel_reasons(draft),
        *why_now_reasons(draft.why_now),
    ]


def check(
    draft: OpportunityDraftDTO, *, evidence: Mapping[UUID, EvidenceItemDTO], taboos: Iterable[str | Taboo]
) -> OpportunityDraftDTO:
    """The draft with its verdict: `is_valid`, and the reasons that were found beside those it already had."""
    found = rejection_reasons(draft, evidence=evidence, taboos=taboos)
    reasons = list(dict.fromkeys([*draft.rejection_reasons, *found]))
    return draft.model_copy(update={"is_valid": not reasons, "rejection_reasons": reasons})


def title_reasons(title: str) -> list[str]:
    """A title must name something and be more than a label: three words, or five Chinese letters."""
    if not title.strip():
        return ["vacuous_title: there is no title"]
    if _EMPTY_FRAMES.match(title.strip()) or not _names_something(title):
        return [f"vacuous_title: “{title.strip()}” does not say what it is about"]
    return []


def angle_reasons(angle: str) -> list[str]:
    """An angle must tell what to make and of what."""
    if not angle.strip():
        return ["vacuous_angle: there is no angle"]
    told = (
        len(set(content_stems(angle)))
        if has_han(angle)
        else len({word for word in words_of(angle) if word not in _MEANINGLESS})
    )
    if told < MIN_ANGLE_WORDS or not _names_something(angle):
        return ["vacuous_angle: it does not say what to make"]
    return []


def taboo_reasons(draft: OpportunityDraftDTO, taboos: Sequence[Taboo]) -> list[str]:
    """No taboo may stand in what people read: title, angle, reason in time, quotes."""
    places = [("title", draft.proposed_title), ("angle", draft.proposed_angle), ("why_now", draft.why_now or "")]
    places += [("quote", quote.text) for quote in draft.quotes]
    found = [f"taboo: “{term}” in the {place}" for place, text in places for term in taboos_in(text, taboos)]
    return list(dict.fromkeys(found))


def evidence_reasons(draft: OpportunityDraftDTO, evidence: Mapping[UUID, EvidenceItemDTO]) -> list[str]:
    """At least one evidence id, and each of them known."""
    if not draft.evidence_ids:
        return ["no_evidence: it cites nothing"]
    return [f"unknown_evidence: {item_id}" for item_id in dict.fromkeys(draft.evidence_ids) if item_id not in evidence]


def quote_reasons(draft: OpportunityDraftDTO, evidence: Mapping[UUID, EvidenceItemDTO]) -> list[str]:
    """Each quote stands letter by letter in the item it is taken from, and that item is cited."""
    reasons = [] if draft.quotes or not draft.evidence_ids else ["no_quote: it cites evidence but quotes none of it"]
    for quote in draft.quotes:
        item = evidence.get(quote.evidence_id)
        if item is None:
            reasons.append(f"unknown_evidence: {quote.evidence_id}")
        elif quote.evidence_id not in draft.evidence_ids:
            reasons.append(f"uncited_quote: {quote.evidence_id} is quoted but not among the evidence")
        elif not quote.text.strip() or (quote.text not in item.text and quote.text not in (item.transcript or "")):
            reasons.append(f"quote_not_found: “{quote.text[:80]}” is not in {quote.evidence_id}")
    return list(dict.fromkeys(reasons))


def channel_reasons(draft: OpportunityDraftDTO) -> list[str]:
    """Only channels that the product publishes to."""
    known = {channel.value for channel in Channel}
    named = [draft.primary_channel, *draft.suggested_channels]
    return [f"unknown_channel: “{name}”" for name in dict.fromkeys(str(name) for name in named) if name not in known]


def why_now_reasons(why_now: str | None) -> list[str]:
    """A reason in time: a date, a span, a season, an event that begins or ends."""
    if not (why_now or "").strip():
        return ["no_reason_in_time: there is no why_now"]
    return [] if _IN_TIME.search(fold(why_now or "")) else ["no_reason_in_time: why_now names no time"]


def _names_something(text: str) -> bool:
    """Whether a text holds a word of some subject, and more than a bare label of one or two words."""
    if has_han(text):
        left = _EMPTY_CHINESE.sub("", text)
        return sum(letter.isalnum() for letter in left) >= 2 and sum(letter.isalnum() for letter in text) >= 5
    words = words_of(text)
    told = [word for word in words if is_content_word(word) and word not in _MEANINGLESS and not is_generic(word)]
    return len(words) >= 3 and bool(told)
