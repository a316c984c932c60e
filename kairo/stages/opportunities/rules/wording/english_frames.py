"""English title constructions by kind of idea. Slots are filled with phrases whose grammar was checked.

`{np}` is a noun phrase as it stood, `{a_np}` with its article, `{vp}` a base verb phrase, `{ing}` a gerund phrase.
`{be}`, `{do}`, `{it}`, `{its}` agree with the noun phrase. A slot with a capital opens the title.
"""

from __future__ import annotations

from kairo.stages.opportunities.rules.ideas.shapes import Kind

FRAMES: dict[Kind, tuple[str, ...]] = {
    Kind.HOW_TO: (
        "How to {vp}",
        "{Ing}: where to start",
        "What it takes to {vp}",
        "{Ing}, one step at a time",
        "A first plan for {ing}",
    ),
    Kind.HOW_MANY: ("{Clause}", "{Clause}: a rule of thumb", "{Clause}, answered plainly"),
    Kind.ASK: ("{Question}?", "{Question}? A straight answer", "{Question}? What to tell people who ask"),
    Kind.OPEN_QUESTION: ("{Clause}", "{Clause}, in plain words", "{Clause}: the short version"),
    Kind.WHY: ("{Clause}", "{Clause}: the short explanation", "{Clause}, and what follows from it"),
    Kind.DEFINE: (
        "What {np} {be}, and who needs {it}",
        "{Np}, explained in plain words",
        "What exactly {be} {np}?",
    ),
    Kind.CHOOSE: (
        "How to pick {a_np}",
        "{A_np}: what to look for",
        "Before you buy {a_np}",
        "What to look for in {a_np}",
    ),
    Kind.FAVOURITE: (
        "The {nps} people {vp}",
        "Which {np} do people {vp}, and why?",
        "{Nps} people {vp}: a short list",
    ),
    Kind.TRY_OUT: (
        "{Be} {np} worth {price}?",
        "{Np}: worth trying or not?",
        "What to know before trying {np}",
        "Before you try {np}",
    ),
    Kind.VERSUS: (
        "{A} or {b}: how to choose",
        "{A} vs {b}: which one for whom",
        "{A} and {b}, side by side",
    ),
    Kind.OPINION: (
        "An honest look at {np}",
        "{Np}: {do} {it} earn a place?",
        "What people make of {np}",
        "Making up your mind about {np}",
    ),
    Kind.EXPLAIN: ("{Np}, explained from the beginning", "{Np} for complete beginners", "Getting to know {np}"),
    Kind.REMEDY: (
        "What to do about {np}",
        "{Np}: what helps and what to leave alone",
        "{Np}? Start here",
    ),
    Kind.TRIAL: (
        "What {span} {link} {np} changed",
        "{Span} {link} {np}: what to expect",
        "{Span} {link} {np}, before and after",
    ),
    Kind.BEFORE_AFTER: ("Before and after {np}: what to expect", "{Np}, before and after", "What to expect from {np}"),
    Kind.STORY: ("{Q} one {who} {told}", "One {who} {told}: what to take from it"),
    Kind.TIP: ("Why it pays to {vp}", "The case for {ing}", "A small change worth testing: {ing}"),
    Kind.IF_THEN: ("{Cond}? {Advice}", "When {cond}, {advice}"),
    Kind.MAKING: (
        "What you learn from {ing}",
        "{Ing}, step by step",
        "{Ing}: what to know first",
        "What {ing} takes",
    ),
    Kind.CLAIM: ("{Question}?", "Myth check: {question}?", "{Question}? Sorting claim from fact"),
    Kind.FIRST: (
        "Your first {np}: where to start",
        "What to know before your first {np}",
        "The first {np}, and what comes after",
    ),
    Kind.TROUBLE: ("When {clause}: what to try next", "{Clause}? What to check first", "What to do when {clause}"),
    Kind.REVIEW: ("{Be} {np} worth buying?", "{Np}: what an owner reports", "{Np}, past the first impression"),
    Kind.RECIPE: ("How to make {np}", "{A_np} to make this week"),
    Kind.LIST: ("The {noun} {rest}", "{Noun} {rest}: which ones matter"),
    Kind.SALE: ("Is the {np} sale worth waiting for?", "What to buy while {np} {be} on sale"),
    Kind.NAMES: (
        "{n1}, {n2} and {n3}: who does {tag} for whom",
        "{n1} or {n2} for {tag}?",
        "From {n1} to {n2}: {count} takes on {tag}",
        "{Tag}: {n1}, {n2} and {n3} side by side",
    ),
    Kind.SHARED: (
        "What {count} people say about {np}",
        "{Np}, {count} ways",
        "{Np}: {count} people, one theme",
    ),
    Kind.SUBJECT: ("A closer look at {a_np}", "Making sense of {a_np}", "What is behind {a_np}"),
}

DOING_FIRST: tuple[str, ...] = ("{Ing} for the first time: what to expect", "A first go at {ing}")
MADE_THING: tuple[str, ...] = ("{A_np}, {how}: how it is done", "What goes into a {how} {np_bare}")
DIFFERENCE: tuple[str, ...] = ("{A} or {b}: what the difference is", "Where {a} and {b} differ")
TOLD_APART: tuple[str, ...] = ("{A} or {b}? How to tell them apart", "{A} or {b}: the signs of each")

FINE_FRAMES: dict[str, tuple[str, ...]] = {
    "idea": ("Is {ing} a good idea?", "{Ing}: good idea or not?"),
    "stop": ("Is it time to stop {ing}?", "{Ing}: keep going or stop?"),
    "plain": ("{Ing}: is it {adj}?", "Is it {adj} to {vp}?"),
    "doing": ("Is {ing} {adj}?", "{Ing}: {adj} or not?"),
}
