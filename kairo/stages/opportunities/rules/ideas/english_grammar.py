"""English grammar that titles need: person, number, articles, gerunds."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.lexicon.english import DETERMINERS, MASS_NOUNS, PLURALS_WITHOUT_S, SINGULAR_IN_S
from kairo.stages.opportunities.rules.lexicon.english_verbs import IRREGULAR_PASTS

_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


_PERSON = (
    (r"\bI[’']?m\b|\bi'?m\b|\bI am\b|\bi am\b", "you are"),
    (r"\b[Aa]m I\b", "are you"),
    (r"\b[Ww]as I\b", "were you"),
    (r"\bI was\b|\bi was\b", "you were"),
    (r"\b[Ii][’']?ve\b", "you have"),
    (r"\b[Ii][’']d\b", "you would"),
    (r"\b[Ii][’']ll\b", "you will"),
    (r"\b[Ww]e[’']re\b", "you are"),
    (r"\b[Ww]e[’']ve\b", "you have"),
    (r"\bI\b|\bi\b|\b[Ww]e\b|\bus\b|\bme\b", "you"),
    (r"\b[Mm]y\b|\b[Oo]ur\b", "your"),
    (r"\b[Mm]ine\b|\b[Oo]urs\b", "yours"),
    (r"\b[Mm]yself\b|\b[Oo]urselves\b", "yourself"),
)


_READER = [(re.compile(pattern), replacement) for pattern, replacement in _PERSON]


_EVALUATIVE = re.compile(
    r"\b(my|our|your) (?:(?:very|really|so|super|ridiculously|extremely) )?(?:terrible|horrible|"
    r"awful|stupid|ridiculous|"
    r"crazy|damn|poor|weird|gross|disgusting|beloved|humble|little|old|lovely|dear|amazing|awesome|favou?rite) ",
    re.IGNORECASE,
)


def tokens(text: str) -> list[str]:
    """The words of a phrase, lower-cased."""
    return [token.lower().replace("’", "'") for token in _TOKEN.findall(text)]


def to_reader(text: str) -> str:
    """Turn first person into the reader's second person: `my` as `your`, `I am` as `you are`."""
    text = _EVALUATIVE.sub(r"\1 ", text)
    for pattern, replacement in _READER:
        text = pattern.sub(replacement, text)
    return re.sub(r"\byou guys\b|\byou all\b|\by'all\b|\byall\b", "you", text)


def to_one_person(text: str) -> str:
    """Turn first person into somebody else's: `my` as `their`, `me` as `them`."""
    text = _EVALUATIVE.sub(r"\1 ", text)
    text = re.sub(r"\b[Mm]y\b|\b[Oo]ur\b", "their", text)
    text = re.sub(r"\b[Mm]yself\b", "themselves", text)
    text = re.sub(r"\bme\b|\bus\b", "them", text)
    return re.sub(r"\bI\b|\b[Ww]e\b", "they", text)


def to_anybody(text: str) -> str:
    """Take the owner out of a story: `my apartment` becomes `an apartment`, `my legs` becomes `legs`."""

    def ownerless(match: re.Match[str]) -> str:
        word = match.group(2)
        return word if is_plural_word(word) or word.lower() in MASS_NOUNS else f"{article(word)} {word}"

    text = re.sub(r"\b(?:[Mm]y|[Oo]ur) own\b", "your own", _EVALUATIVE.sub(r"\1 ", text))
    text = re.sub(r"\b([Mm]y|[Oo]ur) ([^\W_]+(?:-[^\W_]+)*)(?=[^\w']|$)", ownerless, text)
    return to_reader(text)


def without_evaluation(text: str) -> str:
    """Take the judgement off what somebody owns: `my terrible skin` becomes `my skin`."""
    return _EVALUATIVE.sub(r"\1 ", text)


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase takes `are`."""
    core = re.split(
        r" (?:for|of|on|in|with|from|that|who|which|at|to|by|without|after|before|under|over|around)"
        r"\b",
        phrase,
    )[0]
    if re.search(r"\b(?:and)\b|&", core):
        return True
    words = _TOKEN.findall(core)
    return bool(words) and is_plural_word(words[-1])


def is_plural_word(word: str) -> bool:
    lowered = word.lower()
    if lowered in PLURALS_WITHOUT_S:
        return True
    return (
        lowered.endswith("s")
        and not lowered.endswith(("ss", "us", "is", "'s"))
        and lowered not in SINGULAR_IN_S
        and len(word) > 2
    )


def article(word: str) -> str:
    """`a` or `an`, by the sound a word opens with."""
    lowered = word.lower()
    if re.match(r"(?:uni|use|usu|eu|one|ut[ie])", lowered):
        return "a"
    if re.match(r"(?:hour|honest|heir|8|11|18)", lowered):
        return "an"
    if word.isupper() and 1 < len(word) <= 4 and not re.search("[AEIOU]", word[1:]):
        return "an" if word[0] in "AEFHILMNORSX" else "a"
    return "an" if lowered[:1] in "aeiou" else "a"


def with_article(phrase: str) -> str:
    """A singular countable phrase with its article; any other as it is."""
    words = _TOKEN.findall(phrase)
    if (
        not words
        or words[0].lower() in DETERMINERS
        or re.search("^[A-Z][^ ]*(?: [A-Z][^ ]*)?['’]s |['’]s$", phrase[:60])
        or is_plural(phrase)
        or is_mass(phrase)
    ):
        return phrase
    return f"{article(words[0])} {phrase}"


def plural_of(phrase: str) -> str:
    """A noun phrase with its head in the plural; a name or a mass noun stays as it is."""
    if is_plural(phrase) or is_mass(phrase):
        return phrase
    match = re.match(r"^(.*?)((?: (?:for|of|on|in|with|from|that|to|without)\b.*)?)$", phrase)
    core, rest = (match.group(1), match.group(2)) if match else (phrase, "")
    return re.sub(r"([^\W_]+)$", lambda found: third_person(found.group(1)), core) + rest


def without_article(phrase: str) -> str:
    return re.sub(r"^(?:a|an|the) ", "", phrase, flags=re.IGNORECASE)


def is_mass(phrase: str) -> bool:
    """Whether the head of a noun phrase takes no article: sunscreen, leather, a name."""
    core = re.split(r" (?:for|of|on|in|with|from|that|who|which|at|to|by|without|after|before)\b", phrase)[0]
    words = _TOKEN.findall(core)
    if not words:
        return True
    head = words[-1]
    is_name = head[:1].isupper() or any(letter.isdigit() for letter in head)
    return head.lower() in MASS_NOUNS or is_name or head.lower().endswith(("ing", "ness", "ism", "ology", "ics"))


def gerund(verb: str) -> str:
    """The -ing form of a base verb."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be":
        return verb[:-1] + "ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprtv]", verb) or verb in (
        "begin",
        "forget",
        "admit",
        "prefer",
        "commit",
        "unplug",
    ):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def gerund_of_past(verb: str) -> str | None:
    """The -ing form of a past: `built` as `building`, `modded` as `modding`; None when it is no past."""
    base = IRREGULAR_PASTS.get(verb)
    if base is not None:
        return gerund(base)
    if verb.endswith("ied") and len(verb) > 4:
        return verb[:-3] + "ying"
    if verb.endswith("ed") and len(verb) > 4:
        return verb[:-2] + "ing"
    return None


def base_of_third(verb: str) -> str:
    """The base of a third-person form: `causes` as `cause`."""
    if verb == "has":
        return "have"
    if verb == "does":
        return "do"
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return verb[:-2]
    return verb.removesuffix("s")


def third_person(verb: str) -> str:
    """The third-person form of a base verb."""
    if verb in ("have", "be", "do"):
        return {"have": "has", "be": "is", "do": "does"}[verb]
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def with_the(phrase: str) -> str:
    """The name of a model with its article: `the AKG K702`; any other phrase as it is."""
    words = _TOKEN.findall(phrase)
    if not words or words[0].lower() in DETERMINERS or is_plural(phrase) or not words[0][:1].isupper():
        return phrase
    is_model = any(letter.isdigit() for letter in words[-1]) or (len(words) == 1 and words[0].isupper())
    return f"the {phrase}" if is_model else phrase


def with_owner(told: str) -> str:
    """A told trouble whose bare subject gets its owner: `forehead is oily` becomes `your forehead is oily`."""
    words = _TOKEN.findall(told)
    subject = re.split(r" (?:is|are|was|has|won't|doesn't|isn't|can't|keeps?|\w+s) ", told)[0]
    is_bare = bool(words) and words[0].islower() and words[0] not in DETERMINERS | {"you", "your"}
    return f"your {told}" if is_bare and not is_plural(subject) and not is_mass(subject) else told


def sentence_case(text: str) -> str:
    """The text with its first letter raised, unless its first word is cased inside (iPhone)."""
    if not text or re.match(r"[a-z]+[A-Z]", text):
        return text
    return text[0].upper() + text[1:]
