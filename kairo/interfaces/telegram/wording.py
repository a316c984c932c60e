"""Sentences that more than one answer uses, in the language of the chat."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from kairo.interfaces.telegram.replies import Reply, said

_LEFT_OUT_WORDS = {
    "keyphrases": marked("keywords"),
    "sentiment": marked("sentiment"),
    "topics": marked("topics"),
    "expansion": marked("other wordings of the question"),
    "retrieval": marked("a part of the posts"),
    "synthesis": marked("the wording by a model"),
    "keyphrases_by_model": marked("keywords by a model"),
    "sentiment_by_model": marked("sentiment by a model"),
    "topics_by_model": marked("topics by a model"),
    "expansion_by_model": marked("other wordings by a model"),
}


def left_out_words(names: Iterable[str]) -> str:
    """Name the parts of an answer that were left out."""
    return ", ".join(_(_LEFT_OUT_WORDS[name]) if name in _LEFT_OUT_WORDS else name for name in names)


def help_reply() -> Reply:
    """Say what the bot is for and what it understands."""
    lines = [
        f"<b>{said(_('Kairo reads what your market says and cites every line.'))}</b>",
        said(_("/today: the board of opportunities")),
        said(_("/trends 1w: what is rising (24h, 3d, 1w, 1m)")),
        said(_("/analyze keywords coffee: the words people use")),
        said(_("/analyze sentiment coffee: what they like and what they do not")),
        said(_("/analyze topics: what they talk about")),
        said(_("/brand: which brand this chat is for, or another one")),
        said(_("/run ID: how a run is going")),
        said(_("/link CODE: link this chat to your brand; Kairo makes the code under Settings")),
    ]
    return Reply(html="\n".join([lines[0], "", *lines[1:]]))


def not_linked_reply() -> Reply:
    """Say how a chat is linked."""
    text = _("This chat is not linked yet. Make a code in Kairo under Settings, then send: /link CODE")
    return Reply(html=said(text))


def linked_reply(brand: str) -> Reply:
    """Say for which brand the chat speaks now."""
    text = _("Linked. This chat now speaks for %(brand)s. Try /today or /trends 1w.") % {"brand": brand}
    return Reply(html=said(text))
