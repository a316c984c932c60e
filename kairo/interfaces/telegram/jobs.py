"""The bot's job: answer one update."""

from __future__ import annotations

from kairo.interfaces.telegram.accepting import ANSWER, QUEUE
from kairo.interfaces.telegram.answering import answer
from kairo.interfaces.telegram.bot_api import bot_api
from kairo.interfaces.telegram.updates import TelegramUpdate
from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.registry import handles

LONGEST_ANSWER_S = 120


@handles(ANSWER, payload=TelegramUpdate, queue=QUEUE, time_limit_s=LONGEST_ANSWER_S)
def answer_chat(message: TelegramUpdate, job: JobContext) -> Completion:
    """Answer what a chat sent."""
    with bot_api() as messages:
        return answer(message, job=job, messages=messages, at=now())
