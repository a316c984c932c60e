"""Answers in English."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.insights.contracts.agents import Shares
from kairo.stages.insights.contracts.answers import AnalysisMode, AnswerErrorCode
from kairo.stages.insights.contracts.trends import TrendStatus, TrendWindow
from kairo.stages.insights.rules.wording.shapes import MOST_COUNTED

WINDOWS = {
    TrendWindow.DAY: "last 24 hours",
    TrendWindow.THREE_DAYS: "last 3 days",
    TrendWindow.WEEK: "last 7 days",
    TrendWindow.MONTH: "last 30 days",
}
TITLES = {
    AnalysisMode.TRENDS: "What is rising",
    AnalysisMode.KEYWORDS: "What people write about",
    AnalysisMode.SENTIMENT: "How people feel",
    AnalysisMode.TOPICS: "Topics",
}
TITLES_OF_QUERIES = {
    AnalysisMode.TRENDS: "What is rising around",
    AnalysisMode.KEYWORDS: "What people write about",
    AnalysisMode.SENTIMENT: "How people feel about",
    AnalysisMode.TOPICS: "Topics around",
}
STATUSES = {
    TrendStatus.EMERGING: "is emerging",
    TrendStatus.ACTIVE: "is rising",
    TrendStatus.FADING: "is fading",
    TrendStatus.STALE: "is over",
}
NO_ANSWERS = {
    AnswerErrorCode.MODEL_UNAVAILABLE: "Analyses are not available right now. Try again in a few minutes, or look at"
    " the stored trends.",
    AnswerErrorCode.BUDGET_EXCEEDED: "The budget for this is used up. Raise it in the settings, or ask again tomorrow.",
    AnswerErrorCode.NO_DATA: "There is not enough evidence for an answer{detail}. Take a longer window, leave out the"
    " query or the sources, or import posts with `kairo ingest import`.",
    AnswerErrorCode.VALIDATION_FAILED: "What was found may not be shown{detail}. Ask with other words or for another"
    " window.",
    AnswerErrorCode.TIMEOUT: "The analysis took too long. Try again, or take a shorter window.",
    AnswerErrorCode.RATE_LIMITED: "That were too many questions at once. Wait a minute and try again.",
    AnswerErrorCode.FORBIDDEN: "Your role may not ask for this. Ask an owner for the role editor.",
    AnswerErrorCode.BAD_REQUEST: "The question cannot be understood{detail}. Correct it and try again.",
}
WARNINGS = {
    "orders_to_machines": "left out {count} {posts} that give orders to machines",
    "only_english": "most posts are in a language in which no answers are written: this one is in English",
    "few_items": "only {count} {posts}: take it as a first look",
    "left_out_by_policy": "{count} statements were left out by policy",
    "mood_of": "feelings were read in the {count} {posts} in English or Russian only",
    "capped": "only the newest {count} {posts} were read",
    "capped_for_model": "only {count} {posts} were given to the model",
    "budget_command": "{count} % of the budget of this question is used",
    "budget_user": "{count} % of your budget for the day is used",
    "budget_day": "{count} % of the account's budget for the day is used",
    "budget_tenant": "{count} % of the account's budget for the month is used",
}


class English:
    """Sentences in English; see `shapes.Wording`."""

    def header(self, mode: AnalysisMode, query: str | None, window: TrendWindow) -> str:
        title = f"{TITLES_OF_QUERIES[mode]} “{query}”" if query else TITLES[mode]
        return f"{title}, {WINDOWS[window]}"

    def phrase_share(self, phrase: str, count: int, total: int, growth: float | None) -> str:
        return f"“{phrase}” is in {count} of {posts(total)} ({percent(count / total)}){_against_before(growth)}."

    def phrase_new(self, phrase: str, count: int, total: int) -> str:
        return f"“{phrase}” is new: it is in {count} of {posts(total)} and was in none of the window before."

    def phrases_together(self, one: str, other: str, both: int, of: int) -> str:
        return (
            f"“{one}” and “{other}” may be one subject: {both} of the {posts(of)} that name the rarer one"
            f" {'name' if both != 1 else 'names'} both."
        )

    def phrase_advice(self, phrase: str, growth: float, count: int) -> str:
        return f"Speak about “{phrase}” now: its share grew {times(growth)}, to {posts(count)}."

    def phrases_summary(self, total: int, phrases: list[str], risen: tuple[str, float] | None) -> str:
        named = _listed([f"“{phrase}”" for phrase in phrases])
        risen_text = f"; “{risen[0]}” grew most, {times(risen[1])}" if risen else ""
        return f"In {posts(total)}, {named} {'stands' if len(phrases) == 1 else 'stand'} out{risen_text}."

    def mood(self, shares: Shares, total: int) -> str:
        return (
            f"Of {posts(total)}, {percent(shares.positive)} are positive, {percent(shares.neutral)} neutral and"
            f" {percent(shares.negative)} negative."
        )

    def aspect_liked(self, aspect: str, share: float, count: int) -> str:
        return f"People like “{aspect}”: {_of_what_is_said(share, count)} is positive."

    def aspect_disliked(self, aspect: str, share: float, count: int) -> str:
        return f"People dislike “{aspect}”: {_of_what_is_said(share, count)} is negative."

    def aspect_advice(self, aspect: str, share: float, count: int) -> str:
        return f"Answer the complaints about “{aspect}” first: {_of_what_is_said(share, count)} is negative."

    def mood_summary(self, shares: Shares, total: int, liked: str | None, disliked: str | None) -> str:
        liked_text = f"; liked above all: “{liked}”" if liked else ""
        disliked_text = f"; disliked: “{disliked}”" if disliked else ""
        return f"{self.mood(shares, total).rstrip('.')}{liked_text}{disliked_text}."

    def conflict(self, subject: str, praise: float, complaints: float, count: int) -> str:
        return (
            f"Sources contradict each other on “{subject}”: of what {posts(count)} {_verb(count, 'say')} about it,"
            f" {percent(praise)} is praise and {percent(complaints)} complaint."
        )

    def topic_size(self, label: str, size: int, total: int) -> str:
        return f"“{label}” is a topic of {posts(size)}, {percent(size / total)} of all."

    def topic_grown(self, label: str, size: int, growth: float) -> str:
        return f"The topic “{label}” grew {times(growth)} against the window before, to {posts(size)}."

    def topic_new(self, label: str, size: int) -> str:
        return f"“{label}” is a new topic: {posts(size)}, none in the window before."

    def topic_fading(self, label: str, size: int, growth: float) -> str:
        return f"The topic “{label}” is fading: {posts(size)}, {percent(growth)} of its share before."

    def topic_advice(self, label: str, size: int) -> str:
        return f"Say something on “{label}” while it is new: {posts(size)} speak of it already."

    def topics_summary(self, total: int, topics: int, largest: str, share: float, new: str | None) -> str:
        new_text = f"; new is “{new}”" if new else ""
        one_topic = "topic" if topics == 1 else "topics"
        return (
            f"{posts(total).capitalize()}, {topics} {one_topic}; the largest is “{largest}” with {percent(share)}"
            f" of the posts{new_text}."
        )

    def trend(self, label: str, status: TrendStatus, items: int, authors: int, since: datetime) -> str:
        by = f" by {authors} {'author' if authors == 1 else 'authors'}" if authors else ""
        count = posts(items) if items < MOST_COUNTED else f"at least {posts(items)}"
        return f"“{label}” {STATUSES[status]}: {count}{by}; seen since {since:%Y-%m-%d %H:%M} UTC."

    def trend_odds(self, label: str, surprise: float) -> str:
        return f"“{label}” may be no chance: by its own past, such a rise happens once in about {odds(surprise)} times."

    def trends_summary(self, total: int, open_trends: int, strongest: str | None, largest: str | None) -> str:
        if strongest is None:
            return f"Nothing rises faster than its past explains in {posts(total)}; the largest topic is “{largest}”."
        trends = "trend" if open_trends == 1 else "trends"
        largest_text = f"; the largest topic is “{largest}”" if largest else ""
        return f"{open_trends} open {trends} in {posts(total)}; the strongest is “{strongest}”{largest_text}."

    def enhanced_summary(self, base: str, phrase: str | None, shares: Shares | None) -> str:
        phrase_text = f" “{phrase}” stands out." if phrase else ""
        mood = f" {percent(shares.positive)} positive, {percent(shares.negative)} negative." if shares else ""
        return f"{base}{phrase_text}{mood}"

    def no_answer(self, code: AnswerErrorCode, detail: str) -> str:
        return NO_ANSWERS[code].format(detail=f" ({detail})" if detail else "")

    def warning(self, name: str, count: int) -> str:
        return WARNINGS[name].format(count=count, posts="post" if count == 1 else "posts")


def posts(count: int) -> str:
    return f"{count} {'post' if count == 1 else 'posts'}"


def percent(share: float) -> str:
    return f"{share:.0%}"


def times(growth: float) -> str:
    return f"{growth:.1f} times"


def odds(surprise: float) -> str:
    """Return ten to that power in round figures; beyond a million it says no more."""
    return f"{10 ** min(surprise, 6):,.0f}" if surprise < 6 else "a million"


def _verb(count: int, stem: str) -> str:
    return f"{stem}s" if count == 1 else stem


def _of_what_is_said(share: float, count: int) -> str:
    return f"{percent(share)} of what {posts(count)} {_verb(count, 'say')} about it"


def _against_before(growth: float | None) -> str:
    if growth is None:
        return ""
    if 0.95 <= growth <= 1.05:
        return ", as in the window before"
    return f", {growth:.1f} times its share of the window before"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
