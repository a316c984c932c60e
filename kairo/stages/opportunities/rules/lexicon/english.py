"""English function words and word classes. Nothing here belongs to a subject."""

from __future__ import annotations

from kairo.stages.opportunities.rules.lexicon.word_lists import words

STOP_WORDS = words(
    """
    a about above across actually after again against ago ain all almost alone along already also although
    always am among amongst an and another any anybody anyone anything anyway anyways are aren around as aside
    at away back be because been before being below beside besides between beyond both but by can cannot cant
    come could couldn did didn do does doesn doing don done dont down due during each eg either else enough
    especially etc even ever every everybody everyone everything everywhere except few for from further get gets
    getting give given go goes going gone got gotten guys had hadn has hasn have haven having he hello help her
    here hers herself hey hi him himself his how however i id ie if ill im in indeed instead into is isn it its
    itself ive just keep kind know last later least less let lets like literally ll lot lots made make makes
    making many may maybe me might mine more most mostly much must my myself near nearly need needs neither
    never new next no nobody none nor not nothing now of off often oh ok okay on once one ones only onto or
    other others otherwise our ours ourselves out over own per perhaps please plus pretty probably put quite
    rather re really said same say saying says see seem seems several shall she should shouldn since so some
    somebody somehow someone something sometimes soon still such take than thank thanks that thats the their
    theirs them themselves then there theres these they thing things think this those though thought through
    throughout thru thus til till to today together told too toward towards tried try trying turn two under
    until unless up upon us use used uses using usually ve versus very via vs want wants was wasn way ways we
    well went were weren what whatever when whenever where wherever whether which whichever while who whoever
    whole whom whose why will with within without won wont would wouldn yeah yes yesterday yet you your youre
    yours yourself yourselves y'all
    """
)

GENERIC_WORDS = words(
    """
    advice amazing answer anybody article awesome bad beautiful best better big bit book case check comment
    content cool couple day days deal different difference discussion easy experience favorite favourite feel
    feeling find finally first found fun good great guide happy hard hate hope hour hours idea ideas info
    information insight insights interested interesting issue issues job jobs latest learn life list little long look
    looking love minute minutes month months morning nice night nights old opinion opinions pair part people
    person perfect picture piece place plan point post problem problems question questions quick reason recently
    recommend recommendation recommendations result results review right seriously share simple small solution
    stop story stuff suggestion suggestions super sure talk tell thoughts thread time times tip tips top topic
    trend trends update wait week weeks weird wonder wondering work world worth wow wrong year years
    """
)

COMMUNITY_WORDS = words(
    """
    sub subs subreddit subreddits reddit redditor redditors sidebar thread threads op
    mod mods moderator moderators mod-post upvote
    upvotes downvote downvotes xpost x-post crosspost repost imgur lurker lurking lurk throwaway faq ama eli5
    til psa tldr tl;dr dae album pics pic photo photos picture pictures repost comments comment link links post
    posts posted posting follow followers dm swipe bio giveaway hashtag fyp caption
    """
)

ANECDOTE_WORDS = words(
    """
    wife husband boyfriend girlfriend bf gf ex mom mum dad mother father sister brother son daughter boss
    roommate fiance fiancee grandma grandpa bff coworker birthday
    """
)

UNFIT_WORDS = words(
    """
    fuck fucking fucked fucker shit shitty bullshit crap crappy damn goddamn ass asshole bitch bastard dick cock
    cunt piss pissed whore slut porn nude nsfw sex boobs tits nigga nigger fag retard retarded wtf bs stfu
    suicide suicidal murder rape raped cutter cutting-myself overdose terrorist genocide stripper nazi funeral
    butt crotch poop puke vomit vagina penis labia anus anal nipples
    """
)

DEICTIC_WORDS = words(
    """
    this that these those it its it's they them their theirs he she him his her hers here there such one ones
    """
)

PRONOUN_WORDS = words(
    """
    i me my mine myself we us our ours ourselves im ive i'm i've i'd i'll id we're we've
    """
)

ADVERBS = words(
    """
    actually always also already basically certainly clearly constantly currently definitely ever exactly
    extremely finally generally genuinely hardly honestly just literally merely naturally never normally
    obviously often only probably quickly rarely really safely seriously simply sometimes still truly typically
    usually very totally too
    """
)

AUXILIARIES = words(
    """
    am is are was were be been being do does did have has had can could will would shall should may might must
    isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't
    shouldn't
    """
)

PREPOSITIONS = words(
    """
    about above across after against along among around as at before behind below beneath beside between beyond
    by despite down during for from in inside into like near of off on onto out outside over past per since
    through throughout to toward towards under until up upon versus via vs with within without
    """
)

CONJUNCTIONS = words(
    """
    and or but nor so yet because although though while whereas if unless when than
    """
)

DETERMINERS = words(
    """
    a an the my your his her our their some any no every each another this that these those
    """
)

NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip

MASS_NOUNS = words(
    """
    advice art baggage bread butter care cash cement cheese clay clothing coffee content cotton cream data dirt
    dough dust education electricity energy equipment evidence fabric feedback fish flour food fruit fun
    furniture garlic gas gear glass gold grass hair hardware health heat help homework honey humidity ice
    information ink iron jewelry juice knowledge land leather light lighting luck luggage makeup marketing meat
    metal milk money mud music news noise oil paint paper pasta pay plastic pollution powder privacy progress
    protein rain research rice rubber safety salt sand security sex silk silver skin skincare sleep smoke snow
    soap software soil steam steel storage stress stuff sugar sunlight sunscreen tea time traffic training
    travel trouble vinegar vitamin water weather weight wine wood wool work yeast yoga
    """
)

SINGULAR_IN_S = words(
    """
    news series species gas bus lens glass dress mess class boss grass canvas iris virus campus basis analysis
    diabetes politics economics mathematics physics chess bias status process access business success progress
    stress express plus pros tennis kudos christmas illness fitness dermatitis
    """
)

PLURALS_WITHOUT_S = words(
    """
    people men women children feet teeth mice geese lice media criteria data cattle police
    """
)

ADJECTIVES = words(
    """
    able acceptable accurate affordable amazing available awesome awful bad bare beautiful best better big
    bigger black blue bold bright broken brown cheap cheaper chemical clean clear clever cold common complete
    cool correct dangerous dark dead deep different difficult dirty dry dull early easier easy effective empty
    enough entire essential excellent expensive extra fair false fast favorite favourite fine fit flat free
    fresh full funny gentle good great green gross hard harsh hard-earned healthy heavy helpful high holy
    homemade honest horrible hot huge humble ideal important impossible inexpensive itchy large late lazy legit
    light local long loose loud low lucky main major mild minor natural necessary new nice normal obvious odd
    oily ok okay old only open orange own particular perfect plain pleased poor possible powerful practical
    pricey proper proud quick quiet random rare raw real reasonable recent red reliable rich ridiculous right
    rough round sad safe same scary secret sensitive serious severe sharp shiny short sick silent silly similar
    simple slow small smooth soft solid sore special specific stable stiff strange strong stupid sturdy suitable
    super sure sweet tall terrible thick thin tight tiny tired tough true typical ugly unacceptable unique
    useful usual vague various warm weak weird wet white whole wide wild worse worst worth worthy wrong yellow
    young younger
    """
)

NUMBERED_UNITS = "seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|sessions?|washes|rounds?|wears?|miles|km"

EVENT_WORDS = words(
    """
    sale discount discounts coupon promo giveaway launch launching launches restock preorder kickstarter
    festival wedding graduation christmas halloween easter thanksgiving valentine hanukkah ramadan holiday
    holidays anniversary picnic expo fundraiser
    """
)
ANNOUNCED_WORDS = words(
    "discount discounts coupon promo giveaway launch launching launches restock preorder kickstarter"
)
SALE_WORDS = words(
    """
    sale discount discounts coupon promo clearance off
    """
)
