"""The words in which pages speak of trends and of answers, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from django.utils.translation import ngettext

from kairo.interfaces.web.wording import in_words
from kairo.stages.insights.contracts.answers import AnalysisMode, AnalysisState, AnswerLanguage, InsightType
from kairo.stages.insights.contracts.trends import ClusterKeyType, TrendStatus, TrendWindow

WINDOW_WORDS: Mapping[TrendWindow, str] = {
    TrendWindow.DAY: marked("24 hours"),
    TrendWindow.THREE_DAYS: marked("3 days"),
    TrendWindow.WEEK: marked("1 week"),
    TrendWindow.MONTH: marked("1 month"),
}
TREND_STATUS_WORDS: Mapping[TrendStatus, str] = {
    TrendStatus.EMERGING: marked("Emerging"),
    TrendStatus.ACTIVE: marked("Active"),
    TrendStatus.FADING: marked("Fading"),
    TrendStatus.STALE: marked("Over"),
}
KEY_TYPE_WORDS: Mapping[ClusterKeyType, str] = {
    ClusterKeyType.HASHTAG: marked("Hashtag"),
    ClusterKeyType.AUDIO: marked("Sound"),
    ClusterKeyType.KEYPHRASE: marked("Phrase"),
    ClusterKeyType.SEMANTIC: marked("Same meaning"),
}
TREND_PART_WORDS: Mapping[str, str] = {
    "surprise": marked("Surprise"),
    "velocity": marked("Velocity"),
    "acceleration": marked("Acceleration"),
    "breadth": marked("Breadth"),
    "novelty": marked("Novelty"),
    "engagement": marked("Engagement"),
}
MODE_WORDS: Mapping[AnalysisMode, str] = {
    AnalysisMode.TRENDS: marked("Trends"),
    AnalysisMode.KEYWORDS: marked("Keywords"),
    AnalysisMode.SENTIMENT: marked("Sentiment"),
    AnalysisMode.TOPICS: marked("Topics"),
}
MODE_HINTS: Mapping[AnalysisMode, str] = {
    AnalysisMode.TRENDS: marked("What is rising now"),
    AnalysisMode.KEYWORDS: marked("Which phrases stand out"),
    AnalysisMode.SENTIMENT: marked("What is liked and what is not"),
    AnalysisMode.TOPICS: marked("What people talk about"),
}
ANSWER_LANGUAGE_WORDS: Mapping[AnswerLanguage, str] = {
    AnswerLanguage.AUTO: marked("Of the question or the posts"),
    AnswerLanguage.EN: marked("English"),
    AnswerLanguage.RU: marked("Russian"),
}
INSIGHT_TYPE_WORDS: Mapping[InsightType, str] = {
    InsightType.FACT: marked("Fact"),
    InsightType.HYPOTHESIS: marked("Hypothesis"),
    InsightType.RECOMMENDATION: marked("Recommendation"),
    InsightType.CONFLICT: marked("Conflict"),
}
ANALYSIS_STATE_WORDS: Mapping[AnalysisState, str] = {
    AnalysisState.PENDING: marked("Being answered"),
    AnalysisState.READY: marked("Answered"),
    AnalysisState.FAILED: marked("No answer"),
    AnalysisState.WITHDRAWN: marked("Withdrawn"),
}
ANSWERED_WORDS: Mapping[AnalysisState, str] = {
    AnalysisState.PENDING: marked("The work was stopped before there was an answer."),
    AnalysisState.READY: marked("The answer is here."),
    AnalysisState.FAILED: marked("There is no answer."),
    AnalysisState.WITHDRAWN: marked("The answer was withdrawn."),
}
"""What is said when the work on an answer has ended."""
STATE_ICONS: Mapping[str, str] = {
    TrendStatus.EMERGING: "emerging",
    TrendStatus.ACTIVE: "ready",
    TrendStatus.FADING: "fading",
    TrendStatus.STALE: "not_applicable",
    AnalysisState.PENDING: "pending",
    AnalysisState.READY: "ready",
    AnalysisState.FAILED: "failed",
    AnalysisState.WITHDRAWN: "not_applicable",
}
_LEFT_OUT_WORDS: Mapping[str, str] = {
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


def left_out_words(name: str) -> str:
    """Say which part of an answer was left out."""
    return _(_LEFT_OUT_WORDS[name]) if name in _LEFT_OUT_WORDS else in_words(name)


def trend_part_words(name: str) -> str:
    """Say what a part of a trend's score is."""
    return _(TREND_PART_WORDS[name]) if name in TREND_PART_WORDS else in_words(name)


def signed_words(value: float) -> str:
    """Say a change with its sign, to two digits: "+0.42", "−1.5"; what is next to nothing is 0."""
    if abs(value) < 0.005:
        return "0"
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return sign + number_format(f"{abs(value):.2f}".rstrip("0").rstrip("."))


def rate_words(count: int, hours: int) -> str:
    """Say how many posts a stretch of time brought: "12 posts in 6 hours"."""
    posts = ngettext("%(count)s post", "%(count)s posts", count) % {"count": number_format(count)}
    if hours == 24:
        return _("%(posts)s in a day") % {"posts": posts}
    span = ngettext("%(posts)s in %(hours)s hour", "%(posts)s in %(hours)s hours", hours)
    return span % {"posts": posts, "hours": hours}
