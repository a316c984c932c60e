"""Russian title constructions, offers and reasons. Each slot keeps the case in which its construction needs it."""

from __future__ import annotations

from kairo.stages.opportunities.rules.ideas.shapes import Kind

FRAMES: dict[Kind, tuple[str, ...]] = {
    Kind.HOW_TO: ("Как {vp}", "{Vp}: с чего начать", "Что нужно, чтобы {vp}", "{Vp} и не навредить"),
    Kind.HOW_MANY: ("{Clause}", "{Clause}: простое правило"),
    Kind.WHY: ("{Clause}", "{Clause} и что с этим делать", "{Clause}: короткий ответ"),
    Kind.OPEN_QUESTION: ("{Clause}", "{Clause}: объясняем просто"),
    Kind.CHOOSE: ("{Clause}", "{Clause}: на что смотреть", "{Clause}? Смотрим вместе"),
    Kind.TRY_OUT: ("Стоит ли {inf} {np}", "Прежде чем {inf} {np}", "{Inf} ли {np}: доводы за и против"),
    Kind.VERSUS: ("{A} или {b}: что выбрать", "{A} или {b}? Кому что подойдёт", "{A} и {b}: в чём разница"),
    Kind.ASK: ("{Question}?", "{Question}? Отвечаем прямо"),
    Kind.CLAIM: ("Правда ли, что {that}", "«{Said}»: правда или миф", "Говорят, что {that}. Проверяем"),
    Kind.TROUBLE: ("Что делать, {cond}", "{Told}: что делать", "{Told}? С чего начать"),
    Kind.REMEDY: ("Что делать {np}", "Что делать {np} и чего не делать"),
    Kind.TRIAL: ("{Span} {with}: что изменилось", "Что дают {span} {with}", "{Span} {with}: чего ждать"),
    Kind.LIST: ("{Noun} {rest}", "{Noun} {rest}: какие важнее"),
    Kind.REVIEW: ("Обзор {np}: стоит ли покупать", "После обзора {np}: что остаётся решить"),
    Kind.OPINION: ("Что говорят {np}", "Мнения {np}: чему верить"),
    Kind.NAMES: (
        "{n1}, {n2} и {n3}: сравниваем по теме «{tag}»",
        "{n1} или {n2}: кто сильнее в теме «{tag}»",
        "«{tag}»: {count} новинки рядом, от {n1} до {n2}",
    ),
    Kind.FIRST: ("{Np}: с чего начать", "{Np}: что важно знать заранее"),
}
FINE_FRAMES = {
    "можно": ("{Vp}: можно или нет?", "Можно ли {vp}?"),
    "нужно": ("{Vp}: нужно или лишнее?", "Нужно ли {vp}?"),
    "надо": ("{Vp}: надо или лишнее?", "Надо ли {vp}?"),
    "стоит": ("{Vp}: стоит или нет?", "Стоит ли {vp}?"),
}
OTHER_FINE = ("{Ask} ли {vp}?", "{Ask} ли {vp}: разбираем")

_EXPLAIN = (
    "Сделать {format}: ответ в первой строке, объяснение следом",
    "Подготовить {format}, где видно, как поступить, когда это нужно и когда нет",
    "Начать со слов аудитории и закончить одним ясным правилом: подойдёт {form}",
)
_WEIGH = (
    "Сделать {format}: доводы за и против рядом и честный вывод, кому не подойдёт",
    "Спокойно сравнить, чего ждут, что получают и кому это подходит: подойдёт {form}",
    "Подготовить {format} с прямым советом для каждого типа покупателя",
)
_TELL = (
    "Подготовить {format}: от момента, когда всё пошло не так, до того, что помогло",
    "Сделать {format}: беда одной фразой, что попробовать первым и что пропустить",
    "Честно показать начало, шаги и результат: подойдёт {form}",
)
OFFERS: dict[Kind, tuple[str, ...]] = {
    **dict.fromkeys(
        (Kind.HOW_TO, Kind.HOW_MANY, Kind.WHY, Kind.OPEN_QUESTION, Kind.ASK, Kind.CLAIM, Kind.LIST, Kind.IS_IT_FINE),
        _EXPLAIN,
    ),
    **dict.fromkeys((Kind.CHOOSE, Kind.TRY_OUT, Kind.VERSUS, Kind.REVIEW, Kind.OPINION), _WEIGH),
    **dict.fromkeys((Kind.TROUBLE, Kind.REMEDY, Kind.TRIAL, Kind.FIRST, Kind.SUBJECT), _TELL),
}
REASONS = {
    "relevance": "Совпадает с: {words}; близость по смыслу {meaning}.",
    "relevance_meaning": "Слов бренда нет, близость по смыслу {meaning}.",
    "timeliness": "Самому свежему посту {age} дн.; за последние {span} дн. постов: {recent}, до этого: {before}.",
    "timeliness_signal": "Самому свежему посту {age} дн.; за последние {span} дн. постов: {recent}, "
    "до этого: {before}; внешний сигнал это подтверждает.",
    "evidence_strength": "Независимых голосов: {voices}, постов: {posts}, цитат: {quotes}; средний процентиль отклика "
    "{engagement}.",
    "audience_fit": "{persona}: общие слова {words}; близость {meaning}.",
    "audience_fit_meaning": "{persona}: общих слов нет, близость {meaning}.",
    "audience_fit_none": "У бренда ещё нет персон, с которыми сравнить.",
    "feasibility": "Идея взята из одной фразы, чистота {quality} из 1; цитат на {length} знаков.",
    "learned": "Прежние решения и результаты изменили оценку на {effect} ({sources}).",
    "learned_none": "О рубрике, персоне и канале пока ничего не накоплено.",
    "winners": "Похожая реклама побеждала: {winners}.",
    "winner": "{ad} (окупаемость {expected}, у остальных в кампании {beside}, результатов {results}, "
    "сходство {similarity})",
    "model": "Оценка модели из 100: уместность {relevance}, аудитория {audience}, выполнимость {feasibility}.",
}
