"""Answers in Russian."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.insights.contracts.agents import Shares
from kairo.stages.insights.contracts.answers import AnalysisMode, AnswerErrorCode
from kairo.stages.insights.contracts.trends import TrendStatus, TrendWindow
from kairo.stages.insights.rules.wording.shapes import MOST_COUNTED

WINDOWS = {
    TrendWindow.DAY: "последние 24 часа",
    TrendWindow.THREE_DAYS: "последние 3 дня",
    TrendWindow.WEEK: "последние 7 дней",
    TrendWindow.MONTH: "последние 30 дней",
}
TITLES = {
    AnalysisMode.TRENDS: "Что растёт",
    AnalysisMode.KEYWORDS: "О чём пишут",
    AnalysisMode.SENTIMENT: "Как относятся",
    AnalysisMode.TOPICS: "Темы",
}
TITLES_OF_QUERIES = {
    AnalysisMode.TRENDS: "Что растёт вокруг",
    AnalysisMode.KEYWORDS: "О чём пишут вокруг",
    AnalysisMode.SENTIMENT: "Как относятся к теме",
    AnalysisMode.TOPICS: "Темы вокруг",
}
STATUSES = {
    TrendStatus.EMERGING: "только начинает расти",
    TrendStatus.ACTIVE: "растёт",
    TrendStatus.FADING: "идёт на спад",
    TrendStatus.STALE: "закончилось",
}
NO_ANSWERS = {
    AnswerErrorCode.MODEL_UNAVAILABLE: "Анализ сейчас недоступен. Повторите через несколько минут или посмотрите"
    " сохранённые тренды.",
    AnswerErrorCode.BUDGET_EXCEEDED: "Бюджет исчерпан. Увеличьте его в настройках или повторите завтра.",
    AnswerErrorCode.NO_DATA: "Для ответа не хватает данных{detail}. Возьмите более длинный период, уберите запрос или"
    " источники либо загрузите публикации командой `kairo ingest import`.",
    AnswerErrorCode.VALIDATION_FAILED: "Найденное нельзя показать{detail}. Спросите другими словами или за другой"
    " период.",
    AnswerErrorCode.TIMEOUT: "Анализ занял слишком много времени. Повторите или возьмите период короче.",
    AnswerErrorCode.RATE_LIMITED: "Слишком много вопросов подряд. Подождите минуту и повторите.",
    AnswerErrorCode.FORBIDDEN: "Ваша роль не позволяет это спросить. Попросите у владельца роль editor.",
    AnswerErrorCode.BAD_REQUEST: "Вопрос не удалось понять{detail}. Исправьте его и повторите.",
}
WARNINGS = {
    "orders_to_machines": "не учтены публикации с командами для машин: {count}",
    "only_english": "большинство публикаций на языке, на котором ответы не пишутся: этот на английском",
    "few_items": "публикаций мало ({count}): это лишь первый взгляд",
    "left_out_by_policy": "утверждений не прошло проверку: {count}",
    "mood_of": "отношение понято только в публикациях на русском и английском: {count}",
    "capped": "прочитаны только самые новые публикации: {count}",
    "capped_for_model": "модели передана только часть публикаций: {count}",
    "budget_command": "бюджет этого вопроса израсходован на {count} %",
    "budget_user": "ваш бюджет на день израсходован на {count} %",
    "budget_day": "бюджет аккаунта на день израсходован на {count} %",
    "budget_tenant": "бюджет аккаунта на месяц израсходован на {count} %",
}


class Russian:
    """Sentences in Russian; see `shapes.Wording`."""

    def header(self, mode: AnalysisMode, query: str | None, window: TrendWindow) -> str:
        title = f"{TITLES_OF_QUERIES[mode]} «{query}»" if query else TITLES[mode]
        return f"{title}, {WINDOWS[window]}"

    def phrase_share(self, phrase: str, count: int, total: int, growth: float | None) -> str:
        return f"«{phrase}» — в {count} из {of_posts(total)} ({percent(count / total)}){_against_before(growth)}."

    def phrase_new(self, phrase: str, count: int, total: int) -> str:
        return f"«{phrase}» — новое: есть в {count} из {of_posts(total)}, а в прошлом периоде не было ни в одной."

    def phrases_together(self, one: str, other: str, both: int, of: int) -> str:
        return f"«{one}» и «{other}», возможно, одна тема: вместе они в {both} из {of_posts(of)} с более редким из них."

    def phrase_advice(self, phrase: str, growth: float, count: int) -> str:
        return f"Пора говорить о «{phrase}»: доля выросла {times(growth)}, теперь это {posts(count)}."

    def phrases_summary(self, total: int, phrases: list[str], risen: tuple[str, float] | None) -> str:
        named = _listed([f"«{phrase}»" for phrase in phrases])
        risen_text = f"; сильнее всего выросло «{risen[0]}» — {times(risen[1])}" if risen else ""
        return f"В {in_posts(total)} выделяется: {named}{risen_text}."

    def mood(self, shares: Shares, total: int) -> str:
        return (
            f"Из {of_posts(total)} положительных {percent(shares.positive)}, нейтральных {percent(shares.neutral)},"
            f" отрицательных {percent(shares.negative)}."
        )

    def aspect_liked(self, aspect: str, share: float, count: int) -> str:
        return f"Нравится «{aspect}»: {percent(share)} сказанного об этом в {in_posts(count)} — похвала."

    def aspect_disliked(self, aspect: str, share: float, count: int) -> str:
        return f"Не нравится «{aspect}»: {percent(share)} сказанного об этом в {in_posts(count)} — жалобы."

    def aspect_advice(self, aspect: str, share: float, count: int) -> str:
        return f"Сначала ответьте на жалобы на «{aspect}»: это {percent(share)} сказанного в {in_posts(count)}."

    def mood_summary(self, shares: Shares, total: int, liked: str | None, disliked: str | None) -> str:
        liked_text = f"; больше всего нравится «{liked}»" if liked else ""
        disliked_text = f"; не нравится «{disliked}»" if disliked else ""
        return f"{self.mood(shares, total).rstrip('.')}{liked_text}{disliked_text}."

    def conflict(self, subject: str, praise: float, complaints: float, count: int) -> str:
        return (
            f"Источники противоречат друг другу: «{subject}» — из сказанного об этом в {in_posts(count)}"
            f" {percent(praise)} похвалы и {percent(complaints)} жалоб."
        )

    def topic_size(self, label: str, size: int, total: int) -> str:
        return f"Тема «{label}»: {posts(size)}, {percent(size / total)} всех."

    def topic_grown(self, label: str, size: int, growth: float) -> str:
        return f"Тема «{label}» выросла {times(growth)} по сравнению с прошлым периодом: теперь это {posts(size)}."

    def topic_new(self, label: str, size: int) -> str:
        return f"«{label}» — новая тема: {posts(size)}, в прошлом периоде не было ни одной."

    def topic_fading(self, label: str, size: int, growth: float) -> str:
        return f"Тема «{label}» уходит: {posts(size)}, {percent(growth)} прежней доли."

    def topic_advice(self, label: str, size: int) -> str:
        return f"Скажите что-нибудь о «{label}», пока тема новая: о ней уже {posts(size)}."

    def topics_summary(self, total: int, topics: int, largest: str, share: float, new: str | None) -> str:
        new_text = f"; новая — «{new}»" if new else ""
        noun = _form(topics, "тема", "темы", "тем")
        return f"{posts(total).capitalize()}, {topics} {noun}; самая большая — «{largest}», {percent(share)}{new_text}."

    def trend(self, label: str, status: TrendStatus, items: int, authors: int, since: datetime) -> str:
        by = f" от {authors} {_form(authors, 'автора', 'авторов', 'авторов')}" if authors else ""
        count = posts(items) if items < MOST_COUNTED else f"не меньше {of_posts(items)}"
        return f"«{label}» {STATUSES[status]}: {count}{by}; замечено {since:%Y-%m-%d %H:%M} UTC."

    def trend_odds(self, label: str, surprise: float) -> str:
        return f"«{label}», возможно, не случайность: судя по прошлому, такой рост бывает один раз из {odds(surprise)}."

    def trends_summary(self, total: int, open_trends: int, strongest: str | None, largest: str | None) -> str:
        if strongest is None:
            return f"В {in_posts(total)} ничто не растёт быстрее, чем обычно; самая большая тема — «{largest}»."
        trends = _form(open_trends, "открытый тренд", "открытых тренда", "открытых трендов")
        largest_text = f"; самая большая тема — «{largest}»" if largest else ""
        return f"{open_trends} {trends} в {in_posts(total)}; самый сильный — «{strongest}»{largest_text}."

    def enhanced_summary(self, base: str, phrase: str | None, shares: Shares | None) -> str:
        phrase_text = f" Выделяется «{phrase}»." if phrase else ""
        mood = f" Положительных {percent(shares.positive)}, отрицательных {percent(shares.negative)}." if shares else ""
        return f"{base}{phrase_text}{mood}"

    def no_answer(self, code: AnswerErrorCode, detail: str) -> str:
        return NO_ANSWERS[code].format(detail=f" ({detail})" if detail else "")

    def warning(self, name: str, count: int) -> str:
        return WARNINGS[name].format(count=count)


def _form(count: int, one: str, few: str, many: str) -> str:
    """Choose the form that a noun takes after a number."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14} else many


def posts(count: int) -> str:
    return f"{count} {_form(count, 'публикация', 'публикации', 'публикаций')}"


def of_posts(count: int) -> str:
    return f"{count} {_form(count, 'публикации', 'публикаций', 'публикаций')}"


def in_posts(count: int) -> str:
    return f"{count} {_form(count, 'публикации', 'публикациях', 'публикациях')}"


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def times(growth: float) -> str:
    return f"в {growth:.1f} раза".replace(".", ",")


def odds(surprise: float) -> str:
    """Return ten to that power in round figures; beyond a million it says no more."""
    return f"{10 ** min(surprise, 6):,.0f}".replace(",", " ") if surprise < 6 else "миллиона"


def _against_before(growth: float | None) -> str:
    if growth is None:
        return ""
    if 0.95 <= growth <= 1.05:
        return ", как и в прошлом периоде"
    return f", это {growth:.1f} прежней доли".replace(".", ",")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} и {names[-1]}"
