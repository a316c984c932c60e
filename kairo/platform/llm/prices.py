"""What a call costs, rounded up to whole millionths of a dollar; a model that nobody knows a price for has none."""

from __future__ import annotations

import math
from decimal import Decimal

from kairo.platform.llm.contracts import Usage
from kairo.platform.llm.ports import ModelRequest
from kairo.platform.llm.routes import ModelName, RoutesFile, declared_price

_MICRODOLLARS = 1_000_000
_PROVIDER_IDS = {"gemini": "google"}
_BYTES_A_TOKEN = 2
"""Too few for prose of any language, so that an estimate is rather too high than too low."""
_OVERHEAD_TOKENS = 200
"""What providers add around a question: roles, the tool or format that carries the schema."""


def price_of(model: ModelName, usage: Usage, *, file: RoutesFile | None = None) -> int | None:
    """Return what this usage costs in millionths of a dollar, rounded up, or None where no price is known."""
    declared = declared_price(model, file=file)
    if declared is not None:
        dollars = usage.tokens_in * declared.input + usage.tokens_out * declared.output
        return math.ceil(Decimal(str(dollars)))
    # Loaded late: it brings the whole table of prices.
    from genai_prices import Usage as CountedUsage
    from genai_prices import calc_price

    counted = CountedUsage(input_tokens=usage.tokens_in, output_tokens=usage.tokens_out)
    provider = _PROVIDER_IDS.get(model.provider, model.provider)
    try:
        calculated = calc_price(counted, model.name, provider_id=provider)
    except LookupError:
        return None
    return math.ceil(calculated.total_price * _MICRODOLLARS)


def most_usage(request: ModelRequest, *, schema_bytes: int) -> Usage:
    """Return the tokens that an attempt may use at most: the question as estimated, and the longest answer."""
    tokens_in = math.ceil((request.size_bytes() + schema_bytes) / _BYTES_A_TOKEN) + _OVERHEAD_TOKENS
    return Usage(tokens_in=tokens_in, tokens_out=request.max_output_tokens)
