"""English requests without a question mark, by their patterns: help wanted, things looked for, opinions asked."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_asking import (
    alternative,
    choose,
    difference,
    embedded,
    explain,
    favourite,
    how_to,
    left_unsaid,
    opinion,
    opinion_of_doing,
    remedy,
    remedy_of_doing,
    versus,
)
from kairo.stages.opportunities.rules.ideas.patterns import Rule, first_core, rule
from kairo.stages.opportunities.rules.ideas.shapes import Core


def requested(text: str) -> Core | None:
    """Find what a sentence without a question mark asks for, or None."""
    return first_core(_REQUESTS, re.sub(r"[?!. ]+$", "", text))


_NEEDED = r"(?:tips?|advice|help|solutions?|suggestions?|ideas?|remed(?:y|ies))"


_REQUESTS: list[Rule] = [
    rule(r"(?:recommendations?|suggestions?|recs|ideas) (?:for|on) (?P<np>.+)", choose),
    rule(r"best (?P<np>.+ for .+)", choose),
    rule(r"(?:the )?differences? between (?P<a>.+?) and (?P<b>[^,.:]+).*", difference),
    rule(r"(?P<rest>what (?:every|all|most|no|nobody|the best) .+)", left_unsaid),
    rule(r"how to (?P<vp>(?!.*\bhow i\b).+)", how_to),
    rule(
        r"(?:\d+|some|a few|my|the|these|three|five|four) (?:\w+ )?(?:ways|steps|tricks|hacks|tips)"
        r" (?:to|for) (?P<vp>(?!\w+ing\b).+)",
        how_to,
    ),
    rule(
        r"(?:\d+|some|a few|my|the|these|three|five|four)? ?(?:\w+ )?(?:ways|tips|tricks|hacks|advice)"
        r" (?:for|on|of|about) (?P<ing>\w+ing .+)",
        remedy_of_doing,
    ),
    rule(r"the (?:best|easiest|right|proper|safest|only) way to (?P<vp>.+?)(?: is\b.*|:.*)?$", how_to),
    rule(
        r"(?:i )?(?:really |just )?(?:need|want|looking for|please|would love|could use)? ?(?:some "
        r")?" + _NEEDED + r"(?: needed| wanted| please)?(?: with| on| for| about| in|:)? (?P<ing>(?:\w+ing|getting "
        r"rid of) .+)",
        remedy_of_doing,
    ),
    rule(
        r"(?:i )?(?:really |just )?(?:need|want|looking for|please|would love|could use)? ?(?:some "
        r")?" + _NEEDED + r"(?: needed| wanted| please)?(?: with| on| for| about|:) (?P<np>.+)",
        remedy,
    ),
    rule(
        r"(?:for |to )?(?:any(?:one|body)|those|people|everyone)(?: (?:who(?:'s| is| are)|that(?:'s|"
        r" is| are)))?(?: else)? (?:looking for|in need of|hunting for|searching for) (?:an? |some "
        r")?(?:good |great |decent )?(?P<np>[^,]+?)(?:, .+)?$",
        choose,
    ),
    rule(
        r"(?:i'?m |i am |we're |currently |been |still )*(?:looking for|in search of|searching for|"
        r"on the hunt for|in the market for|shopping for|in need of|hunting for) (?:an? |some |any "
        r")?(?:good |great |decent |the best |best |the perfect |recommendations? for |advice on "
        r")?(?P<np>.+)",
        choose,
    ),
    rule(r"(?:.*\b)?(?:please )?recommend (?:me )?(?P<np>(?:an? |some |good ).+)", choose),
    rule(
        r"(?P<np>.+?) (?:alternatives?|dupes?|substitutes?|replacements?)(?: please| needed| wanted)"
        r"?$",
        alternative,
    ),
    rule(r"(?P<np>.+?) (?:recommendations?|recs|suggestions?)(?: please| needed| wanted)?$", choose),
    rule(
        r"(?:i'?m |we're |really |always |constantly |i )*(?:struggl(?:e|ing)|suffer(?:ing)?|deal(?:ing)"
        r"?|battl(?:e|ing)) (?:with|from) (?P<np>.+)",
        remedy,
    ),
    rule(
        r"(?:list|share|tell (?:me|us)|show (?:me|us)|post|drop|name) your (?:favou?rites?|go-to|"
        r"holy grail|best|top|hg)? ?(?P<np>.+)",
        favourite,
    ),
    rule(r"(?P<np>.+?) (?:sufferers|owners|users|lovers|fans)[:,] share your .+", remedy),
    rule(
        r"(?:your |any |some |my |honest |quick |an? )*(?:opinions?|thoughts|views|feelings|experiences?|"
        r"take|impressions?|first impressions?|verdict|questions?) (?:on|of|about|with|regarding|"
        r"for) (?P<ing>\w+ing .+)",
        opinion_of_doing,
    ),
    rule(
        r"(?:your |any |some |my |honest |quick |an? )*(?:opinions?|thoughts|views|feelings|experiences?|"
        r"take|impressions?|first impressions?|verdict|(?:\w+ )?questions?) (?:on|of|about|with|"
        r"regarding) (?P<np>.+)",
        opinion,
    ),
    rule(r"let'?s (?:discuss|talk about|chat about) (?P<np>.+)", opinion),
    rule(
        r"(?:i'?d like to|i would like to|i want to|want to|trying to|would love to|i'?d love to|"
        r"like to)? ?(?:.*\b)?(?:wondering|wonder|know|understand|figure out|figuring out|curious|"
        r"unsure|not sure|no idea|confused(?: about)?|decide|find out|learn|question is|as to|explains|"
        r"the reason|reasons)(?: about)? (?P<wh>how|why|what|where|when|if|whether) (?P<rest>.+)",
        embedded,
    ),
    rule(r"(?P<a>[^?,.:]{2,40}?) (?:vs?\.?|versus) (?:the )?(?P<b>[^?,.:]{2,60}).*", versus),
    rule(
        r"(?P<a>[^?,.:]{2,40}?) (?:and|or) (?P<b>[^?,.:]{2,40}) (?:comparison|compared|side by side|"
        r"head to head)$",
        versus,
    ),
    rule(
        r"(?:an? )?(?:beginner'?s? |complete |quick |short |simple |ultimate )*(?:guide|intro|introduction|"
        r"primer|explainer) (?:to|on|for|about) (?P<np>.+)",
        explain,
    ),
    rule(r"(?P<np>.+?) (?:explained|101|for (?:beginners|dummies)|basics|guide|primer|explainer)$", explain),
    rule(
        r"(?P<np>[^?.!-]{4,40}) [-–—] (?:the |a )?(?:\w+ )?(?:\w+ )?(?:guide|primer|explainer|introduction)"
        r".*",
        explain,
    ),
]
