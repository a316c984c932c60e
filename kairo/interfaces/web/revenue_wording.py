"""The words in which pages speak of conversions, deals and money, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from kairo.interfaces.web.wording import in_words
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.tracking import HoldoutKind

WINDOW_WORDS: Mapping[str, str] = {
    "1d": marked("1 day"),
    "7d": marked("7 days"),
    "28d": marked("28 days"),
    "90d": marked("90 days"),
    "all": marked("All time"),
}
LAYER_WORDS: Mapping[int, str] = {
    1: marked("Layer 1: the click’s own id"),
    2: marked("Layer 2: the same person"),
    3: marked("Layer 3: by probability"),
}
_METHOD_WORDS: Mapping[str, str] = {
    "click_id": marked("the click’s own id"),
    "fbclid": marked("Meta’s click id"),
    "gclid": marked("Google’s click id"),
    "email": marked("e-mail address"),
    "phone": marked("phone number"),
    "external_id": marked("customer id"),
    "device_fingerprint": marked("the whole device"),
    "probabilistic": marked("probability"),
}
_REASON_WORDS: Mapping[str, str] = {
    "no_candidate": marked("No click came into question"),
    "no_consent": marked("No consent to compare devices"),
    "outside_window": marked("The click was too long before"),
    "shared_identity": marked("An address that many share"),
    "ambiguous": marked("Clicks of several ads fit alike"),
    "below_threshold": marked("Too little speaks for any click"),
}
_OUTCOME_WORDS: Mapping[DealOutcome, str] = {
    DealOutcome.OPEN: marked("Open"),
    DealOutcome.WON: marked("Won"),
    DealOutcome.LOST: marked("Lost"),
}
_TYPE_WORDS: Mapping[str, str] = {"purchase": marked("Purchase"), "lead": marked("Lead"), "signup": marked("Sign-up")}
_HOLDOUT_WORDS: Mapping[HoldoutKind, str] = {
    HoldoutKind.USER_SPLIT: marked("By people"),
    HoldoutKind.GEO: marked("By places"),
}


def window_words(window: str) -> str:
    return _(WINDOW_WORDS[window])


def layer_words(layer: int) -> str:
    return _(LAYER_WORDS[layer])


def method_words(method: str) -> str:
    """Say by what an ad was found."""
    return _(_METHOD_WORDS[method]) if method in _METHOD_WORDS else in_words(method)


def reason_words(reason: str) -> str:
    """Say why a conversion is credited to nobody."""
    return _(_REASON_WORDS[reason]) if reason in _REASON_WORDS else in_words(reason)


def outcome_words(outcome: DealOutcome) -> str:
    return _(_OUTCOME_WORDS[outcome])


def conversion_type_words(name: str) -> str:
    """Say what somebody did; a type of the account's own goes by its name."""
    return _(_TYPE_WORDS[name]) if name in _TYPE_WORDS else name


def holdout_words(kind: HoldoutKind) -> str:
    return _(_HOLDOUT_WORDS[kind])


def money_words(amount: Decimal, currency: str) -> str:
    """Say a sum of money with its currency, never broken between the two."""
    return f"{number_format(amount, decimal_pos=2, force_grouping=True)}\N{NO-BREAK SPACE}{currency}"


def ratio_words(value: float) -> str:
    """Say how many times the spend came back."""
    return f"{number_format(f'{value:.2f}')}\N{NO-BREAK SPACE}×"
