"""How models are asked to do the agents' work and to word what was found: each call is a prompt and two shapes."""

from __future__ import annotations

from pathlib import Path

from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.prompts import Evidence
from kairo.shapes import Frozen
from kairo.stages.insights.contracts.model_outputs import (
    MinedPhrases,
    ToldAnswer,
    ToldMoods,
    ToldTopics,
    ToldWordings,
)

PROMPTS = Path(__file__).parent / "prompts"


class PostsToRead(Frozen):
    posts: Evidence


class PostsToSort(Frozen):
    """The posts of the window, and those of the window before."""

    posts: Evidence
    earlier: Evidence


class QueryToWiden(Frozen):
    """What was asked stands among the evidence: it comes from outside like the posts."""

    query: Evidence
    posts: Evidence


class FindingsToWord(Frozen):
    """Numbered findings (their labels come from posts), the posts that they rest on, and the answer's language."""

    language: str
    findings: Evidence
    posts: Evidence


MINE_KEYPHRASES = LLMCall(
    task="keyphrase_mining",
    folder=PROMPTS,
    prompt="mine_keyphrases.md",
    version=1,
    takes=PostsToRead,
    returns=MinedPhrases,
)
READ_SENTIMENT = LLMCall(
    task="sentiment", folder=PROMPTS, prompt="read_sentiment.md", version=1, takes=PostsToRead, returns=ToldMoods
)
SORT_INTO_TOPICS = LLMCall(
    task="topics", folder=PROMPTS, prompt="sort_into_topics.md", version=1, takes=PostsToSort, returns=ToldTopics
)
WIDEN_QUERY = LLMCall(
    task="expansion", folder=PROMPTS, prompt="widen_query.md", version=1, takes=QueryToWiden, returns=ToldWordings
)
WORD_FINDINGS = LLMCall(
    task="synthesis", folder=PROMPTS, prompt="word_findings.md", version=1, takes=FindingsToWord, returns=ToldAnswer
)
