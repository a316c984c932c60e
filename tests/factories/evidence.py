"""Lists of items for the gates: one that passes all ten, and the adversaries that each gate is there for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kairo.stages.evidence.rules.duplicates import ComparedPost, find_near_duplicates
from kairo.stages.evidence.rules.gates import GateItem
from kairo.stages.evidence.rules.text import content_hash, normalise, real_content

AS_OF = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

TEXTS = (
    "The new espresso bar on Main Street pulls the best flat white in town",
    "Why does every oat milk brand taste different this winter?",
    "We tried cold brew with orange peel and will never go back",
    "Three mistakes that ruin a pour over, and how to avoid them",
    "My grinder broke after two weeks, here is what support told me",
    "Is a fifty euro kettle worth it? An honest look after one year",
    "Roasters in Lisbon are opening earlier, and the queues are real",
    "Decaf has become good enough that I serve it to guests unannounced",
    "A barista explains why your crema disappears within a minute",
    "Small roastery, big plans: how a family shop ships to nine countries",
    "Please stop putting cinnamon into filter coffee, thank you",
    "Latte art for beginners: the one movement that makes the heart",
)


def gate_item(number: int, text: str | None = None, **changes: object) -> GateItem:
    """Build one item as normalisation would hand it on; by default a fresh, good post of its own author."""
    normalized = normalise(TEXTS[number % len(TEXTS)] if text is None else text)
    fields: dict[str, object] = {
        "platform": "instagram",
        "published_at": AS_OF - timedelta(hours=number + 1),
        "has_text": bool(normalized.text),
        "text_length": len(normalized.text),
        "holds_real_content": real_content(normalized),
        "author": f"author{number}",
        "url": f"https://www.instagram.com/p/{number}/",
        "content_hash": content_hash(normalized),
    }
    return GateItem(**{**fields, **changes})  # type: ignore[arg-type]


def healthy_items() -> list[GateItem]:
    """Twelve posts by twelve people, three of them videos with a transcript: every gate passes."""
    return [gate_item(number, is_video=number < 3, has_transcript=number < 3) for number in range(12)]


def posts_saying(texts: Sequence[str], *, authors: Sequence[str] | None = None) -> list[GateItem]:
    """Build one item a text and mark the near-duplicates among them, as normalisation does."""
    ids = [UUID(int=number + 1) for number in range(len(texts))]
    normalized = [normalise(text) for text in texts]
    posts = [
        ComparedPost(
            id=post_id,
            published_at=AS_OF - timedelta(hours=len(texts) - number),
            text=text.text,
            content_hash=content_hash(text),
            language="en",
        )
        for number, (post_id, text) in enumerate(zip(ids, normalized, strict=True))
    ]
    repeats = find_near_duplicates(posts)
    names = authors or [f"author{number}" for number in range(len(texts))]
    return [
        gate_item(number, text, author=names[number], near_duplicate_of=repeats.get(ids[number]))
        for number, text in enumerate(texts)
    ]


def thin() -> list[GateItem]:
    return healthy_items()[:3]


def without_text() -> list[GateItem]:
    """Eight photos, of which only five have a caption."""
    return [gate_item(number, None if number < 5 else "") for number in range(8)]


def on_other_platforms() -> list[GateItem]:
    return [gate_item(number, platform="reddit") for number in range(12)]


def videos_without_transcripts() -> list[GateItem]:
    return [gate_item(number, is_video=True, has_transcript=number < 3) for number in range(12)]


def stale() -> list[GateItem]:
    return [gate_item(number, published_at=AS_OF - timedelta(days=8 + number)) for number in range(12)]


def short_texts() -> list[GateItem]:
    """Twelve different posts, of which only three say more than a few words."""
    few_words = [
        f"Nice {word} today" for word in ("cup", "mug", "bean", "roast", "shot", "pour", "foam", "milk", "cream")
    ]
    return [gate_item(number, None if number < 3 else few_words[number - 3]) for number in range(12)]


def one_author_under_many_names() -> list[GateItem]:
    """Different posts under one name that is written in many ways."""
    names = ["BrewBot", "@brewbot", "brew_bot", "Brew.Bot", "brew-bot", "ＢｒｅｗＢｏｔ", "brewbot_", "@Brew_Bot"]
    return [gate_item(number, author=names[number % len(names)]) for number in range(12)]


def same_links() -> list[GateItem]:
    """Twelve posts that all lead to one page, each with its own campaign tag."""
    return [gate_item(number, url=f"https://shop.example/deal/?utm_source=p{number}") for number in range(12)]


def copy_paste_spam() -> list[GateItem]:
    """Nine honest posts, and one advertisement four times by four names."""
    return posts_saying([*TEXTS[:8], *["Win a free espresso machine, comment your favourite blend below"] * 4])


def near_duplicate_spam() -> list[GateItem]:
    """Eight honest posts, and one advertisement dressed up in other emoji, punctuation, case, links and typos."""
    return posts_saying(
        [
            *TEXTS[:8],
            "Win a free espresso machine, comment your favourite blend below",
            "🔥🔥 WIN a FREE espresso machine!!! Comment your favourite blend below 👇👇",
            "RT @brewbot: win a free espresso machine... comment your favourite blend below https://t.co/x1",
            "Win a free espreso machine - comment your favorite blend below ☕ #giveaway #coffee",
        ]
    )


def sock_puppets() -> list[GateItem]:
    """One text, a little changed, under twelve unrelated names: one voice, whatever the names say."""
    endings = ("!", "!!", "...", "☕", "🔥", "?!", ".", "👇", "✨", "~", "*", "!?")
    names = ("anna", "boris", "chen", "dora", "emil", "fatma", "gil", "hana", "ivan", "june", "kofi", "lena")
    return posts_saying(
        [f"This cold brew changed my mornings, you have to try it{ending}" for ending in endings], authors=names
    )


def hashtag_only() -> list[GateItem]:
    tags = [f"#coffee{number} #espresso #latteart 🔥" for number in range(6)]
    return posts_saying([*TEXTS[:6], *tags])


def invisible_characters() -> list[GateItem]:
    """Six posts that look empty: zero-width, bidirectional and blank letters in plenty."""
    return posts_saying([*TEXTS[:6], *["\u200b\u200d\u3164\u2800\u202e\ufeff" * (10 + number) for number in range(6)]])
