"""The words in which pages speak of packages, their texts and what was decided on them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from kairo.errors import FieldError
from kairo.interfaces.web.told import told
from kairo.interfaces.web.wording import in_words
from kairo.stages.content.contracts import (
    ChannelCount,
    CountedPart,
    PackageBand,
    PackageStatus,
    VariantBand,
    VariantStatus,
)
from kairo.stages.opportunities.contracts import DecidedObject, DecisionType

PACKAGE_STATUS_WORDS: Mapping[PackageStatus, str] = {
    PackageStatus.DRAFT: marked("Draft"),
    PackageStatus.IN_REVIEW: marked("In review"),
    PackageStatus.APPROVED: marked("Approved"),
    PackageStatus.SCHEDULED: marked("Scheduled"),
    PackageStatus.PUBLISHED: marked("Published"),
    PackageStatus.ARCHIVED: marked("Archived"),
}
VARIANT_STATUS_WORDS: Mapping[VariantStatus, str] = {
    VariantStatus.DRAFT: marked("Draft"),
    VariantStatus.APPROVED: marked("Approved"),
    VariantStatus.REJECTED: marked("Rejected"),
    VariantStatus.SCHEDULED: marked("Scheduled"),
    VariantStatus.MISSED: marked("Missed"),
    VariantStatus.PUBLISHED: marked("Published"),
    VariantStatus.ARCHIVED: marked("Archived"),
}
BAND_WORDS: Mapping[str, str] = {
    PackageBand.INVALID: marked("not ready"),
    PackageBand.WEAK: marked("weak"),
    PackageBand.BOARD_READY: marked("ready for the board"),
    VariantBand.PUBLISH_READY: marked("ready to publish"),
}
COUNT_WORDS: Mapping[CountedPart, str] = {
    CountedPart.CHARACTERS: marked("Characters"),
    CountedPart.HASHTAGS: marked("Hashtags"),
    CountedPart.LINKS: marked("Links"),
    CountedPart.LINE_BREAKS: marked("Line breaks"),
}
DECISION_WORDS: Mapping[DecisionType, str] = {
    DecisionType.APPROVE: marked("Approve"),
    DecisionType.REJECT: marked("Reject"),
    DecisionType.RESTORE: marked("Back to draft"),
    DecisionType.SCHEDULE: marked("Schedule"),
    DecisionType.PUBLISH: marked("Mark as published"),
    DecisionType.ARCHIVE: marked("Archive"),
}
DECIDED_WORDS: Mapping[DecisionType, str] = {
    DecisionType.PIN: marked("Pinned: it stands first from now on."),
    DecisionType.UNPIN: marked("Unpinned."),
    DecisionType.SNOOZE: marked("Snoozed for a week; it waits under “Put aside”."),
    DecisionType.DISMISS: marked("Dismissed; it can be restored under “Put aside”."),
    DecisionType.RESTORE: marked("Restored."),
    DecisionType.APPROVE: marked("Approved."),
    DecisionType.REJECT: marked("Rejected."),
    DecisionType.EDIT: marked("Saved."),
    DecisionType.SCHEDULE: marked("Scheduled."),
    DecisionType.PUBLISH: marked("Marked as published."),
    DecisionType.ARCHIVE: marked("Archived."),
}
WRITER_WORDS: Mapping[str, str] = {"local": marked("local, no model"), "model": marked("with a model")}
_FIELD_WORDS: Mapping[str, str] = {
    "body": marked("Text"),
    "call_to_action": marked("Call to action"),
    "title": marked("Title"),
}
_FINDING_WORDS: Mapping[str, str] = {
    "empty": marked("there is nothing to read"),
    "too_long": marked("too long"),
    "too_many_hashtags": marked("too many hashtags"),
    "too_many_links": marked("too many links"),
    "too_many_line_breaks": marked("too many line breaks"),
    "pii_email": marked("it holds an e-mail address"),
    "pii_phone": marked("it holds a phone number"),
    "pii_ssn": marked("it holds a social security number"),
    "pii_card": marked("it holds the number of a card"),
    "pii_iban": marked("it holds a bank account number"),
    "url_unusable": marked("it holds an address that cannot be opened safely"),
    "domain_denied": marked("it leads to a site that is not allowed"),
    "domain_not_allowed": marked("it leads to a site that is not allowed"),
    "date_malformed": marked("a date is not written as 2026-11-20"),
    "taboo": marked("it says what the brand never says"),
}


def count_words(count: ChannelCount) -> str:
    """Say a count with its limit: "212 of 280"."""
    used, allowed = (number_format(number, force_grouping=True) for number in (count.used, count.allowed))
    return _("%(used)s of %(allowed)s") % {"used": used, "allowed": allowed}


def finding_words(found: FieldError) -> str:
    """Say what keeps a text from going out, and where: "Text: too many links (2 of at most 1)"."""
    code, _colon, detail = found.message.partition(": ")
    place = _(_FIELD_WORDS[found.field]) if found.field in _FIELD_WORDS else in_words(found.field)
    said = _(_FINDING_WORDS[code]) if code in _FINDING_WORDS else told(found.message)
    # A limit's detail repeats its words and ends with its figures.
    figures = told(detail.rpartition(": ")[2]) if code in _FINDING_WORDS and detail != "must not go out" else ""
    return f"{place}: {said} ({figures})" if figures and code != "empty" else f"{place}: {said}"


def author_words(saved_by: str) -> str:
    """Say who saved a text: a generator by its name, a person or a program without."""
    who, _colon, name = saved_by.partition(":")
    if who == "generator":
        return _("generated (%(name)s)") % {"name": writer_words(name)}
    return _("a program") if who == "token" else _("a member")


def writer_words(name: str) -> str:
    """Say what wrote a text: the local writer, or a model."""
    return _(WRITER_WORDS[name]) if name in WRITER_WORDS else name


def decided_words(kind: DecidedObject, decision: DecisionType) -> str:
    """Say that something was decided; a rejected package is a draft again."""
    if kind is DecidedObject.PACKAGE and decision in {DecisionType.REJECT, DecisionType.RESTORE}:
        return _("The package is a draft again.")
    return _(DECIDED_WORDS[decision])
