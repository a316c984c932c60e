"""Synonyms, and Russian and English words for the same thing in marketing: lists made for this project."""

from __future__ import annotations

_SAME = """
cheap affordable inexpensive|price cost pricing|review feedback opinion|buy purchase order|delivery shipping
trainers sneakers|skincare skin-care|sunscreen spf sunblock|moisturizer moisturiser|acne pimples breakouts
earphones earbuds headphones|laptop notebook|phone smartphone mobile|ad advert advertisement|video clip
ai artificial-intelligence|startup start-up|customer client|quality durability|discount sale deal|refund return
дешевый недорогой бюджетный|цена стоимость|отзыв обзор мнение|купить заказать|доставка отправка|кроссовки кеды
крем увлажнитель|прыщ акне высыпание|наушники гарнитура|ноутбук лэптоп|телефон смартфон|реклама объявление
скидка распродажа акция|возврат обмен|качество надежность|клиент покупатель|видео ролик|санскрин солнцезащитный
"""
_PAIRS = """
coffee кофе|tea чай|price цена|review отзыв|delivery доставка|shipping доставка|sneakers кроссовки|shoes обувь
skin кожа|skincare уход|cream крем|serum сыворотка|acne акне|hair волосы|face лицо|sunscreen санскрин|makeup макияж
headphones наушники|sound звук|battery батарея|phone телефон|laptop ноутбук|camera камера|app приложение|service сервис
quality качество|discount скидка|sale распродажа|gift подарок|brand бренд|market рынок|trend тренд|content контент
advertising реклама|marketing маркетинг|customer клиент|product продукт|shop магазин|store магазин|order заказ
return возврат|money деньги|news новости|video видео|travel путешествие|food еда|recipe рецепт|health здоровье
fitness фитнес|sport спорт|clothes одежда|dress платье|home дом|kids дети|car машина|game игра|music музыка|film фильм
book книга|school школа|work работа|summer лето|winter зима|new новый|cheap дешевый|best лучший|natural натуральный
"""


def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = [group.split() for line in _SAME.split("\n") for group in line.split("|") if group]
    return {
        word: tuple(other.replace("-", " ") for other in group if other != word) for group in groups for word in group
    }


def _translations() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in (pair.split() for line in _PAIRS.split("\n") for pair in line.split("|") if pair):
        english, russian = pair
        found[english] = (*found.get(english, ()), russian)
        found[russian] = (*found.get(russian, ()), english)
    return found


SYNONYMS = _synonyms()
TRANSLATIONS = _translations()
