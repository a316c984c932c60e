"""Which sentences of an edited variant are claims, and what each stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairo.stages.content.contracts import ClaimDTO, ClaimStatus
from kairo.stages.content.rules.channels import hashtags_in
from kairo.stages.content.rules.material import sentences_in

_QUESTION = re.compile(r"[?？][\s\"”’»)]*$")
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W_]+")
FEWEST_WORDS = 3


def claims_after_edit(
    body: str, *, before: str, claims: Sequence[ClaimDTO], call_to_action: str | None
) -> list[ClaimDTO]:
    """List the claims of a new body: those that still stand in it, and each new statement, to be checked.

    What stood in the earlier body without being a claim is none now either.
    """
    kept = [claim for claim in claims if claim.text in body]
    # Put anew from an earlier claim, a sentence may say something else: nothing vouches for it any more.
    rest = body
    for claim in sorted(kept, key=lambda claim: -len(claim.text)):
        rest = rest.replace(claim.text, "\n")
    known = {*sentences_in(before), *sentences_in(call_to_action or "")}
    lost = {sentence for claim in claims if claim not in kept for sentence in sentences_in(claim.text)}
    new = [
        ClaimDTO(text=sentence, status=ClaimStatus.TO_CHECK)
        for sentence in dict.fromkeys(sentences_in(rest))
        if (sentence not in known or sentence in lost) and states_something(sentence)
    ]
    return [*kept, *new]


def states_something(sentence: str) -> bool:
    """Say whether a sentence is a statement: no question, heading or row of hashtags, and more than a word or two."""
    if _QUESTION.search(sentence) or sentence.startswith("#"):
        return False
    bare = sentence
    for tag in hashtags_in(sentence):
        bare = bare.replace(tag, "")
    return len(_WORDS.findall(bare)) >= FEWEST_WORDS
