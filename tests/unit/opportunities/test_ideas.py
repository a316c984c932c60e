"""What a sentence asks or tells, cut down to words that a title can be built on, in three languages."""

from __future__ import annotations

import pytest

from kairo.stages.opportunities.rules.ideas.english_casing import learn_casing
from kairo.stages.opportunities.rules.ideas.reader import ideas_of
from kairo.stages.opportunities.rules.reading import read_posts
from kairo.stages.opportunities.rules.wording.languages import wording_for
from tests.unit.opportunities.boards import post


def first_title(text: str) -> str | None:
    """The plainest title of the cleanest idea in one post."""
    posts = read_posts([post(text)])
    ideas = ideas_of(posts[0], learn_casing(posts, []))
    frames = wording_for(posts[0].language).titles(ideas[0].core, (posts[0],)) if ideas else []
    return frames[0].text if frames else None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("How do I fix my terrible bacne?", "How to fix your bacne"),
        ("How do you guys handle mosquito bites?", "How people handle mosquito bites"),
        ("What order should I use my products in every day?", "What order to use your products in every day"),
        ("Is it ever okay to pop a pimple?", "Popping a pimple: is it ever okay?"),
        ("Is it too late to plant garlic in March?", "Planting garlic in March: is it too late?"),
        ("Is shampoo causing my acne?", "Is shampoo causing your acne?"),
        ("So.... What is toner?", "What toner is, and who needs it"),
        (
            "What is a good moisturizer for oily, acne-prone skin?",
            "How to pick a moisturizer for oily, acne-prone skin",
        ),
        ("Has anyone tried the MUAC Fade Peel?", "Is the MUAC Fade Peel worth trying?"),
        ("Trader Joe's cold brew? Anybody tried? For $8, I'm hesitant...", "Is Trader Joe's cold brew worth $8?"),
        ("Beyerdynamic DT770s vs. ATH-M50s", "Beyerdynamic DT770s or ATH-M50s: how to choose"),
        ("What four nights of neem oil did for me!", "What four nights of neem oil changed"),
        ("I thought I would post 3 weeks progress without any dairy.", "What 3 weeks without dairy changed"),
        ("How I got rid of my reoccuring monster zit", "How one person got rid of their recurring monster zit"),
        (
            "We cut our churn by 18% after rewriting the emails.",
            "How one team cut their churn by 18% after rewriting the emails",
        ),
        (
            "Reminder: if your chin keeps breaking out, try changing your toothpaste",
            "Your chin keeps breaking out? Try changing your toothpaste",
        ),
        (
            "I built the drip tower from an article on cold brew",
            "What you learn from building a drip tower for cold brew",
        ),
        (
            "Growing a Caturra in my Denver, Colorado apartment.",
            "What you learn from growing a Caturra in a Denver, Colorado apartment",
        ),
        (
            "My grinder keeps jamming on light roasts",
            "When your grinder keeps jamming on light roasts: what to try next",
        ),
        ("My first espresso machine!", "Your first espresso machine: where to start"),
        ("Not sunburn, but a sun allergy.", "Sunburn or sun allergy? How to tell them apart"),
        (
            "Stop asking for a 30-minute call in your first email",
            "Is it time to stop asking for a 30-minute call in your first email?",
        ),
        (
            "5 mistakes beginners make when training for a marathon",
            "The mistakes beginners make when training for a marathon",
        ),
        ("Why we moved from Kubernetes back to plain VMs", "Why one team moved from Kubernetes back to plain VMs"),
        ("Подскажите, какой крем выбрать для сухой кожи?", "Какой крем выбрать для сухой кожи"),
        ("Посоветуйте недорогую умывалку", "Какую недорогую умывалку выбрать"),
        ("Кто-нибудь пробовал сыворотку с витамином С?", "Стоит ли пробовать сыворотку с витамином С"),
        ("У меня после кислот покраснение, что делать?", "После кислот покраснение: что делать"),
        ("Пользовалась ретинолом 3 месяца — показываю результат", "3 месяца с ретинолом: что изменилось"),
        ("Можно ли наносить крем на влажную кожу?", "Наносить крем на влажную кожу: можно или нет?"),
        ("有人用过理肤泉B5吗？", "理肤泉 B5 到底值不值"),
        ("物理防晒和化学防晒哪个更适合敏感肌", "物理防晒还是化学防晒，怎么选"),
        ("换季皮肤干到起皮怎么办，救救我", "换季皮肤干到起皮怎么办"),
        ("为什么越敷面膜皮肤越干", "为什么越敷面膜皮肤越干"),
        ("求推荐一款学生党平价面霜", "学生党平价面霜怎么选"),
    ],
)
def test_a_post_becomes_a_title_that_a_person_could_have_written(text: str, title: str) -> None:
    assert first_title(text) == title


@pytest.mark.parametrize(
    "text",
    [
        "What are they and how do I get rid of them?",
        "I love my job.",
        "This.",
        "Guys, I think I found one of us!",
        "Please stop rewarding posters who don't read the sidebar.",
        "I want to kill myself over this acne, suicide",
        "[COMPETITION] Don't step on my kicks!!",
        "Этот тоник просто супер",
        "这个真的绝了",
    ],
)
def test_a_post_that_cannot_be_read_on_its_own_gives_no_title(text: str) -> None:
    found = first_title(text)

    assert found is None or not {"this", "them", "they", "sidebar", "suicide", "job"} & set(found.lower().split())


def test_a_headline_in_title_case_comes_down_and_names_stay_up() -> None:
    running = post("I drank my cold brew with the moka pot from Bialetti today", key="running")
    posts = read_posts([post("The Moka Pot From Bialetti And My Cold Brew Recipe"), running])

    settled = learn_casing(posts, []).settle("The Moka Pot From Bialetti And My Cold Brew Recipe")

    assert settled == "the moka pot from Bialetti and my cold brew recipe"
