"""Answering a chat that speaks for a brand: one update, one answer, in a job of the chat's tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from pydantic import JsonValue

from kairo.errors import KairoError, NotFound
from kairo.interfaces.telegram.accepting import TRANSPORT
from kairo.interfaces.telegram.board_messages import board_reply
from kairo.interfaces.telegram.bot_api import BotRefused, Messages
from kairo.interfaces.telegram.callbacks import Action, Button, ButtonForged, read_button
from kairo.interfaces.telegram.insight_messages import explained_reply, insight_reply, sources_reply, working_reply
from kairo.interfaces.telegram.replies import Reply, said
from kairo.interfaces.telegram.updates import Press, TelegramUpdate, read_command
from kairo.interfaces.telegram.wording import help_reply, not_linked_reply
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.rules import MAX_ATTEMPTS
from kairo.platform.telemetry import health
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.tenancy.chats import change_brand, linked_chat
from kairo.stages.brands import queries as brands
from kairo.stages.insights import operations as insights
from kairo.stages.insights import queries as insight_queries
from kairo.stages.insights.contracts.answers import (
    MAX_QUERY,
    AnalysisDTO,
    AnalysisMode,
    AnalysisRequest,
    AnswerLanguage,
)
from kairo.stages.insights.contracts.trends import TrendWindow
from kairo.stages.opportunities import queries as opportunities


@dataclass(frozen=True)
class Turn:
    """One update being answered, and all that its answer needs."""

    update: TelegramUpdate
    brand_id: UUID
    messages: Messages
    job: JobContext
    at: datetime

    def say(self, reply: Reply) -> None:
        """Send the answer, once however often the job is tried."""
        self.job.effect("reply", lambda _key: self.messages.send(self.update.chat_id, reply))

    def show(self, press: Press, reply: Reply) -> None:
        """Let the message that was pressed say something else; where it is too old for that, send a new one."""
        if press.message_id is None:
            self.say(reply)
            return
        try:
            self.messages.change(self.update.chat_id, press.message_id, reply)
        except BotRefused:
            self.say(reply)


def answer(update: TelegramUpdate, *, job: JobContext, messages: Messages, at: datetime) -> Completion:
    """Answer one update; what cannot be done is told to the chat as a sentence, and ends the job all the same."""
    with override(update.language):
        with tenant_transaction(job.tenant_id):
            chat = linked_chat(transport=TRANSPORT, chat_id=update.chat_id)
        if chat is None or chat.principal.tenant_id != job.tenant_id:
            messages.send(update.chat_id, not_linked_reply())
            return Completion(outcome={"answered": "not_linked"})
        turn = Turn(update=update, brand_id=chat.brand_id, messages=messages, job=job, at=at)
        try:
            answered = _pressed(turn, update.press) if update.press else _asked(turn, update.text)
        except BotRefused as refusal:
            # The person has blocked the bot or left: there is nobody to tell.
            return Completion(outcome={"answered": "refused", "reason": refusal.message})
        except KairoError as problem:
            if problem.retryable:
                raise
            turn.say(Reply(html=said(problem.message)))
            return Completion(outcome={"answered": "problem", "code": problem.code})
        except Exception:
            if job.attempt >= MAX_ATTEMPTS:
                turn.say(
                    Reply(
                        html=said(
                            _("That did not work. Ask again; if it fails again, tell us: %(run)s") % {"run": job.run_id}
                        )
                    )
                )
            raise
    return Completion(outcome={"answered": answered})


def _asked(turn: Turn, text: str) -> JsonValue:
    command, argument = read_command(text)
    answers = {
        "/start": _help,
        "/help": _help,
        "/brand": _brand,
        "/today": _today,
        "/run": _run,
        "/trends": _trends,
        "/analyze": _analyze,
    }
    do = answers.get(command)
    if do is None:
        turn.say(Reply(html=said(_("I do not know that command. /help lists what I know."))))
        return "unknown_command"
    do(turn, argument)
    return command


def _help(turn: Turn, _argument: str) -> None:
    turn.say(help_reply())


def _brand(turn: Turn, slug: str) -> None:
    with tenant_transaction(turn.job.tenant_id):
        known = brands.brands()
        chosen = next((brand for brand in known if brand.slug == slug.lower()), None)
        if chosen is not None:
            change_brand(transport=TRANSPORT, chat_id=turn.update.chat_id, brand_id=chosen.id)
    if chosen is not None:
        turn.say(Reply(html=said(_("This chat now speaks for %(brand)s.") % {"brand": chosen.name})))
        return
    lines = [
        f"{'→' if brand.id == turn.brand_id else '·'} {said(brand.name)}: <code>/brand {said(brand.slug)}</code>"
        for brand in known
    ]
    if slug:
        lines.insert(0, said(_("There is no brand of that name. These are yours:")))
    turn.say(Reply(html="\n".join(lines)))


def _today(turn: Turn, _argument: str) -> None:
    with tenant_transaction(turn.job.tenant_id):
        board = opportunities.look_at_today(turn.brand_id, at=turn.at).to_contract()
    turn.say(board_reply(board))


def _run(turn: Turn, argument: str) -> None:
    try:
        run_id = UUID(argument)
    except ValueError:
        turn.say(Reply(html=said(_("Give the id of a run: /run 0190…. It stands under every answer of Kairo."))))
        return
    try:
        with tenant_transaction(turn.job.tenant_id):
            run = health.run_summary(run_id)
    except NotFound:
        turn.say(Reply(html=said(_("There is no such run."))))
        return
    events = ngettext("%(count)d event", "%(count)d events", run.events) % {"count": run.events}
    lines = [
        f"<b>{said(run.kind)}</b>, {run.started_at:%Y-%m-%d %H:%M} UTC",
        said(_("%(events)s; its record is %(health)s") % {"events": events, "health": run.obs_health}),
        f"<code>{run.id}</code>",
    ]
    turn.say(Reply(html="\n".join(lines)))


def _trends(turn: Turn, argument: str) -> None:
    window = _window(argument) if argument else TrendWindow.WEEK
    if window is None:
        known = ", ".join(TrendWindow)
        turn.say(Reply(html=said(_("I know these windows: %(windows)s. Example: /trends 1w") % {"windows": known})))
        return
    _analyse(turn, mode=AnalysisMode.TRENDS, query=None, window=window)


def _analyze(turn: Turn, argument: str) -> None:
    """Read "MODE [QUERY] [WINDOW]"; a window that stands last is one, whatever else the query says."""
    mode, _given, rest = argument.partition(" ")
    if mode.lower() not in {AnalysisMode.KEYWORDS, AnalysisMode.SENTIMENT, AnalysisMode.TOPICS}:
        turn.say(Reply(html=said(_("Say what to look for: /analyze keywords, sentiment or topics, then a query."))))
        return
    words = rest.split()
    window = _window(words[-1]) if words else None
    if window is not None:
        words.pop()
    _analyse(
        turn,
        mode=AnalysisMode(mode.lower()),
        query=" ".join(words)[:MAX_QUERY] or None,
        window=window or TrendWindow.WEEK,
    )


def _window(text: str) -> TrendWindow | None:
    return next((window for window in TrendWindow if window == text.lower()), None)


def _analyse(turn: Turn, *, mode: AnalysisMode, query: str | None, window: TrendWindow) -> None:
    """Say that an answer is being made, make it, and let that message become the answer."""
    turn.messages.typing(turn.update.chat_id)
    notice = turn.job.effect("notice", lambda _key: turn.messages.send(turn.update.chat_id, working_reply()))
    request = AnalysisRequest(mode=mode, query=query, window=window, lang=AnswerLanguage(turn.update.language))
    _become_answer(turn, request, notice if isinstance(notice, int) else None)


def _become_answer(turn: Turn, request: AnalysisRequest, message_id: int | None) -> None:
    def tell(reply: Reply) -> None:
        if message_id is None:
            turn.say(reply)
        else:
            turn.messages.change(turn.update.chat_id, message_id, reply)

    try:
        analysis = insights.answer(
            brand_id=turn.brand_id,
            request=request,
            job=turn.job,
            at=turn.at,
            told=lambda step: tell(working_reply(step)),
        )
    except KairoError as problem:
        if problem.retryable and turn.job.attempt < MAX_ATTEMPTS:
            raise
        tell(Reply(html=said(problem.message)))
        return
    if analysis.response is not None:
        tell(insight_reply(analysis.id, analysis.response))


def _pressed(turn: Turn, press: Press) -> JsonValue:
    try:
        button = read_button(press.data, chat_id=turn.update.chat_id)
    except ButtonForged as forged:
        turn.messages.acknowledge(press.id, _("This button is not of this chat, or too old. Ask again."))
        turn.job.record(EventType.POLICY, code=forged.code)
        return forged.code
    turn.messages.acknowledge(press.id)
    if button.action is Action.BOARD_PAGE:
        with tenant_transaction(turn.job.tenant_id):
            board = opportunities.board(button.subject, at=turn.at)
        turn.show(press, board_reply(board, page=button.number))
        return button.action.name
    with tenant_transaction(turn.job.tenant_id):
        analysis = insight_queries.analysis(button.subject)
    _on_analysis(turn, press, button, analysis)
    return button.action.name


def _on_analysis(turn: Turn, press: Press, button: Button, analysis: AnalysisDTO) -> None:
    if button.action in {Action.REFRESH, Action.WINDOW}:
        window = list(TrendWindow)[button.number % len(TrendWindow)]
        again = {"as_of": None} | ({"window": window} if button.action is Action.WINDOW else {})
        turn.messages.typing(turn.update.chat_id)
        _become_answer(turn, analysis.request.model_copy(update=again), press.message_id)
        return
    if analysis.response is None:
        turn.say(Reply(html=said(_("This answer is not kept any more. Ask again."))))
    elif button.action is Action.PAGE:
        turn.show(press, insight_reply(analysis.id, analysis.response, page=button.number))
    elif button.action is Action.SOURCES:
        turn.say(sources_reply(analysis.response))
    else:
        turn.say(explained_reply(analysis.response))
