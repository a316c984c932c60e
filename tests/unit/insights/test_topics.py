"""Topics: what is clustered, how it is called, and how it stands against the window before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kairo.platform.embeddings import default_embedder
from kairo.stages.insights.contracts.agents import TopicState
from kairo.stages.insights.rules.topics import clusters_of, topics
from tests.unit.insights.agent_items import items_of

embed = default_embedder().embed
COFFEE = [
    f"Cold brew coffee {place}: grind the beans coarse for cold brew" for place in ("at home", "in a jar", "today")
]
SHOES = [f"Running shoes with wide toe box {what}" for what in ("for marathon", "wanted", "on sale", "review", "fit")]


def test_items_of_one_subject_make_one_topic_with_a_readable_label() -> None:
    found = topics(items_of([*COFFEE, *SHOES, "Parliament votes on Tuesday"]), [], embed)

    assert [topic.size for topic in found] == [5, 3]
    assert "running shoes" in found[0].label.lower() or "toe box" in found[0].label.lower()
    assert "cold brew" in found[1].label.lower()
    assert {topic.state for topic in found} == {TopicState.NEW}


def test_topics_are_matched_with_the_window_before() -> None:
    other = ["Parliament votes", "Rain in Paris", "A cat film", "Guitar strings", "Tax forms"]
    now = items_of([*SHOES, COFFEE[0], *other])
    before = items_of([*COFFEE, COFFEE[0] + "!", SHOES[0], *other[:4], "Old stamps", "New bikes"], first=100)

    found = {topic.label.lower(): topic for topic in topics(now, before, embed)}
    shoes = next(topic for label, topic in found.items() if "shoes" in label or "toe box" in label)
    coffee = next(topic for label, topic in found.items() if "cold brew" in label)

    assert (shoes.state, shoes.growth) == (TopicState.GROWING, 5.0)
    assert coffee.state is TopicState.FADING


def test_a_topic_that_has_gone_is_told_with_its_former_items() -> None:
    gone = topics(items_of(SHOES), items_of(COFFEE, first=100), embed)[-1]

    assert (gone.size, gone.growth, gone.state) == (0, 0.0, TopicState.FADING)
    assert len(gone.item_ids) == len(COFFEE)


def test_russian_and_chinese_topics_do_not_mix() -> None:
    russian = items_of([f"Солнцезащитный крем {text}" for text in ("летом", "зимой", "для лица")], "ru")
    chinese = items_of([f"{text}的营销文案" for text in ("优质", "自动", "多语言")], "zh", first=50)

    labels = [topic.label for topic in topics([*russian, *chinese], [], embed)]

    assert len(labels) == 2
    assert any("крем" in label.lower() for label in labels)
    assert any("营销文案" in label for label in labels)


def test_the_same_items_give_the_same_topics() -> None:
    items = items_of([*COFFEE, *SHOES])

    assert topics(items, [], embed) == topics(items, [], embed)


def test_too_little_gives_no_topic() -> None:
    assert topics([], [], embed) == []
    assert topics(items_of(["", ""]), [], embed) == []


def test_posts_of_one_brand_do_not_fall_into_one_topic() -> None:
    subjects = (
        "repotting the monstera",
        "fungus gnats in the soil",
        "crispy tips of the calathea",
        "an orchid in bloom",
    )
    posts = [f"My plant diary: {subject}, day {day}" for day in range(15) for subject in subjects]

    found = topics(items_of(posts), [], embed)

    assert [topic.size for topic in found] == [15] * 4


EVENTS = (
    ("rescue boats on flooded streets", "donate blankets for the shelter"),
    ("bush fire near the ridge", "smoke closes the highway"),
    ("train derails before the tunnel", "passengers wait for buses"),
    ("the earthquake cracked our walls", "aftershocks kept everyone awake"),
    ("a meteor lit up the sky", "windows broke in the schools"),
    ("the typhoon tears off roofs", "fishermen look for their nets"),
)
PLACES = ("north", "south", "east", "west", "harbour", "valley", "airport", "market")
TOLD = [f"{what}, {place}" for event in EVENTS for place in PLACES for what in event]
EACH = len(TOLD) // len(EVENTS)
START = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_an_event_brings_within_days_is_drawn_together_and_two_events_never_are() -> None:
    at = [START + timedelta(days=30 * (place // EACH), hours=place % EACH) for place in range(len(TOLD))]

    undated, dated = clusters_of(items_of(TOLD), embed), clusters_of(items_of(TOLD, at=at), embed)

    assert len(dated) < len(undated)
    assert all(len({place // EACH for place in cluster}) == 1 for cluster in dated)


def test_the_date_tells_nothing_where_what_is_alike_is_no_closer_in_time() -> None:
    newest_heavy = [START - timedelta(hours=1.1 ** (place * 17 % len(TOLD))) for place in range(len(TOLD))]

    assert clusters_of(items_of(TOLD, at=newest_heavy), embed) == clusters_of(items_of(TOLD), embed)
