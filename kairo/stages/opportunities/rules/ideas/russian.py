"""Ideas in a Russian post. Phrases keep the case they stand in, so each kind has constructions made for that case."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.patterns import Builder, Rule, rule
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.lexicon.russian import GENERIC_WORDS, PRONOUN_WORDS, STOP_WORDS, UNFIT_WORDS
from kairo.stages.opportunities.rules.reading import Post, Sentence
from kairo.stages.opportunities.rules.stems import words_of

BODY_SHARE = 0.72
MAX_BODY_SENTENCES = 12

_NOISE = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\u200b-\u200f\U0001f000-\U0001faff]|https?://\\S+|"
    "@\\S+|(?:\\s*#\\w+)+\\s*$"
)
_LABEL = re.compile(r"^\s*[\[(][^\])]{1,30}[\])]\s*")
_GREETING = re.compile(
    r"^(?:(?:всем |)(?:привет|здравствуйте|добр(?:ый|ого) \w+|хай)(?: всем)?|девочки|девушки|"
    r"ребята|друзья|коллеги|народ|подруги|"
    r"мальчики|подскажите|помогите|скажите|расскажите|посоветуйте(?=,)|объясните|поделитесь|"
    r"вопрос|пожалуйста|кто[- ]нибудь знает|"
    r"кто знает|есть вопрос|интересно|итак|короче|ну|и|а|вот|лайфхак|совет|важно|внимание|напоминаю|"
    r"не знаю|не понимаю|"
    r"хочу понять|хочу спросить|думаю)(?:[,!.:;—–-]+\s*|\s+(?=как|почему|какой|какую|какие|какое|"
    r"что|чем|стоит|можно|нужно|кто|"
    r"пожалуйста|ребята|девочки|друзья|подскажите|всем))",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:у меня|у нас|мне|нам|меня|мо[йеёяи]|мою|моего|моей|моему|моим|моих|моими|наш[аеиу]?|"
    r"нашего|нашей)\b ?",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:[ ,]+(?:пожалуйста|спасибо|заранее спасибо|помогите|подскажите|посоветуйте|девочки|ребята|кто знает|вообще|"
    r"если честно|сегодня|вчера))+$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*\([^()]*\)\s*|\s*\.\..*$|\s*…+.*$| [-–—] .*$|[;:].*$|, (?:но|а|потому|так как|или нет|"
    r"то|и я|я) .*$",
    re.IGNORECASE,
)
_DEICTIC = frozenset(
    [
        "этот",
        "эта",
        "это",
        "эти",
        "этого",
        "этой",
        "этом",
        "этих",
        "этим",
        "этими",
        "такой",
        "такая",
        "такое",
        "такие",
        "там",
        "тут",
        "здесь",
        "он",
        "она",
        "оно",
        "они",
        "их",
        "его",
        "ее",
        "её",
        "него",
        "неё",
        "ней",
        "ним",
        "них",
        "сюда",
        "туда",
    ]
)
_INF = r"[а-яё]+(?:ть|ти|чь)(?:ся|сь)?"
_NUMBER = r"(?:\d+|один|одну|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|полгода|пару)"
_SPAN = rf"(?P<span>(?:{_NUMBER} )?(?:дн(?:я|ей)|день|недел[юиья]|недель|месяц(?:а|ев)?|год(?:а)?|лет|полгода))"
_COUNTED = {
    "ошибок": "ошибки", "ошибки": "ошибки", "причин": "причины", "причины": "причины", "признаков": "признаки",
    "признака": "признаки", "мифов": "мифы", "мифа": "мифы", "привычек": "привычки", "привычки": "привычки",
    "правил": "правила", "вопросов": "вопросы", "шагов": "шаги", "способов": "способы", "способа": "способы",
}  # fmt: skip
_ASKED_VERBS = {
    "пробовал": "пробовать", "пробовала": "пробовать", "попробовал": "пробовать", "покупал": "покупать",
    "покупала": "покупать", "заказывал": "заказывать", "заказывала": "заказывать", "пользовался": "пользоваться",
    "пользовалась": "пользоваться", "пользуется": "пользоваться", "использовал": "использовать",
    "использовала": "использовать", "использует": "использовать", "брал": "брать", "брала": "брать", "носил": "носить",
    "читал": "читать", "смотрел": "смотреть", "менял": "менять", "ставил": "ставить",
    "делал": "делать", "делала": "делать",
}  # fmt: skip


def ideas_of(post: Post) -> list[Idea]:
    """Every idea in a post's sentences, cleanest first."""
    found: list[Idea] = []
    for sentence in post.sentences[: MAX_BODY_SENTENCES + 3]:
        core = _core_of(sentence)
        if core is not None:
            share = 1.0 if sentence.is_headline else BODY_SHARE
            found.append(Idea(Core(core.kind, core.slots, core.quality * share), post, sentence))
    unique = {(idea.kind, *sorted(idea.core.slots.items())): idea for idea in reversed(found)}
    return sorted(unique.values(), key=lambda idea: (-idea.core.quality, idea.sentence.order))


def _core_of(sentence: Sentence) -> Core | None:
    text = _LABEL.sub("", _NOISE.sub(" ", sentence.text)).strip(' \t*_«»"')
    for _ in range(4):
        shorter = _GREETING.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    bare = re.sub(r"\s+", " ", re.sub(r"[?!.…\s]+$", "", text))
    if not 6 <= len(bare) <= 220:
        return None
    lowered = bare[0].lower() + bare[1:] if not bare[:2].isupper() else bare
    for pattern, build in _RULES:
        match = pattern.fullmatch(lowered)
        core = build(match) if match is not None else None
        if core is not None:
            return core
    return None


def phrase(text: str, *, longest: int = 10, shortest: int = 1) -> str | None:
    """The text in its own case, without its speaker, when it stands alone."""
    cleaned = _TRAILING.sub("", _ASIDE.sub("", _PERSON.sub("", text)).strip(" ,.!?:;—–-"))
    cleaned = re.sub(r"\s+", " ", cleaned).strip(' ,.!?:;—–-"«»')
    words = words_of(cleaned)
    if not shortest <= len(words) <= longest or len(cleaned) > 90:
        return None
    if set(words) & (_DEICTIC | UNFIT_WORDS | PRONOUN_WORDS) or re.search(r"[\[\]{}<>|/\\]|https?:", cleaned):
        return None
    is_telling = any(word not in STOP_WORDS and word not in GENERIC_WORDS and len(word) > 2 for word in words)
    ends_whole = words[-1] not in STOP_WORDS or cleaned[-1].isupper() or words[-1] in ("нет", "лучше")
    return cleaned if is_telling and ends_whole else None


def _of(kind: Kind, quality: float, *, longest: int = 10, shortest: int = 1, **templates: str) -> Builder:
    """A builder whose slots are templates over the named groups; nothing comes of a group that does not stand alone."""

    def build(match: re.Match[str]) -> Core | None:
        groups: dict[str, str] = {}
        for name, value in match.groupdict().items():
            if value is None or name in ("span", "verb", "wh", "ask"):
                groups[name] = (value or "").lower()
                continue
            cleaned = phrase(value, longest=longest, shortest=shortest)
            if cleaned is None:
                return None
            groups[name] = cleaned
        return Core(kind, {name: template.format(**groups).strip() for name, template in templates.items()}, quality)

    return build


def _asked_for(match: re.Match[str]) -> Core | None:
    """`Посоветуйте сыворотку` asks which: the question word follows the first word's ending."""
    wanted = phrase(match.group("np"))
    if wanted is None:
        return None
    first = wanted.split()[0].lower()
    which = (
        "какую" if re.search("(?:ую|юю|[^о]у|ю)$", first)
        else "какие" if re.search("(?:ые|ие|[ыи])$", first)
        else "какое" if re.search("(?:ое|ее|[ое])$", first)
        else "какой"
    )  # fmt: skip
    return Core(Kind.CHOOSE, {"clause": f"{which} {wanted} выбрать"}, 0.95)


def _tried(match: re.Match[str]) -> Core | None:
    verb = _ASKED_VERBS.get(match.group("verb").lower())
    what = phrase(match.group("np"), longest=7)
    return Core(Kind.TRY_OUT, {"inf": verb, "np": what}, 0.95) if verb and what else None


def _counted(match: re.Match[str]) -> Core | None:
    noun, rest = _COUNTED[match.group("noun").lower()], phrase(match.group("rest"), longest=11, shortest=2)
    return Core(Kind.LIST, {"noun": noun, "rest": rest}, 0.85) if rest else None


def _versus(match: re.Match[str]) -> Core | None:
    one, other = phrase(match.group("a"), longest=5), phrase(match.group("b"), longest=6)
    return Core(Kind.VERSUS, {"a": one, "b": other}, 0.95) if one and other and one != other else None


def _forbidden(match: re.Match[str]) -> Core | None:
    said = phrase(match.group(0), longest=9, shortest=3)
    return Core(Kind.CLAIM, {"said": said}, 0.8) if said else None


def _with_it(match: re.Match[str]) -> Core | None:
    what = phrase(match.group("np"), longest=5)
    if what is None:
        return None
    link = "со" if re.match("[сзшж][бвгджзклмнпрстфхцчшщ]", what.lower()) else "с"
    return Core(Kind.TRIAL, {"span": match.group("span").lower(), "with": f"{link} {what}"}, 0.95)


_RULES: list[Rule] = [
    rule(
        r"(?P<a>[^,?:]{3,45}?) (?:или|vs\.?|против) (?P<b>[^,?:]{2,45}?)(?:[:,—–-]+ ?(?:что|какой|"
        r"какая|какое|кто|как) .*|)",
        _versus,
    ),
    rule(r"что лучше[:,—– -]+(?P<a>[^,?:]{3,40}?) или (?P<b>[^,?:]{2,45})", _versus),
    rule(
        rf"как (?:же |лучше |правильно |можно |быстро |вам |вы |)(?P<vp>{_INF}.*)",
        _of(Kind.HOW_TO, 0.95, shortest=2, longest=11, vp="{vp}"),
    ),
    rule(
        rf"(?:\d+ |)(?:способ\w*|вариант\w*|идей|идеи)(?:,)? как (?P<vp>{_INF}.*)",
        _of(Kind.HOW_TO, 0.9, shortest=2, longest=11, vp="{vp}"),
    ),
    rule(
        rf"(?P<wh>сколько|когда|где|чем|куда|во сколько|как часто|как долго|с чего)(?P<vp> .*{_INF}.*)",
        _of(Kind.HOW_MANY, 0.9, shortest=2, longest=11, clause="{wh} {vp}"),
    ),
    rule(r"почему (?P<rest>.+)", _of(Kind.WHY, 0.95, shortest=2, longest=11, clause="почему {rest}")),
    rule(
        rf"(?P<wh>как(?:ой|ая|ое|ую|ие)) (?P<rest>.+ (?:{_INF}|лучше|посоветуете|взяли бы).*)",
        _of(Kind.CHOOSE, 0.95, shortest=2, longest=10, clause="{wh} {rest}"),
    ),
    rule(r"(?:по)?(?:советуйте|рекомендуйте|советуете) (?P<np>.+)", _asked_for),
    rule(
        r"(?:ищу|нужен|нужна|нужны|нужно|хочу купить|выбираю) (?P<np>(?!помощь|совет|ваш|мнени|ли\b)"
        r".+)",
        _asked_for,
    ),
    rule(rf"кто[- ]?(?:нибудь|то|либо)? ?(?:уже |)(?P<verb>{'|'.join(_ASKED_VERBS)}) (?P<np>.+)", _tried),
    rule(
        rf"(?P<ask>можно|нужно|надо|стоит|обязательно|вредно|полезно|опасно|реально|имеет смысл) "
        rf"ли (?P<vp>.*{_INF}.*)",
        _of(Kind.IS_IT_FINE, 0.95, shortest=2, longest=10, ask="{ask}", vp="{vp}"),
    ),
    rule(
        r"(?P<rest>[а-яё]+(?:ет|ит|ют|ят|ает|яет|ется|ится) ли .+)",
        _of(Kind.ASK, 0.9, shortest=3, longest=11, question="{rest}"),
    ),
    rule(
        r"(?:правда ли|верно ли|говорят|считается|врач сказал|пишут|слышал[аи]?|читал[аи]?),? что "
        r"(?P<said>.+)",
        _of(Kind.CLAIM, 0.9, shortest=3, longest=11, that="{said}"),
    ),
    rule(r"что делать,? если (?P<rest>.+)", _of(Kind.TROUBLE, 0.95, shortest=2, longest=10, cond="если {rest}")),
    rule(r"что делать (?P<np>(?:с|со|при|от) .+)", _of(Kind.REMEDY, 0.95, shortest=2, np="{np}")),
    rule(
        r"(?:помогите|борюсь|мучаюсь|как бороться|как справиться|замучил[аи]?сь) (?P<np>(?:с|со|"
        r"от) .+)",
        _of(Kind.REMEDY, 0.9, shortest=2, np="{np}"),
    ),
    rule(
        r"(?P<rest>.{6,70}?)[,.:—–!-]+ ?(?:что|чё) (?:же |)делать.*",
        _of(Kind.TROUBLE, 0.9, shortest=2, longest=9, told="{rest}"),
    ),
    rule(
        rf"(?:я |)(?:пользова(?:лась|лся|юсь)|занима(?:юсь|лась|лся)|лечу(?:сь)?|лечила(?:сь)?) (?P<np>.+?)"
        rf" (?:уже |целых |почти |)?{_SPAN}(?:[ ,.:—–-].*|)",
        _with_it,
    ),
    rule(
        rf"(?:.*? |)(?:уже |целых |почти |){_SPAN} (?P<np>(?:без|на|с|со) .+)",
        _of(Kind.TRIAL, 0.95, shortest=2, longest=6, span="{span}", **{"with": "{np}"}),
    ),
    rule(rf"(?P<count>\d+ |)(?P<noun>{'|'.join(_COUNTED)}) (?P<rest>.+)", lambda match: _counted(match)),
    rule(r"(?:честный |мой |подробный |небольшой )*обзор (?P<np>.+)", _of(Kind.REVIEW, 0.9, longest=7, np="{np}")),
    rule(
        r"(?:отзыв|отзывы|мнение) (?P<np>(?:о|об|про|на) .+)", _of(Kind.OPINION, 0.85, longest=7, shortest=2, np="{np}")
    ),
    rule(r"мо[йяеёи] (?P<np>перв(?:ый|ая|ое|ые) .+)", _of(Kind.FIRST, 0.9, longest=6, shortest=2, np="{np}")),
    rule(r"(?:никогда |больше |)не [а-яё]+(?:йте|ите|йтесь|итесь|ьте) .+", _forbidden),
    rule(
        r".*(?:интересно|понять|узнать|знает|понимаю|разобраться),? (?P<wh>как|почему|зачем|чем|"
        r"сколько|когда) (?P<rest>.+)",
        _of(Kind.OPEN_QUESTION, 0.85, shortest=2, longest=11, clause="{wh} {rest}"),
    ),
    rule(r"зачем (?P<rest>.+)", _of(Kind.WHY, 0.9, shortest=2, longest=10, clause="зачем {rest}")),
]
