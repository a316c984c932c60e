"""Which aspects statements cover, against what a person says they do."""

from __future__ import annotations

from kairo.stages.knowledge.contracts.departments import CoordinationSettings, Department
from kairo.stages.knowledge.operations import aspects_covered
from kairo.stages.knowledge.rules.coverage import beginnings
from kairo.stages.knowledge.rules.default_departments import DEFAULT_DEPARTMENTS

# Department, statement, the aspects that it covers; none where the statement is about something else.
LABELLED: tuple[tuple[str, str, frozenset[str]], ...] = (
    (
        "positioning",
        "Glow is a fragrance-free skincare brand for people with reactive skin.",
        frozenset({"market category"}),
    ),
    (
        "positioning",
        "Unlike big drugstore brands we list every ingredient with its share.",
        frozenset({"difference from competitors"}),
    ),
    ("positioning", "Our promise: no sting, no scent, no surprise.", frozenset({"promise to customers"})),
    ("positioning", "Three clinical tests with 120 volunteers showed less redness.", frozenset({"reasons to believe"})),
    ("positioning", "A bottle costs 14 euros, between drugstore and pharmacy.", frozenset({"price level"})),
    ("positioning", "We were founded in Riga by two sisters.", frozenset()),
    ("positioning", "Мы делаем косметику без запаха для чувствительной кожи.", frozenset({"market category"})),
    ("positioning", "Наши кремы дешевле аптечных, но дороже масс-маркета.", frozenset({"price level"})),
    ("audience", "Most buyers are women between 25 and 40 who live in cities.", frozenset({"who the customers are"})),
    ("audience", "They want a routine that takes two minutes and does not irritate.", frozenset({"needs and goals"})),
    ("audience", "Their cheeks burn after every new cleanser.", frozenset({"pains and obstacles"})),
    ("audience", "People look for a new cream when winter begins.", frozenset({"occasions for buying"})),
    ("audience", "Many suspect that 'hypoallergenic' is only marketing.", frozenset({"doubts and objections"})),
    ("audience", "The office is closed on Mondays.", frozenset()),
    ("audience", "Чаще всего покупают молодые мамы.", frozenset({"who the customers are"})),
    ("audience", "Им трудно разобраться в составах.", frozenset({"pains and obstacles"})),
    ("product", "The range has a cleanser, a toner and a night cream.", frozenset({"what is offered"})),
    ("product", "The cream keeps skin moist for twelve hours.", frozenset({"features and benefits"})),
    ("product", "Apply a pea-sized amount to damp skin and rinse after a minute.", frozenset({"how it works"})),
    ("product", "The set of three is sold for 39 euros.", frozenset({"price and packages", "what is offered"})),
    ("product", "Do not use it on broken skin or near the eyes.", frozenset({"limits and risks"})),
    ("product", "Our team runs a marathon every spring.", frozenset()),
    ("product", "Крем содержит цинк и пантенол.", frozenset({"how it works"})),
    ("voice", "We sound calm and friendly, never clinical.", frozenset({"tone of voice"})),
    ("voice", "Say 'gentle' and 'plain' rather than 'revolutionary'.", frozenset({"words to avoid", "words to use"})),
    ("voice", "Never write 'anti-ageing' or 'miracle'.", frozenset({"words to avoid"})),
    ("voice", "Sentences stay under twenty words and have no exclamation marks.", frozenset({"style rules"})),
    ("voice", "The warehouse moved to Tallinn last year.", frozenset()),
    ("voice", "Мы говорим спокойно и на «вы».", frozenset({"tone of voice"})),
    ("competitors", "CeraVe and La Roche-Posay are the brands people name first.", frozenset({"main competitors"})),
    ("competitors", "Some use plain olive oil instead of a cleanser.", frozenset({"alternatives that customers use"})),
    ("competitors", "CeraVe is cheaper and sold everywhere.", frozenset({"strengths of competitors"})),
    ("competitors", "People complain that its pump breaks.", frozenset({"weaknesses of competitors"})),
    ("competitors", "Buyers compare ingredient lists side by side on Reddit.", frozenset({"how customers compare"})),
    ("competitors", "We plant a tree for every hundred orders.", frozenset()),
    ("visual", "The palette is beige, white and one deep green.", frozenset({"colours"})),
    ("visual", "The logo is set in a light serif typeface.", frozenset({"typography and logo"})),
    ("visual", "We shoot in morning light without retouching skin.", frozenset({"photo and video style"})),
    ("visual", "Bottles are of brown glass with a paper label.", frozenset({"packaging and design"})),
    ("visual", "Delivery takes three days.", frozenset()),
    ("visual", "Упаковка из переработанного картона.", frozenset({"packaging and design"})),
    ("channels", "Instagram and TikTok bring most visitors.", frozenset({"social media platforms"})),
    ("channels", "Short videos that show one routine work best.", frozenset({"content formats"})),
    ("channels", "We post on Tuesdays and Fridays.", frozenset({"posting rhythm"})),
    ("channels", "The blog ranks for 'cleanser without perfume'.", frozenset({"search and website"})),
    ("channels", "We pay for search ads only in spring.", frozenset({"advertising"})),
    ("channels", "Two dermatologists with small audiences recommend us.", frozenset({"creators and partners"})),
    ("channels", "The founders studied chemistry.", frozenset()),
)
LEAST_PRECISION = 0.70
LEAST_RECALL = 0.70
"""Measured when the words were listed: precision 0.75 and recall 0.77; a change that costs more must say why."""


def test_coverage_mostly_agrees_with_a_person() -> None:
    right = extra = missed = 0
    for department in DEFAULT_DEPARTMENTS:
        cases = [(text, gold) for slug, text, gold in LABELLED if slug == department.slug]
        found = aspects_covered(department, [text for text, _ in cases])
        for place, (_, gold) in enumerate(cases):
            got = {hit.name for hit in found if place in hit.places}
            right, extra, missed = right + len(got & gold), extra + len(got - gold), missed + len(gold - got)

    assert right / (right + extra) >= LEAST_PRECISION
    assert right / (right + missed) >= LEAST_RECALL


def test_an_aspect_of_ones_own_is_looked_for_by_its_own_words() -> None:
    own = Department(
        slug="service",
        name="Service",
        code_dep_number=1,
        coordination_settings=CoordinationSettings(aspects=("warranty and returns", "opening hours")),
    )

    warranty, hours = aspects_covered(own, ["Every machine has a two-year warranty.", "We sell beans."])

    assert (warranty.places, warranty.covered) == ((0,), True)
    assert (hours.places, hours.covered) == ((), False)


def test_a_short_word_is_no_beginning_of_another() -> None:
    visual = next(one for one in DEFAULT_DEPARTMENTS if one.slug == "visual")

    hits = {hit.name: hit.covered for hit in aspects_covered(visual, ["We reduce waste.", "Ready in a minute."])}

    assert not hits["colours"]


def test_every_default_aspect_has_words_in_english_and_russian() -> None:
    aspects = [aspect for one in DEFAULT_DEPARTMENTS for aspect in one.coordination_settings.aspects]

    assert all({begin.isascii() for begin in beginnings(aspect)} == {True, False} for aspect in aspects)
    assert len(set(aspects)) == len(aspects)
