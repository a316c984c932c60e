"""Sentences that more than one answer uses, in the language of the chat."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kairo.interfaces.telegram.replies import Reply, said


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
