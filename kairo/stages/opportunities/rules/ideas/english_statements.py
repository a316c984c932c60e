"""English statements by their patterns: what people made, tried, compare before and after, review, complain of."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_advice import IF_THEN, TIP_LABEL, claim, if_then, imperative, tip
from kairo.stages.opportunities.rules.ideas.english_asking import how_to
from kairo.stages.opportunities.rules.ideas.english_grammar import tokens
from kairo.stages.opportunities.rules.ideas.english_phrases import noun_phrase, says_something
from kairo.stages.opportunities.rules.ideas.english_projects import (
    done_first,
    first_thing,
    first_time,
    made_thing,
    making,
    making_now,
    recipe,
)
from kairo.stages.opportunities.rules.ideas.english_telling import (
    before_after,
    best_time,
    cannot,
    cannot_afford,
    counted_list,
    despite,
    discovered,
    doing_by,
    hearsay,
    keep_doing,
    lessons,
    not_but,
    on_sale,
    plague,
    praise,
    recurring,
    result,
    review,
    review_of,
    spent,
    story,
    trial,
    tried_for,
    trouble,
    unboxed,
    untold,
    way_of,
    what_i_do,
    why_so,
    why_you,
    wished_known,
)
from kairo.stages.opportunities.rules.ideas.patterns import Rule, first_core, rule
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.lexicon.english import NUMBER_WORDS, NUMBERED_UNITS, SALE_WORDS
from kairo.stages.opportunities.rules.lexicon.english_verbs import CAUSING_VERBS, IRREGULAR_PASTS

_NUMBER = rf"(?:\d+(?:\.5)?|{'|'.join(NUMBER_WORDS)}|a few|a couple(?: of)?|several|half a)"


_SPAN = (
    rf"(?P<span>(?:about |over |almost |nearly |just |only |exactly )?{_NUMBER}[ -](?:full |straight "
    rf"|short )?(?:{NUMBERED_UNITS}))"
)


def tell(text: str, label: str) -> Core | None:
    """Find what a cleaned statement reports or advises, or None when nothing in it stands alone."""
    bare = re.sub(r"[!. ]+$", "", text)
    if TIP_LABEL.search(label) or re.match(
        r"(?:remember|always|never|consider|reminder|make sure|be careful|stop|don't|try)\b", bare, re.IGNORECASE
    ):
        advised = tip(bare)
        if advised is not None:
            return advised
    if "review" in label:
        core = review_of(bare, 0.9)
        if core is not None:
            return core
    core = first_core(_RULES, bare)
    if core is not None:
        return core
    return None if "?" in text else imperative(bare, 0.7) or claim(bare)


def subject_of(text: str, label: str) -> Core | None:
    """The noun phrase a bare headline consists of, the weakest idea: it names a thing and tells nothing."""
    bare = re.split(r"\s[|–—-]\s|[.!?:;]\s|, ", re.sub(r"[!.?: ]+$", "", text))[0]
    phrase = noun_phrase(
        re.sub(
            r"^(?:my|our|the(?! [\w-]+(?: [\w-]+)? of\b)|a|an|another|new|some|today's|this week's|latest) ",
            "",
            bare,
            flags=re.IGNORECASE,
        ),
        longest=7,
    )
    if (
        phrase is None
        or not 2 <= len(tokens(phrase)) <= 7
        or re.match(r"\w+ing\b|\w+ed\b|\d+(?:st|nd|rd|th)\b", phrase)
    ):
        return None
    head = re.split(r" (?:for|of|on|in|with|from|at|to|by|after|before)\b", phrase)[0].split()
    if not head or not says_something(head[-1]):
        return None
    return Core(Kind.SUBJECT, {"np": phrase}, 0.35)


_RULES: list[Rule] = [
    rule(r"can't afford (?:an? )?(?:good |decent )?(?P<np>[^?.!]+)[?.!].*", cannot_afford),
    rule(
        r"(?:i|we)?(?:'ve| have)? ?(?:just |finally )?(?P<verb>[a-z]+) (?P<rest>.+?) for the first time\b.*", done_first
    ),
    rule(r".*\b(?:method|way|art|process|joys?|basics) of (?P<ing>\w+ing .+)", way_of),
    rule(r".+\bhow to (?P<vp>(?!\w+ it\b).+)", how_to),
    rule(
        r"(?P<np>[a-z' -]{3,30}?) (?:ate|are eating|is eating|keeps? eating|killed|destroyed|invaded|took over) "
        r"(?:my|every|all|our|the|half) .+",
        plague,
    ),
    rule(
        r"(?:\w+ )?(?:things|lessons|facts) (?:i|we) wish (?:i|we|someone) (?:\w+ ){1,3}before (?P<ing>\w+ing .+)",
        wished_known,
    ),
    rule(r"(?P<noun>lessons|takeaways) (?P<rest>(?:learned )?from .+)", lessons),
    rule(r"(?P<noun>signs|reasons|mistakes|myths) (?P<rest>.+)", counted_list),
    rule(rf"(?P<q>why) (?P<who>i|we) (?P<told>(?:{'|'.join(sorted(IRREGULAR_PASTS))}|\w+ed) .+)", story),
    rule(IF_THEN.pattern, if_then),
    rule(
        rf".*?(?:what )?{_SPAN} (?:of |on |with |into |using |without )?(?:\w+ )?(?P<link>without|"
        rf"using) (?:any |the )?(?P<np>.+?)(?: did .+| has done .+)?$",
        trial,
    ),
    rule(
        rf".*?(?:what )?(?<!with )(?<!have )(?<!had ){_SPAN}(?:'s?)? "
        rf"(?:of |in(?:to)? )(?:progress |results )?(?P<link>with|on|"
        rf"without|using|of)? ?(?:using |my )?(?P<np>(?!my life|age|the year|trying|research|experience|"
        rf"a |this).+?)(?: did .+| has done .+| (?:later|progress).*)?$",
        trial,
    ),
    rule(
        rf".*?(?P<np>(?:[\w'-]+ ){{1,4}})(?:results |progress |update )?(?:after|for) {_SPAN}(?: "
        rf"of use)?$",
        trial,
    ),
    rule(
        rf".*?(?:{_SPAN}) (?:since|after) i (?:.+ and )?(?P<link>start(?:ed)?(?: using| doing| taking)"
        rf"?|stopp?(?:ed)?(?: using| doing| taking)?|quit|gave up|switch(?:ed)? to|began)? (?P<np>.+)",
        trial,
    ),
    rule(
        r".*?\b(?:got|have|had|with) (?P<trouble>an? [\w' -]{3,40}?)\b(?: (?:yesterday|today|last "
        r"\w+|this \w+))?[.,!;].*?\b(?:i )(?:used|tried|applied|put on|switched to|took|bought) "
        r"(?P<cure>an? [\w' -]{3,50}).*",
        tried_for,
    ),
    rule(r"(?:it'?s |that'?s )?not (?:an? )?(?P<a>[\w' -]{3,30}?),? but (?P<b>(?:an? )?[\w' -]{3,30}).*", not_but),
    rule(
        r"(?:(?:i )?(?:keep |am |'m |always )?getting|i (?:always |constantly )?get|i have(?: had)"
        r"?|i've (?:got|had)) (?P<np>(?:recurring|constant|really bad|horrible|terrible|severe|persistent|"
        r"chronic|lots of|a lot of|so many|tons of) .+)",
        recurring,
    ),
    rule(
        r".*\b(?:finds?|discovery|discovered|recommendation|shoutout to)(?::| the | a | an )\s*(?P<np>.+)", discovered
    ),
    rule(r".*\bbefore (?:and|&|n) after(?: pics?| photos?)?(?: of)? (?P<np>.+)", before_after),
    rule(r"(?:my )?(?:results?|success) (?:from|of|with|after|using) (?:using )?(?P<np>.+)", before_after),
    rule(r"how (?P<who>i|we) (?P<told>.+)", story),
    rule(
        rf"(?:(?P<who>i|we) )?(?:just |finally )?(?P<told>(?:{'|'.join(sorted(IRREGULAR_PASTS))}|\w+ed) "
        r".+ (?:after|by|without|thanks to|using|with|in|from|for) .+)",
        result,
    ),
    rule(rf"(?:i|we) spent {_SPAN} (?P<np>\w+ing .+)", spent),
    rule(
        rf".*?\b(?:switched|moved|changed|upgraded) (?:from .+? )?to (?P<np>[^,.]+?)(?:,? and .*?)"
        rf"? (?:after|for|in) {_SPAN}.*",
        trial,
    ),
    rule(
        r"(?P<np>[^:–—]{4,50}?)(?::| [-–—]) what (?:i|we) (?P<vp>(?:eat|use|do|pack|buy|wear|cook|"
        r"drink|make|order|plant|read|bring|take|ask|check|look for) .+)",
        what_i_do,
    ),
    rule(
        r"(?P<np>[^:–—]{4,50}?)(?::| [-–—]) what (?:actually |finally |really )?(?:helped|worked|"
        r"works|helps|i learned|i'?ve learned|to do).*",
        recurring,
    ),
    rule(
        r"(?P<np>[^.!?]{4,50})[.!?] (?:.*\b)?(?:help|any tips|any advice|what can i do|tried (?:everything|"
        r"\w+ kinds)|suggestions|ideas)\b.*",
        recurring,
    ),
    rule(
        r"(?:nobody|no one|people never) (?:talks|talk|tells you|told me|warns you) about (?P<wh>how|"
        r"why|what) (?P<rest>.+)",
        untold,
    ),
    rule(r"(?:nobody|no one|people never) (?:talks|talk|tells you|told me|warns you) about (?P<np>.+)", discovered),
    rule(
        r"(?:unboxing|trying|testing|first look at|hands[- ]on with|first impressions? of) (?:the "
        r"|my )?(?:brand )?(?:new )?(?P<np>.+)",
        unboxed,
    ),
    rule(r"the best time to (?P<vp>.+?)(?: is\b.*)?$", best_time),
    rule(r"how to (?P<vp>.+)", how_to),
    rule(
        r"why you(?: should|'d)? (?P<neg>should never |shouldn't |should not |never |don't "
        r")?(?P<vp>.+)",
        why_you,
    ),
    rule(r"why (?!you\b|we\b|i\b)(?P<rest>.+)", why_so),
    rule(
        r"\d+ (?P<noun>mistakes|reasons|signs|myths|habits|rules|lessons|ingredients|questions|red "
        r"flags|steps) (?P<rest>.+)",
        counted_list,
    ),
    rule(
        r"(?:the )?(?:most )?(?:common |biggest |top |worst )+(?P<noun>mistakes|reasons|signs|myths|"
        r"habits|lessons|questions|red flags) (?P<rest>.+)",
        counted_list,
    ),
    rule(r"(?:an? )?(?:[\w' ]+'s )?(?:honest |quick |full |my )*reviews?(?: of| on|:) (?P<np>.+)", review),
    rule(r"(?P<np>.+?)(?: -|:)? (?:honest |quick |full |long[- ]term |in-depth )*reviews?\b.*$", review),
    rule(r"(?P<np>.+?) recipe(?: and .+)?$", recipe),
    rule(
        r".*\b(?:saying|says|say|claims?|claiming|telling .{3,20}|told me|heard|read|believe|think|"
        r"myth|convinced|tells? .{3,20}) that (?P<said>.+)",
        hearsay,
    ),
    rule(r"(?:myth:? |the myth that |is it true that |it is a myth that )(?P<said>.+)", hearsay),
    rule(
        rf"(?:help[!,. ]+)?(?P<np>[\w' -]{{3,40}}?) (?P<verb>{'|'.join(CAUSING_VERBS)}|won't|doesn't|"
        rf"don't|isn't|aren't|can't|keep)(?: (?P<rest>.+))?$",
        trouble,
    ),
    rule(r".{6,60} despite .+", despite),
    rule(
        r"i (?:just )?(?:can't|cannot|can never|am not able to|'m unable to) (?:seem to |figure "
        r"out how to )?(?P<vp>.+)",
        cannot,
    ),
    rule(r"(?:i |help[,!]? i )?(?:just |always )?keep (?:on )?(?P<ing>\w+ing .+)", keep_doing),
    rule(r"(?:my |our )?first(?: ever)? (?:time|attempt|try|go|stab)(?: at)? (?P<ing>\w+ing .+)", first_time),
    rule(r"(?:.*?\b)?(?:my|our) (?:very |\w+ )?first (?:ever )?(?P<np>.+)", first_thing),
    rule(r"(?:finally )?(?:bought|got|built|picked up|received)?(?: my)? ?first (?:ever )?(?P<np>.+)", first_thing),
    rule(
        r"(?:i|we)?(?:'ve| have)? ?(?:finally |just |recently |also |only )*(?:finished |completed "
        r")?(?P<verb>\w+ing) (?P<rest>.+)",
        making_now,
    ),
    rule(r"(?P<verb>\w+ing) (?P<rest>.+ (?:by|with|without|from|on|in|under) .+)", doing_by),
    rule(
        r"(?:i|we)?(?:'ve| have)? ?(?:finally |just |recently |also |only )*(?P<verb>[a-z]+(?:-[a-z]+)"
        r"?) (?P<rest>(?!in\b|for\b|to\b|with\b|at\b|by\b|my (?:own )?(?:mind|day|life|week)).+)",
        making,
    ),
    rule(r"(?P<how>home ?-?built|home ?made|diy|hand ?made|self-?made)[:,]? (?:\(\w+!?\) )?(?P<np>.+)", made_thing),
    rule(r".*?\d+ ?% off (?:of |on |all )?(?P<np>.+?)(?: (?:at|with|today|until|this|for).*)?$", on_sale),
    rule(
        rf"(?P<np>.+?) (?:are |is )?(?:now )?(?:on (?:flash )?|flash )?(?:{'|'.join(sorted(SALE_WORDS - {'off'}))})"
        rf"\b.*",
        on_sale,
    ),
    rule(
        r"(?:i (?:absolutely |really |just )?(?:love|adore|swear by|am obsessed with|'m obsessed "
        r"with)|in love with|obsessed with|can't live without) (?:this |these |my |the )?(?P<np>.+)",
        praise,
    ),
    rule(
        r"(?P<np>.+?) (?:is|are) (?:so |absolutely |really |truly |just )?(?:amazing|awesome|incredible|"
        r"overrated|underrated|the best|a lifesaver|life[- ]changing|fantastic|overhyped|terrible|"
        r"a game[- ]changer|a scam|a waste of money)\b.*",
        praise,
    ),
]
