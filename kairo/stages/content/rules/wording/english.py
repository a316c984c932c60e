"""English."""

from __future__ import annotations

from kairo.stages.content.rules.wording.shapes import Wording
from kairo.stages.opportunities.contracts import Channel

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _people(count: int) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} {'person' if count == 1 else 'people'}"


ENGLISH = Wording(
    asked=(
        "“{q}” Somebody asked that on {place}.",
        "Asked on {place}: “{q}”",
        "A question we found on {place}: “{q}”",
        "“{q}” That one is from {place}, and it deserves a proper answer.",
    ),
    told=(
        "From {place}: “{s}”",
        "“{s}” Somebody posted that on {place}.",
        "One post on {place} puts it like this: “{s}”",
        "Here is how it sounds on {place}: “{s}”",
    ),
    also=(
        "And from somebody else: “{s}”",
        "Another voice: “{s}”",
        "Next to it: “{s}”",
        "Somebody else writes: “{s}”",
    ),
    voices=(
        "That makes {people} on the same subject.",
        "We counted {people} with something to say about it.",
        "{People}, one subject.",
    ),
    people=_people,
    ours=("Our end of it: {line}", "What we work on here: {line}", "This is where we come in: {line}"),
    invite={
        Channel.INSTAGRAM: (
            ("What has worked for you? Tell us below.", "Save this for later, and tell us how yours went."),
            ("How do you handle it? We read every comment.",),
        ),
        Channel.TIKTOK: (
            ("Your turn: how did it go for you?", "Tell us yours in the comments."),
            ("Tell us your experience in the comments.",),
        ),
        Channel.LINKEDIN: (
            ("How do you go about it?", "What would you add?"),
            ("What is your experience with this?",),
        ),
        Channel.X: (("How do you do it?", "What would you add?"), ("What is your experience?",)),
        Channel.YOUTUBE: (
            ("Ask what is still open under the video.", "What should we try next? Write it below."),
            ("Leave your question under the video.",),
        ),
        Channel.EMAIL: (
            ("Reply and tell us how you do it.", "Just hit reply: what has worked for you?"),
            ("Reply to this e-mail with your questions.",),
        ),
        Channel.BLOG: (
            ("Tell us what worked for you.", "Something missing? Write to us."),
            ("Write to us with your questions.",),
        ),
        Channel.META_ADS: (("See how it works", "Have a look"), ("Learn more",)),
    },
    heard="What people say",
    between="In their words:",
    ours_heading="Where we stand",
    sources="Sources",
    sign_off="Until next time,\n{brand}",
    thesis_asked="“{q}” is asked in public; {brand} answers it with what people who tried report.",
    thesis_told="“{s}” shows what is on people's minds; {brand} takes it up and adds what it knows.",
    summary="{people_cap} cited, for {channels}.",
)
