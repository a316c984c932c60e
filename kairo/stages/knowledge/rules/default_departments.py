"""The departments that a new account starts with: those of marketing."""

from __future__ import annotations

from kairo.stages.knowledge.contracts.departments import CoordinationSettings, Department


def _department(number: int, slug: str, name: str, description: str, *aspects: str) -> Department:
    return Department(
        slug=slug,
        name=name,
        description=description,
        code_dep_number=number,
        coordination_settings=CoordinationSettings(aspects=aspects),
    )


DEFAULT_DEPARTMENTS: tuple[Department, ...] = (
    _department(
        10, "positioning", "Positioning",
        "What the brand stands for, for whom, and why anybody should choose it over something else.",
        "market category", "promise to customers", "difference from competitors", "reasons to believe", "price level",
    ),
    _department(
        20, "audience", "Audience",
        "Who buys and uses it: their situation, what they want, what keeps them from it.",
        "who the customers are", "needs and goals", "pains and obstacles", "occasions for buying",
        "doubts and objections",
    ),
    _department(
        30, "product", "Product",
        "What is sold: what it does, what it is made of, what it costs, and where its limits are.",
        "what is offered", "features and benefits", "how it works", "price and packages", "limits and risks",
    ),
    _department(
        40, "voice", "Voice",
        "How the brand speaks: its tone, the words it uses and those it never does.",
        "tone of voice", "words to use", "words to avoid", "style rules",
    ),
    _department(
        50, "competitors", "Competitors",
        "Who else customers look at, what those do well and badly, and how people compare.",
        "main competitors", "alternatives that customers use", "strengths of competitors",
        "weaknesses of competitors", "how customers compare",
    ),
    _department(
        60, "visual", "Visual identity",
        "How the brand looks: colours, type, pictures and packaging.",
        "colours", "typography and logo", "photo and video style", "packaging and design",
    ),
    _department(
        70, "channels", "Channels",
        "Where the brand speaks with people, in which formats and how often.",
        "social media platforms", "content formats", "posting rhythm", "search and website", "advertising",
        "creators and partners",
    ),
)  # fmt: skip
