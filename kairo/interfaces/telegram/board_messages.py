"""The Today board as messages of a chat."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kairo.interfaces.telegram.callbacks import Action, Button
from kairo.interfaces.telegram.replies import LabelledButton, Reply, linked, pages, said
from kairo.stages.opportunities.contracts import BoardState, OpportunityDTO, TodayBoardDTO


def board_reply(board: TodayBoardDTO, *, page: int = 0) -> Reply:
    """Return one page of a board, with a button to the next; where there is no board, what to do about it."""
    if board.meta.state is BoardState.GENERATING and board.previous is not None:
        board = board.previous
    if board.meta.state is not BoardState.READY:
        return Reply(html=_without_opportunities(board))
    blocks = [_headline(board), *(_card(place, each) for place, each in enumerate(board.opportunities, start=1))]
    packed = pages(blocks)
    shown = min(page, len(packed) - 1)
    if shown + 1 >= len(packed) or board.meta.board_id is None:
        return Reply(html=packed[shown])
    more = Button(action=Action.BOARD_PAGE, subject=board.meta.board_id, number=shown + 1)
    return Reply(html=packed[shown], buttons=((LabelledButton(label=_("More"), button=more),),))


def _headline(board: TodayBoardDTO) -> str:
    count = len(board.opportunities)
    if count == 0:
        return said(_("The board is ready and holds nothing: the evidence carries no opportunity just now."))
    told = ngettext("%(count)d opportunity", "%(count)d opportunities", count) % {"count": count}
    return f"<b>{said(told)}</b>"


def _card(place: int, opportunity: OpportunityDTO) -> str:
    score = _("score %(score)d of 100") % {"score": round(opportunity.score)}
    lines = [f"<b>{place}. {said(opportunity.title)}</b> ({said(score)})", said(opportunity.angle)]
    if opportunity.why_now:
        lines.append(f"<i>{said(opportunity.why_now)}</i>")
    if opportunity.evidence:
        cited = opportunity.evidence[0]
        source = linked(cited.platform, cited.url)
        lines.append(f"“{said(cited.quote)}” ({source}, {cited.published_at:%Y-%m-%d})")
    return "\n".join(lines)


def _without_opportunities(board: TodayBoardDTO) -> str:
    told = {
        BoardState.GENERATING: _("The board is being made. Ask again in a moment."),
        BoardState.NOT_GENERATED_YET: _("There is no board yet."),
        BoardState.INSUFFICIENT_EVIDENCE: _("There is not enough evidence for a board."),
        BoardState.ERROR: _("The last board could not be made."),
    }
    lines = [said(told.get(board.meta.state, board.meta.state))]
    if board.meta.remediation:
        lines.append(said(board.meta.remediation))
    return "\n".join(lines)
