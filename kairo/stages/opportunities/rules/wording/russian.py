"""Russian wording of an opportunity."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import datetime

from kairo.stages.brands.contracts import PersonaDTO
from kairo.stages.opportunities.contracts import Channel, OpportunityType, Quote
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.wording.russian_frames import FINE_FRAMES, FRAMES, OFFERS, OTHER_FINE, REASONS
from kairo.stages.opportunities.rules.wording.shapes import Brief, Frame

LONGEST_TITLE = 96
LONGEST_EXTRACT = 110
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
_FORMATS = {
    Channel.INSTAGRAM: "карусель", Channel.TIKTOK: "короткое видео", Channel.LINKEDIN: "пост для LinkedIn",
    Channel.X: "тред",
    Channel.YOUTUBE: "видео", Channel.EMAIL: "письмо для рассылки", Channel.BLOG: "статью",
    Channel.META_ADS: "объявление",
}  # fmt: skip
_FORMS = {**_FORMATS, Channel.BLOG: "статья"}
_PARTS = {
    "relevance": "связь с брендом", "timeliness": "своевременность", "evidence_strength": "опора на посты",
    "audience_fit": "попадание в аудиторию", "feasibility": "выполнимость", "learned": "накопленный опыт",
}  # fmt: skip


class RussianWording:
    """Titles, angles and reasons in Russian."""

    def titles(self, core: Core, posts: tuple[Post, ...]) -> list[Frame]:
        """Every title for an idea, the plainest construction first."""
        slots = dict(core.slots) | {name[:1].upper() + name[1:]: _raised(value) for name, value in core.slots.items()}
        templates = FRAMES.get(core.kind, ())
        if core.kind is Kind.IS_IT_FINE:
            templates = FINE_FRAMES.get(core.slots["ask"], OTHER_FINE)
        found = []
        for template in templates:
            names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
            if any(name not in slots for name in names):
                continue
            text = re.sub(r"\s+", " ", template.format(**slots)).strip()
            if len(text) <= LONGEST_TITLE:
                found.append(Frame(name=template, text=text))
        return found

    def label(self, core: Core, words: str) -> str:
        """The topic in quotation marks, in the words of the post: nothing has to agree with it."""
        slots = core.slots
        if "a" in slots:
            return f"«{slots['a']} или {slots['b']}»"
        if core.kind is Kind.REVIEW:
            return f"«обзор {slots['np']}»"
        if "inf" in slots:
            return f"«{slots['inf']} {slots['np']}»"
        if "with" in slots:
            return f"«{slots['span']} {slots['with']}»"
        whole = next(
            (slots[name] for name in ("vp", "told", "said", "clause", "question", "np", "tag") if name in slots), words
        )
        return f"«{whole if len(whole.split()) <= 8 else words}»"

    def angle(self, brief: Brief) -> str:
        """The piece to make, the proof, the persona and the pillar."""
        offers = OFFERS.get(brief.idea.kind, OFFERS[Kind.SUBJECT])
        offer = offers[brief.turn % len(offers)].format(format=_FORMATS[brief.channel], form=_FORMS[brief.channel])
        return " ".join(f"{part}." for part in (offer, _proof(brief), _audience(brief)) if part)

    def why_now(self, brief: Brief) -> str:
        pulse, newest = brief.pulse, _date(brief.pulse.newest_at)
        if pulse.total >= 3 and pulse.recent > pulse.before:
            told = (
                f"{_posts(pulse.recent)} за последние {_days(pulse.span_days)} против {pulse.before} "
                f"за {_days(pulse.span_days)} до этого; самый свежий от {newest}"
            )
        elif pulse.total >= 2:
            talk = f", всего {_comments(pulse.comments)}" if pulse.comments else ""
            told = f"{_posts(pulse.total)} за {_days(pulse.window_days)}, самый свежий от {newest}{talk}"
        else:
            talk = f", уже {_comments(pulse.comments)}" if pulse.comments else ""
            busier = (
                f", больше, чем у {brief.busier_than} % из {brief.sample}"
                if brief.busier_than and brief.busier_than >= 50
                else ""
            )
            when = "в день этой подборки" if pulse.age_days < 1 else f"за {_days(int(pulse.age_days))} до этой подборки"
            told = f"Пост от {newest}, {when}{talk}{busier}"
        signal = f"; среди открытых трендов есть и «{brief.trends[0]}»" if brief.trends else ""
        if brief.burst is not None:
            burst = brief.burst
            signal = (
                f"; «{burst.topic}» — открытый тренд: {_posts(burst.posts)}, независимых голосов — {burst.voices}, "
                f"за {burst.hours} ч"
            )
        return f"{told}{signal}."

    def change_of_mind(self, brief: Brief) -> str:
        due, pulse, label = _date(brief.bet.due_at), brief.pulse, brief.label
        if brief.type is OpportunityType.TREND:
            return (
                f"Если до {due} новых постов на тему {label} будет меньше {max(1, pulse.recent // 2)}, рост "
                f"был случайным."
            )
        if pulse.total == 1:
            return f"Если до {due} на тему {label} не напишет никто другой, это вопрос одного человека и он подождёт."
        each = (pulse.comments or 0) // pulse.total
        if each >= 4:
            return (
                f"Если новые посты на тему {label} до {due} соберут меньше {_comments(each // 2, genitive=True)} "
                f"каждый (у этих в среднем {each}), вопрос закрыт."
            )
        return (
            f"Если до {due} на тему {label} не будет ни одного нового поста (за {_days(pulse.window_days)} "
            f"их {pulse.total}), интерес прошёл."
        )

    def prediction(self, brief: Brief) -> str:
        count = brief.bet.posts
        wanted = "хотя бы один новый пост" if count == 1 else f"не меньше {count} новых постов"
        return f"С {_date(brief.as_of)} по {_date(brief.bet.due_at)} появится {wanted} на тему {brief.label}."

    def reason(self, part: str, facts: Mapping[str, str | int | float]) -> str:
        return string.Formatter().vformat(REASONS[part], (), facts)

    def explanation(self, brief: Brief, strongest: str, weakest: str) -> str:
        pillar = f", рубрика «{brief.pillar}»" if brief.pillar else ""
        return (
            f"Сильнее всего {_PARTS[strongest]}, слабее всего {_PARTS[weakest]}: независимых голосов "
            f"{brief.voices}{pillar}, "
            f"свежему посту {_days(int(brief.pulse.age_days))}."
        )


def _proof(brief: Brief) -> str:
    lead = f"«{_extract(brief.quotes[0])}» ({_facts(brief.lead)})"
    others = [quote for quote in brief.quotes[1:] if quote.evidence_id != brief.quotes[0].evidence_id]
    if not others:
        return (f"Начать с фразы {lead}", f"Опора: {lead}", f"Открыть цитатой {lead}")[brief.turn % 3]
    post = next(post for post in brief.posts if post.item.id == others[0].evidence_id)
    second = f"«{_extract(others[0])}» ({_facts(post)})"
    more = len(brief.posts) - 2
    rest = f"; ещё {_posts(more)} в источниках" if more > 0 else ""
    return (
        f"Начать с фразы {lead} и добавить {second}{rest}",
        f"Опора: {lead} и {second}{rest}",
        f"Открыть цитатой {lead}, затем {second}{rest}",
    )[brief.turn % 3]


def _audience(brief: Brief) -> str:
    parts = [f"Для кого: {_persona(brief.persona)}" if brief.persona is not None else ""]
    parts.append(f"рубрика «{brief.pillar}»" if brief.pillar else "")
    return _raised("; ".join(part for part in parts if part))


def _persona(persona: PersonaDTO) -> str:
    about = [persona.role or "", persona.summary or next(iter([*persona.pains, *persona.priorities]), "")]
    told = ", ".join(part.strip().rstrip(".") for part in about if part.strip())
    return f"{persona.name} ({told[:90]})" if told else persona.name


def _extract(quote: Quote) -> str:
    bare = re.sub(r"\s+", " ", quote.text).strip().rstrip(".!… ").replace("«", "„").replace("»", "“")
    if len(bare) <= LONGEST_EXTRACT:
        return bare
    return bare[: bare.rfind(" ", 0, LONGEST_EXTRACT)].rstrip(" ,;:—–-") + "…"


def _facts(post: Post) -> str:
    likes = f"{post.points} {_form(post.points, 'лайк', 'лайка', 'лайков')}" if post.points else ""
    talk = _comments(post.comments) if post.comments else ""
    return ", ".join(part for part in (_date(post.published_at), likes, talk) if part)


def _form(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun after a number."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many


def _posts(count: int) -> str:
    return f"{count} {_form(count, 'пост', 'поста', 'постов')}"


def _days(count: int) -> str:
    return f"{count} {_form(count, 'день', 'дня', 'дней')}"


def _comments(count: int, *, genitive: bool = False) -> str:
    if genitive:
        return f"{count} {'комментария' if count % 10 == 1 and count % 100 != 11 else 'комментариев'}"
    return f"{count} {_form(count, 'комментарий', 'комментария', 'комментариев')}"


def _date(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]}"


def _raised(text: str) -> str:
    return text[:1].upper() + text[1:]
