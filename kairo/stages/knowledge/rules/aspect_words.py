"""How the words begin, in English and Russian, that tell of each aspect of the default departments.

Beginnings of words, so that their endings do not matter. An aspect that is not here is looked for by its own words.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


WORDS_OF_ASPECTS: Mapping[str, tuple[str, ...]] = {
    "market category": _words("categor market segment niche industr категори рын сегмент ниш отрасл"),
    "promise to customers": _words("promis guarantee mission helps обеща гарант мисси помога"),
    "difference from competitors": _words("differ unlike unique only instead distin отлич уникальн единствен вместо"),
    "reasons to believe": _words(
        "proof prove proven tested test clinical stud review award certif research доказ тест исследован отзыв наград"
        " сертиф клиническ"
    ),
    "price level": _words(
        "price cost expensive cheap afford premium budget luxury цен стои дорог дешев премиум бюджет"
    ),
    "who the customers are": _words(
        "customer buyer client user people women men parent student age audience owner beginner professional family"
        " клиент покупател женщин мужчин родител студент возраст аудитори люд новичк семь"
    ),
    "needs and goals": _words("need want goal wish hope look seek desire нужн нужд хот цел жела ищ мечта"),
    "pains and obstacles": _words(
        "pain problem struggle frustrat difficult hard annoy irritat fail worr боль проблем трудн сложн раздража меша"
    ),
    "occasions for buying": _words(
        "when before after season holiday gift occasion trigger birthday winter summer morning когда перед после сезон"
        " праздник подар повод зим летом утр"
    ),
    "doubts and objections": _words(
        "doubt objection sceptic skeptic afraid trust concern hesitat worth сомне возраж боят довер опас стоит"
    ),
    "what is offered": _words(
        "offer product sell line range service collection assortment предлага продукт продаж линейк услуг"
    ),
    "features and benefits": _words(
        "feature benefit advantage function include lasts преимуществ функци свойств польз"
    ),
    "how it works": _words(
        "work use apply ingredient contain made material step method formula работ использ нанос состав содерж сделан"
        " материал шаг формул"
    ),
    "price and packages": _words(
        "price cost euro dollar usd eur package pack bundle subscription size plan цен стои рубл евро доллар упаков"
        " набор подписк"
    ),
    "limits and risks": _words(
        "limit risk not avoid warning side allerg danger unsuitable cannot огранич риск нельзя побоч аллерг опасн"
    ),
    "tone of voice": _words(
        "tone voice speak warm calm friendly formal playful humor humour witty тон голос говор тепл спокойн дружел шут"
    ),
    "words to use": _words("word phrase say call term vocabulary слов фраз называ термин"),
    "words to avoid": _words("avoid never ban taboo forbid jargon избега никогда запре табу жаргон"),
    "style rules": _words(
        "style sentence emoji short grammar capital exclamation punctuation стил предложен эмодзи кратк"
    ),
    "main competitors": _words("competitor rival brand конкурент соперник бренд"),
    "alternatives that customers use": _words(
        "alternativ instead switch substitute homemade альтернатив вместо замен переш"
    ),
    "strengths of competitors": _words(
        "strength better strong cheaper faster popular leader сильн лучше дешевле быстрее популярн"
    ),
    "weaknesses of competitors": _words("weak worse complain lack slow poor missing слаб хуже жалу недостат медлен"),
    "how customers compare": _words("compar versus vs review rank rating сравн против рейтинг обзор"),
    "colours": _words(
        "colour color palette beige green blue red white black pink цвет палитр бежев зелен син красн бел черн розов"
    ),
    "typography and logo": _words("typograph font typeface logo serif letter wordmark шрифт логотип типограф"),
    "photo and video style": _words(
        "photo video picture image light shot film camera фото видео картин изображен свет съемк"
    ),
    "packaging and design": _words("packag design label bottle box jar упаков дизайн этикет бутыл короб банк"),
    "social media platforms": _words(
        "instagram tiktok youtube facebook telegram pinterest reddit linkedin social vk соцсет инстаграм тикток ютуб"
        " телеграм вконтакте"
    ),
    "content formats": _words(
        "format reel short video carousel story post article guide podcast формат ролик карусел сториз пост стать"
    ),
    "posting rhythm": _words(
        "daily weekly week day month schedule calendar often times rhythm ежедневн недел день месяц расписан часто"
    ),
    "search and website": _words("search seo google website site page blog landing поиск сайт страниц блог"),
    "advertising": _words("advert ads ad campaign paid budget target реклам кампани бюджет таргет"),
    "creators and partners": _words(
        "creator influencer partner ambassador collab affiliate блогер партнер амбассадор коллаб"
    ),
}
