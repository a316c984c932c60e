"""Posts that speak to a machine instead of to people: orders to ignore instructions, forged roles, forged boundaries.

Nothing here obeys them: evidence is data. They are told apart so that they do not count as what people say.
"""

from __future__ import annotations

import re

_ORDER = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override)\s+(?:\w+\s+){0,3}(?:previous|prior|above|earlier|preceding|your|system)\s+
      (?:\w+\s+){0,2}(?:instruction|prompt|rule|direction|guideline|command|message)s?
    | \b(?:reveal|print|repeat|output|show)\s+(?:\w+\s+){0,3}(?:system\s+prompt|(?:hidden|your)\s+instructions)
    | \byou\s+are\s+now\s+(?:\w+\s+){0,4}(?:unrestricted|jailbroken|dan|developer\s+mode|in\s+\w+\s+mode)
    | \b(?:new|updated)\s+(?:system\s+)?instructions?\s*:
    | <\|?/?(?:system|assistant|im_start|im_end|endoftext|tool_call)\b[^>]{0,40}\|?>
    | ^\s*(?:\#{2,}\s*)?(?:system|assistant)\s*(?:prompt|message)?\s*:
    | \[/?(?:INST|SYS|system)\]
    | \b(?:игнорируй|забудь|не\s+обращай\s+внимания\s+на)\w*\s+(?:\w+\s+){0,3}
      (?:предыдущ\w*|прошл\w*|прежн\w*|все|свои|системн\w*)\s+(?:\w+\s+){0,2}(?:инструкци\w*|указани\w*|правил\w*|промпт\w*)
    | \b(?:покажи|выведи|раскрой)\s+(?:\w+\s+){0,3}системн\w*\s+(?:промпт|инструкци)\w*
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def orders_a_machine(text: str) -> bool:
    """Say whether the text tries to give orders to a language model that might read it."""
    return _ORDER.search(text) is not None
