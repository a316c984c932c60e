"""English questions by their patterns; the first that gives a phrase which stands alone wins."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_asking import (
    best_of,
    best_thing,
    choose,
    define,
    difference,
    does_it_make_sense,
    doing_is,
    embedded,
    explain,
    favourite,
    how_to,
    is_it_fine,
    measure,
    named_kind,
    opinion,
    opinion_of_doing,
    others_too,
    people_do_how,
    problem_and_cure,
    remedy,
    remedy_of_doing,
    talked_about,
    try_out,
    versus,
    what_makes,
    what_to,
    when_that,
    where,
    why,
    why_thing,
    yes_no,
)
from kairo.stages.opportunities.rules.ideas.patterns import Rule, first_core, rule
from kairo.stages.opportunities.rules.ideas.shapes import Core

_ANYBODY = (
    r"(?:any(?:one|body)(?: else)?(?: here)?|some(?:one|body)|any of you(?: guys)?|you(?: guys)"
    r"?(?: ever)?|people|y'all)"
)


_WE = r"(?:i|we|you guys|you all|y'all|you|one|people|everyone|everybody|they)"


_OTHERS = r"(?:you guys|you all|y'all|people|everyone|everybody|others|most people|most of you)"


def asked(text: str) -> Core | None:
    """Find what a question asks, or None when nothing in it stands alone."""
    return first_core(_RULES, re.sub(r"[?!. ]+$", "", text))


_HOW_TO: list[Rule] = [
    rule(rf"how (?:do|can|should|would|could|did|might) {_OTHERS} (?P<vp>.+)", people_do_how),
    rule(
        rf"(?:how|what(?:'s| is) the (?:best|easiest|safest|cheapest|right|proper|fastest|most \w+)"
        rf" way|(?:the )?(?:best|easiest|right|proper) ways?|any (?:good )?ways?|is there (?:a|any)"
        rf" (?:good |easy |safe )?way)(?: (?:do|can|should|would|could|did|might) {_WE})?(?: to)? "
        rf"(?:best |actually |go about )?(?P<vp>(?!is\b|are\b|was\b|does\b|has\b|much\b|many\b|long\b|"
        rf"often\b|frequently\b|bad\b|good\b|come\b|about\b|do\b|important\b).+)",
        how_to,
    ),
    rule(rf"what (?:can|do|should|could) {_WE} do to (?P<vp>.+)", how_to),
    rule(
        r"(?:what(?:'s| is| are)|whats) the best things? (?:i|we|you|one)(?: can| could| should)"
        r"? (?P<vp>(?:buy|get|use|do|eat|drink|wear|try) .+)",
        best_thing,
    ),
    rule(r"(?:what(?:'s| is| are)|whats) the best things? to (?P<vp>.+)", best_thing),
    rule(
        rf"what (?:can|do|should|could|would) {_WE} do (?:about|with|for|against|when it comes to)"
        rf" (?P<np>.+)",
        remedy,
    ),
    rule(
        rf"(?P<wh>how (?:often|much|many \w+|long|frequently|early|soon|late|far|strong|hot|big|deep|"
        rf"high|fast)(?: [a-z]+)?) (?:do|can|should|would|could) {_WE} (?P<vp>.+)",
        measure,
    ),
    rule(r"(?P<wh>how (?:often|much|long|frequently|early|soon)) to (?P<vp>.+)", measure),
    rule(r"how (?:much|many|often|long|frequently|bad|good|important|safe|effective|hard|easy) .+", does_it_make_sense),
]


_WHAT: list[Rule] = [
    rule(
        r"(?:what(?:'s| is| are)|whats) (?:the )?(?:actual |real |big |main )?differences? between "
        r"(?P<a>.+?) and (?P<b>.+)",
        difference,
    ),
    rule(
        r"(?:what(?:'s| is| are)|which (?:is|are)|whats) (?:the |your |an? |some )?(?P<good>best|"
        r"reasonable|realistic|fair|healthy|safe|normal|good|great|"
        r"decent|affordable|cheap|ideal|perfect|recommended|go-to)(?: and \w+)? (?P<np>(?!way|thing)"
        r".+)",
        choose,
    ),
    rule(
        r"(?:what(?:'s| is| are)|whats) your(?: guys'?| all-time| current| personal)? (?:favou?rites?|"
        r"go-to|holy grail|preferred|hg|must-have|top) (?P<np>.+)",
        favourite,
    ),
    rule(
        r"(?:what|which) (?P<np>[\w' /-]{3,40}?) (?:do|are|would|have) (?:you|people)(?: guys| all|"
        r"r'all)? (?P<vp>swear by|use|like|love|recommend|prefer|drink|wear|eat|buy|trust|rely on|"
        r"cook with|run in|reach for)(?: the)?(?: most| best)?(?: (?:for|to|on|in|with|when) .+)"
        r"?$",
        favourite,
    ),
    rule(
        r"what (?:are|is) (?:these|those|this|that|the) (?P<np>.+?)(?:,? and how (?:do|can|should)"
        r" i (?:get rid of|fix|treat|stop|prevent|remove|avoid) .+)",
        problem_and_cure,
    ),
    rule(
        r"(?:so )?(?:what(?:'s| is| are)|whats) (?:the )?(?:consensus|opinion|verdict|word|deal|"
        r"story|point|general opinion|take|hype|fuss)s? (?:on|of|with|about|around|behind|regarding)"
        r" (?P<np>.+)",
        opinion,
    ),
    rule(
        r"(?:what do|how do) (?:you|people|we|y'all)(?: guys| all)?(?: \w+)? (?:think|feel)(?: of|"
        r" about| on) (?P<ing>\w+ing .+)",
        opinion_of_doing,
    ),
    rule(
        r"(?:what do|how do) (?:you|people|we|y'all)(?: guys| all)?(?: \w+)? (?:think|feel)(?: of|"
        r" about| on) (?P<np>.+)",
        opinion,
    ),
    rule(rf"(?P<wh>(?:what|which)(?: \w+){{0,4}}) (?:should|can|could) {_WE} (?P<vp>.+)", what_to),
    rule(r"(?:what exactly is|what(?:'s| is| are)|whats) (?P<np>.+)", define),
]


_TRYING: list[Rule] = [
    rule(
        rf"(?:has|have|did|does|do) {_ANYBODY} (?:actually |ever |here )?(?:tried|try|used|use|using|"
        rf"bought|own|owned|worn|tested|had (?:any )?(?:luck|success|experience|good results?) with|"
        rf"have (?:any )?(?:experience|luck|success) with|swear by|used/recommend|use or recommend|"
        rf"heard of|switched to)(?: or \w+)?(?: out| to)? (?P<np>.+)",
        try_out,
    ),
    rule(
        r"(?:any(?:one|body)(?: else| here)?) (?:tried|used|using|own|bought|have|had (?:any )?(?:luck|"
        r"experience|success) with|heard of|ever tried|ever used)(?: out)? (?P<np>.+)",
        try_out,
    ),
    rule(
        r"(?P<np>[^?.!]{4,60})[?.] (?:any(?:one|body)(?: else| here)?) (?:ever )?(?:tried|used|own|"
        r"bought|know|have|has|had)\b.*",
        try_out,
    ),
    rule(
        r"(?:is|are) (?P<np>.+?) (?:really |actually |even |still )?worth (?:it|trying|buying|the "
        r"(?:money|price|hype|effort|cost|extra)).*",
        try_out,
    ),
]


_FINE: list[Rule] = [
    rule(
        r"(?:is|was) it (?P<adj>(?:(?:ever|really|actually|still|always|also|even) )?(?:okay|ok|"
        r"fine|safe|bad|good|worth|possible|normal|necessary|wrong|dangerous|better|weird|rude|acceptable|"
        r"smart|wise|harmful|healthy|unhealthy|important|easy|hard|"
        r"too late|too early|too much|enough|legal|cheaper|rude)(?: idea)?(?: for (?:you|your "
        r"\w+|the \w+))?) (?:to |for \w+ to |if i |if you |if we )(?P<vp>.+)",
        is_it_fine,
    ),
    rule(
        r"(?:is|was) (?P<vp>\w+ing .+?) (?P<adj>okay|ok|fine|safe|bad|good|necessary|wrong|dangerous|"
        r"harmful|overrated|a good idea|a bad idea|a waste of \w+)(?: for .+)?$",
        doing_is,
    ),
]


_OTHER: list[Rule] = [
    rule(
        r"(?:can|could|shall) (?:we|you|someone|anyone)(?: please)? (?:talk|discuss)(?: about)? (?P<np>.+)",
        talked_about,
    ),
    rule(
        r"(?:which|what) (?P<np>[\w' -]{3,40}?) (?:is|are|works?) (?:the )?(?:best|better|good|right|"
        r"safest) (?P<cond>(?:for|to|on|with|under) .+)",
        best_of,
    ),
    rule(r"what (?:do|should|would|can) (?:you|i|we|people) do (?:when|if) (?P<rest>.+)", when_that),
    rule(r"does any(?:one|body) else(?:'s) (?P<np>[\w' -]{3,30}?) (?P<verb>[a-z]+)(?: (?P<rest>.+))?", others_too),
    rule(r"best (?P<np>.+)", choose),
    rule(r"(?:recommendations?|suggestions?|recs|ideas) (?:for|on) (?P<np>.+)", choose),
    rule(r"why(?: the \S+)? (?P<aux>do|don't|does|is|are|was|were|isn't|aren't|can't|won't) (?P<rest>.+)", why),
    rule(r"(?P<wh>where|when) (?:do|can|should|could|would|did) (?:i|we|you|one|people) (?P<vp>.+)", where),
    rule(r"(?P<wh>where|when) to (?P<vp>.+)", where),
    rule(r"why (?P<np>[^?,.]{3,40})$", why_thing),
    rule(
        r"(?P<wh>what) (?P<rest>(?:makes|causes|keeps|happens to|happens if|happens when|triggers|"
        r"drives) .+)",
        what_makes,
    ),
    rule(r"(?P<np>[^:?]{3,60}): (?:what|how|why|is|are|does|do|which|good|yes|worth)\b.*", opinion),
    rule(r"(?:have|has) (?:you|any(?:one|body))(?: guys| here| else)?(?: ever)? done (?P<np>.+)", try_out),
    rule(r"(?P<a>[^?,.]{3,45}?) (?:vs?\.?|versus) (?:the )?(?P<b>[^?,.]{2,60}).*", versus),
    rule(
        r"(?:which is better[:,]? |should i (?:get|buy|use|choose) |what(?:'s| is) better[:,]? )"
        r"(?P<a>[^?,.]{3,40}?) or (?P<b>[^?,.]{2,50}).*",
        versus,
    ),
    rule(
        r"(?P<a>(?!do|does|is|are|can|should|what|how|why|which|has|have|any|would|could|will|did|"
        r"anyone)[^?,.]{2,40}?) or (?:the )?(?P<b>[^?,.]{2,40})$",
        versus,
    ),
    rule(
        r"any(?:one|body)?(?: \w+)? ?(?:tips|advice|solutions?|suggestions?|ideas?|recommendations?|"
        r"recs|help|thoughts|tricks|remedies|remedy)(?: or \w+)? (?:for|on|about|against|with|to "
        r"(?:fix|treat|help with|deal with|combat|prevent)) (?P<ing>\w+ing .+)",
        remedy_of_doing,
    ),
    rule(
        r"any(?:one|body)?(?: \w+)? ?(?:tips|advice|solutions?|suggestions?|ideas?|help|thoughts|"
        r"tricks|remedies|remedy)(?: or \w+)? (?:for|on|about|against|with|to (?:fix|treat|help "
        r"with|deal with|combat|prevent)) (?P<np>.+)",
        remedy,
    ),
    rule(
        r"(?:any|anyone have(?: any| a)?|does any(?:one|body) have(?: any| a)?|can (?:any|some)(?:one|"
        r"body) recommend|can you(?: guys)? recommend|could you recommend|(?:any|some)(?:one|body)"
        r" recommend)(?: good| great)? ?(?:recommendations? (?:for|on)|recs (?:for|on)|suggestions? "
        r"(?:for|on))? ?(?P<np>(?:an? |some |good ).+|.+(?= recommendations?$))(?: recommendations?)"
        r"?",
        choose,
    ),
    rule(
        r"(?:can|could|would) (?:any|some)(?:one|body)(?: please)? (?:explain|help me understand|"
        r"break down|clear up|clarify) (?P<np>.+?)(?: like i'?m \w+.*| to me.*| for me.*)"
        r"?$",
        explain,
    ),
    rule(
        r"(?:any(?:one|body) (?:know|have any idea)|does any(?:one|body) know|do you(?: guys)? know|"
        r"i wonder|i'?m wondering|wondering|can any(?:one|body) tell me|curious) (?P<wh>how|why|"
        r"what|where|when|if|whether) (?P<rest>.+)",
        embedded,
    ),
    rule(r"interested in (?P<ing>\w+ing .+)", remedy_of_doing),
    rule(
        r"(?P<aux>is|are|does|do|can|could|should|will|would) (?!any|some|this|that|these|those|"
        r"it\b|they\b|he\b|she\b|there\b|you\b).+",
        yes_no,
    ),
    rule(r"(?P<np>[\w' -]{4,30} (?:that|for|under|with|without) .+)", named_kind),
]

_RULES = [*_FINE, *_HOW_TO, *_TRYING, *_WHAT, *_OTHER]
