"""English verb forms: base forms that open an imperative, and the pasts that no rule predicts."""

from __future__ import annotations

from kairo.stages.opportunities.rules.lexicon.word_lists import words

BASE_VERBS = words(
    """
    accept achieve add adjust adopt aim apply ask assemble attach avoid bake balance battle be beat begin
    believe bend bind blend block blow boil boost borrow break breathe brew bring brush build burn buy calculate
    call care carry carve catch celebrate change charge check choose chop clean clear climb close coat collect
    combine compare compost configure connect consider control convert cook cool copy count cover crack create
    cross cure customise customize cut dance date deal decide decorate defend delete deploy describe design
    destroy develop die dig dip disable discover dissolve dive do drain draw drill drink drive drop dry dye earn
    eat eliminate embrace enable end enjoy enter evaluate examine exchange exercise expand expect explain
    explore export expose extend face fade fall fasten feed feel ferment fight fill filter find finish fit fix
    flash flatten flip float focus fold follow force forget form freeze fry gather get give glue go grab grate
    grease grill grind grow guess handle hang harvest have heal heat hide hire hold host hunt identify ignore
    import improve increase inspect install insulate iron join jump keep kick knead knit know label land launch
    layer lead learn leave let level lift light limit line link listen live load lock look loosen lose lower
    lubricate maintain make manage map mark match measure melt mend migrate mind mix modify monitor motivate
    mount move negotiate notice obtain open order organise organize own pack paint park pass paste patch pay
    peel pick place plan plant play polish pop post pour practice practise prepare press prevent price print
    produce promote prompt protect prove prune publish pull punch push put race raise reach read rebuild
    recommend record recover recycle reduce refill refresh refurbish reheat relax release remember remove
    renovate repair repeat replace report reset resist respond rest restore restrict retain return reuse review
    ride rinse rip roast roll rotate rub run save scale scan schedule scrub seal search season see sell send
    separate serve set sew shake shape sharpen shave shift shine ship shoot shop show shower shrink shut sign
    simplify sing sit size skip sleep slice slow smell smoke soak solve sort speak speed spend split spot spray
    spread sprinkle squeeze stack stain stand start stay steam steep step stick stir stitch stop store strain
    strengthen stretch strip study style submit subscribe suggest support survive swap sweep swim switch take
    talk taste teach tear test thank thaw think thin throw tie tighten time toast touch track trade train
    transfer transform translate transplant travel treat trim troubleshoot trust try tune turn twist type
    understand untangle unlock unpack update upgrade upload use validate vary ventilate visit wait wake walk
    warm wash watch water wax wear weave weigh welcome whip win wipe wire work wrap write
    """
)

IRREGULAR_PASTS = {
    "ate": "eat", "beat": "beat", "became": "become", "began": "begin", "bent": "bend", "bit": "bite", "blew": "blow",
    "bought": "buy", "broke": "break", "brought": "bring", "built": "build", "burnt": "burn", "came": "come",
    "caught": "catch", "chose": "choose", "cut": "cut", "did": "do", "drank": "drink", "drew": "draw", "drove": "drive",
    "dug": "dig", "fed": "feed", "fell": "fall", "felt": "feel", "flew": "fly", "forgot": "forget", "fought": "fight",
    "found": "find", "froze": "freeze", "gave": "give", "got": "get", "grew": "grow", "ground": "grind", "had": "have",
    "heard": "hear", "held": "hold", "hid": "hide", "hit": "hit", "hung": "hang", "kept": "keep", "knew": "know",
    "laid": "lay", "learnt": "learn", "led": "lead", "left": "leave", "lost": "lose", "made": "make", "met": "meet",
    "mixed": "mix", "paid": "pay", "put": "put", "quit": "quit", "ran": "run", "rebuilt": "rebuild", "rode": "ride",
    "said": "say", "sang": "sing", "sat": "sit", "saw": "see", "sent": "send", "sewed": "sew", "shot": "shoot",
    "showed": "show", "slept": "sleep", "sold": "sell", "spent": "spend", "split": "split", "spoke": "speak",
    "stood": "stand", "stole": "steal", "stuck": "stick", "swam": "swim", "swept": "sweep", "taught": "teach",
    "thought": "think", "threw": "throw", "told": "tell", "took": "take", "tore": "tear", "understood": "understand",
    "went": "go", "woke": "wake", "won": "win", "wore": "wear", "wove": "weave", "wrote": "write",
}  # fmt: skip

MAKING_VERBS = words(
    """
    assemble bake brew build carve change cook create customise customize design dye ferment fix forge grow knit
    make mend migrate mod modify paint plant print rebuild recable refinish refurbish renovate repair replace
    restore roast sew upgrade write convert hack swap automate self-host transplant
    """
)
"""Verbs of making and changing things: a post that reports one carries a small project."""

CAUSING_VERBS = {
    "turned": "turns", "turns": "turns", "charged": "charges", "charges": "charges", "dries": "dries", "dried": "dries",
    "stains": "stains", "stained": "stains", "dies": "dies", "wilts": "wilts", "curls": "curls", "rusts": "rusts",
    "swells": "swells", "falls": "falls", "lies": "lies", "leaves": "leaves",
    "made": "makes", "makes": "makes", "keeps": "keeps", "kept": "keeps", "ruined": "ruins", "broke": "breaks",
    "breaks": "breaks", "stopped": "stops", "stops": "stops", "destroyed": "destroys", "damaged": "damages",
    "killed": "kills", "hurts": "hurts", "hurt": "hurts", "fails": "fails", "failed": "fails", "causes": "causes",
    "caused": "causes", "irritates": "irritates", "irritated": "irritates", "leaks": "leaks", "leaked": "leaks",
    "crashes": "crashes", "crashed": "crashes", "smells": "smells", "burns": "burns", "burned": "burns",
    "peels": "peels", "cracks": "cracks", "cracked": "cracks", "slips": "slips", "fades": "fades", "faded": "fades",
    "shrinks": "shrinks", "shrank": "shrinks", "tastes": "tastes", "drops": "drops", "dropped": "drops",
    "disappears": "disappears", "disappeared": "disappears", "exploded": "explodes",
}  # fmt: skip
