"""Ideas in a Chinese post: questions, comparisons, trials and warnings, found by phrase and punctuation.

There is no word segmentation: a phrase is what stands between two markers, and it is kept only when it stands alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from kairo.stages.opportunities.rules.ideas.names import name_of
from kairo.stages.opportunities.rules.ideas.patterns import Builder, Rule, rule
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.lexicon.chinese import FIRST_PERSON, UNFIT_PHRASES
from kairo.stages.opportunities.rules.reading import Post, Sentence
from kairo.stages.opportunities.rules.stems import han_letters

BODY_SHARE = 0.75
MAX_BODY_SENTENCES = 10

_NOISE = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\u200b-\u200f\U0001f000-\U0001faff]|#\\S+|https?://\\S+|@\\S+"
)
_LABEL = re.compile(r"^\s*[\[【(（][^\]】)）]{1,12}[\]】)）]\s*")
_GREETING = re.compile(
    "^(?:(?:大家好|姐妹们|家人们|宝子们|朋友们|兄弟们|各位|请问(?:一下)?|求助|求问|想问(?:一下|问)?|弱弱地?问(?:一下)?|有没有人知道|"
    "谁知道|谁能告诉我|小白|萌新|新人|纯新手|问一下|请教(?:一下)?|话说|其实|所以|终于|真的|救命)[，,！!：:、~～ ]*)+"
)
_PERSON = re.compile("我们的|我们|我家的|我家|我的|咱们|本人|楼主|我")
_DEICTIC = re.compile(
    "这[个些款种样里]|那[个些款种样里]|^这|^那|^它|^他|^她|它们|本文|本帖|评论区|上图|下图|如图|链接|私信|点赞|关注我"
)
_SPAN = r"(?P<span>[一二两三四五六七八九十半\d]+(?:个)?(?:天|周|星期|月|年|小时|晚))"
_ASKS = re.compile(
    "吗|么$|怎么|如何|怎样|为什么|为啥|哪个|哪款|哪种|什么|能不能|要不要|该不该|可不可以|是不是|有没有|会不会|多久|多少|求推荐"
)
_TAIL = re.compile("[啊呀呢吧嘛哦哈啦了吗么的]+$")


def ideas_of(post: Post) -> list[Idea]:
    """Every idea in a post's sentences, cleanest first."""
    found: list[Idea] = []
    presents = name_of(post) is not None
    for sentence in post.sentences[: MAX_BODY_SENTENCES + 2]:
        core = _core_of(sentence, presents=presents)
        if core is not None:
            share = 1.0 if sentence.is_headline else BODY_SHARE
            found.append(Idea(Core(core.kind, core.slots, core.quality * share), post, sentence))
    unique = {(idea.kind, *sorted(idea.core.slots.items())): idea for idea in reversed(found)}
    return sorted(unique.values(), key=lambda idea: (-idea.core.quality, idea.sentence.order))


def _core_of(sentence: Sentence, *, presents: bool) -> Core | None:
    """What one sentence carries. Of a post that presents a thing only questions and contrasts count."""
    text = unicodedata.normalize("NFC", _NOISE.sub(" ", sentence.text)).strip()
    text = _GREETING.sub("", _LABEL.sub("", text)).strip(" 。！!~～…，,；;")
    if not 4 <= len(text) <= 120 or han_letters(text) < 3:
        return None
    is_asked = text.endswith(("？", "?"))
    pieces = dict.fromkeys([text, *re.split("[，,。！!；;｜|]", text)])
    for piece in pieces:
        bare = piece.strip(" ？?")
        is_question = (is_asked and piece.endswith(("？", "?"))) or _ASKS.search(bare) is not None
        rules: list[Rule] = [
            *_CONTRASTS,
            *(_QUESTIONS if is_question and (is_asked or not presents) else ()),
        ]
        rules += [] if presents else _TOLD
        for pattern, build in rules:
            match = pattern.fullmatch(bare)
            core = build(match) if match is not None else None
            if core is not None:
                return core
    return None


def noun_phrase(text: str, *, longest: int = 16) -> str | None:
    """The text as a phrase that names a thing and stands alone, or None."""
    phrase = _TAIL.sub("", _PERSON.sub("", text)).strip(" ，,。：:、的")
    phrase = re.sub(
        "^(?:(?:免费|试用)+.*|一[个款种台只双瓶支下]|有[个款没有]?|好用的|好的|是|在|把|被|和|跟|对|给|用|买|新的?)",
        "",
        phrase,
    )
    return phrase if _stands_alone(phrase, 2, longest) else None


def verb_phrase(text: str, *, longest: int = 22) -> str | None:
    """The text as something to do, without the one who asks, or None."""
    phrase = _TAIL.sub("", re.sub("^(?:才能|才|能|可以|去|来|应该|该|要)", "", _PERSON.sub("", text).strip())).strip(
        " ，,。：:"
    )
    return phrase if _stands_alone(phrase, 3, longest) else None


def clause(text: str, *, longest: int = 26) -> str | None:
    """The text as a statement or question about anybody, or None."""
    phrase = _PERSON.sub("", text).strip(" ，,。：:")
    return phrase if _stands_alone(phrase, 4, longest) else None


def _stands_alone(phrase: str, shortest: int, longest: int) -> bool:
    letters = han_letters(phrase) + len(re.findall("[A-Za-z0-9]+", phrase)) * 2
    if (
        not shortest <= letters <= longest
        or _DEICTIC.search(phrase)
        or re.search('[，,。！!？?；;“”"「」《（(\n]', phrase)
    ):
        return False
    return not any(word in phrase for word in (*UNFIT_PHRASES, *FIRST_PERSON)) and han_letters(phrase) > 0


def _filled(kind: Kind, quality: float, **builders: Callable[[str], str | None]) -> Builder:
    """A builder that cleans each named group; it gives nothing when one of them does not stand alone."""

    def build(match: re.Match[str]) -> Core | None:
        slots: dict[str, str] = {}
        for name, cleaned in builders.items():
            value = cleaned(match.group(name))
            if value is None:
                return None
            slots[name] = value
        if "span" in match.groupdict():
            slots["span"] = match.group("span")
        return Core(kind, slots, quality)

    return build


def _versus(match: re.Match[str]) -> Core | None:
    one, other = noun_phrase(match.group("a"), longest=12), noun_phrase(match.group("b"), longest=12)
    return Core(Kind.VERSUS, {"a": one, "b": other}, 0.95) if one and other and one != other else None


def _question(match: re.Match[str]) -> Core | None:
    asked = clause(match.group(0))
    return Core(Kind.ASK, {"question": asked}, 0.85) if asked else None


def _list(match: re.Match[str]) -> Core | None:
    noun, rest = match.group("noun"), noun_phrase(match.group("rest"), longest=14)
    return Core(Kind.LIST, {"noun": noun, "rest": rest}, 0.8) if rest else None


_QUESTIONS: list[Rule] = [
    rule(
        "(?P<a>.{2,14}?)(?:和|跟|与|、)(?P<b>.{2,14}?)(?:到底)?(?:哪个好|哪个更.{1,6}|哪款更.{1,6}|选哪个|怎么选|有什么区别|的区别|"
        "区别.*|谁更.{1,6})",
        _versus,
    ),
    rule("(?:买|选|用)?(?P<a>.{2,14}?)还是(?:买|选|用)?(?P<b>.{2,14}?)(?:好|更好|呢|更.{1,6})?", _versus),
    rule(
        "(?:有没有|有)?(?:人|姐妹|朋友|大佬)?(?:用过|试过|买过|喝过|去过|穿过|入手过)(?P<np>.{2,18}?)(?:的)?(?:吗|么|没|怎么样|如何|好用吗)",
        _filled(Kind.TRY_OUT, 0.95, np=noun_phrase),
    ),
    rule(
        "(?P<np>.{2,18}?)(?:到底|真的|究竟)?(?:好用吗|值得买吗|值不值得买|值得入手吗|好不好用|怎么样|靠谱吗|有用吗|有必要买吗|"
        "是?智商税吗|好喝吗|好吃吗)",
        _filled(Kind.TRY_OUT, 0.95, np=noun_phrase),
    ),
    rule(
        "(?P<np>.{2,18}?)(?:怎么选|如何选|如何选择|怎么挑|推荐哪[款个种]|选哪[款个种]|买哪[款个种](?:好)?|有什么推荐|有推荐吗)",
        _filled(Kind.CHOOSE, 0.95, np=noun_phrase),
    ),
    rule(
        "(?:有什么|什么|哪[款个种])(?P<np>.{2,14}?)(?:好用|好|值得买|比较好|最好|适合.{1,8})",
        _filled(Kind.CHOOSE, 0.9, np=noun_phrase),
    ),
    rule(
        "(?P<np>.{2,18}?)(?:怎么办|怎么解决|怎么破|怎么处理|咋办|该怎么办|怎么缓解|怎么改善)",
        _filled(Kind.REMEDY, 0.95, np=noun_phrase),
    ),
    rule(
        "(?P<topic>.{0,10}?)(?:应该|要|该|到底)?(?:怎么|如何|怎样|咋)(?!样|说|会|回事|了)(?P<vp>.{3,22}?)",
        lambda match: _how_to(match),
    ),
    rule("(?P<lead>.{0,10}?)(?:为什么|为啥|为何)(?P<rest>.{4,22})", lambda match: _why(match)),
    rule(
        "(?:可以|能|该不该|要不要|能不能|可不可以|有必要)(?P<vp>.{3,18}?)(?:吗|么)?",
        _filled(Kind.IS_IT_FINE, 0.85, vp=verb_phrase),
    ),
    rule(
        "(?P<vp>.{3,18}?)(?:可以吗|行吗|好吗|有必要吗|对吗|正常吗|安全吗)",
        _filled(Kind.IS_IT_FINE, 0.9, vp=verb_phrase),
    ),
    rule(".{3,26}(?:吗|么|是不是.+|有没有.+|会不会.+|多久.+|多少.+)", _question),
    rule(".{2,14}(?:什么|哪[款个种里些])(?!人|时候).{2,14}", _question),
]
_TOLD: list[Rule] = [
    rule("(?P<a>.{2,14}?) ?(?:vs[.]?|对比|pk) ?(?P<b>.{2,14}?)", _versus),
    rule(
        "(?:求|跪求)?(?:大家)?(?:求推荐|推荐|安利)(?:一下|一?[款个些种台])?(?P<np>.{2,18}?)",
        _filled(Kind.CHOOSE, 0.9, np=noun_phrase),
    ),
    rule("(?P<np>.{2,18}?)求推荐", _filled(Kind.CHOOSE, 0.95, np=noun_phrase)),
    rule(
        f"(?:坚持|连续|用了?|喝了?|吃了?|练了?|戒了?){_SPAN}(?:的)?(?P<np>.{{2,14}}?)(?:后|之后|以后|的变化|的感受|了)?.{{0,10}}",
        _filled(Kind.TRIAL, 0.9, np=noun_phrase),
    ),
    rule(f"(?P<np>.{{2,14}}?)(?:用了?|坚持了?|打卡){_SPAN}.{{0,10}}", _filled(Kind.TRIAL, 0.9, np=noun_phrase)),
    rule("(?:千万)?(?:别再|不要再|别|不要|停止|切勿)(?P<vp>.{3,18}?)", _filled(Kind.IS_IT_FINE, 0.85, vp=verb_phrase)),
    rule("(?:人生|人生中)?第一次(?P<vp>.{3,16}?)", _filled(Kind.FIRST, 0.85, vp=verb_phrase)),
    rule(
        "(?P<np>.{2,16}?)(?:测评|评测|开箱|使用体验|使用感受|体验分享|用后感|真实测评).{0,6}",
        _filled(Kind.REVIEW, 0.9, np=noun_phrase),
    ),
    rule(
        "(?:在家|自己|亲手|手把手)(?:做|自制|制作|搭建|搭|种|烤|冲)(?P<np>.{2,14}?)",
        _filled(Kind.MAKING, 0.85, np=noun_phrase),
    ),
    rule("自制(?P<np>.{2,14}?)", _filled(Kind.MAKING, 0.85, np=noun_phrase)),
    rule(
        "(?P<rest>.{2,14}?)(?:的|最?常[犯见]的)?[一二三四五六七八九十0-9]+(?:个|种|条|大)(?P<noun>错误|误区|坑|理由|原因|信号|习惯|步骤)",
        _list,
    ),
    rule("(?P<topic>.{0,10}?)(?:怎么|如何|怎样)(?!样|说|会|回事|了)(?P<vp>.{3,22}?)", lambda match: _how_to(match)),
]
_CONTRASTS: list[Rule] = [
    rule(
        "(?:不用|无需|不需要|无须|不必)(?P<without>.{2,14}?)(?:，|,)?(?:即可|就能|就可以|也能|便可|便能)(?P<vp>.{3,18}?)",
        lambda match: _without(match),
    ),
    rule(
        "(?P<np>(?:大多数|很多|多数|大部分|绝大多数)[^，,]{3,14}?)(?P<rest>(?:都|在|只|仍|还|无法|不能|没有|缺乏|却|往往|总是).{3,24})",
        lambda match: _most(match),
    ),
]


def _how_to(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    topic = noun_phrase(match.group("topic"), longest=8) if match.group("topic") else ""
    if phrase is None or topic is None:
        return None
    return Core(Kind.HOW_TO, {"vp": phrase, "topic": topic}, 0.95)


def _why(match: re.Match[str]) -> Core | None:
    told = clause(f"{match.group('lead')}为什么{match.group('rest')}")
    return Core(Kind.WHY, {"clause": _TAIL.sub("", told)}, 0.95) if told else None


def _without(match: re.Match[str]) -> Core | None:
    left_out, phrase = verb_phrase(match.group("without")), verb_phrase(match.group("vp"))
    return Core(Kind.TIP, {"without": left_out, "vp": phrase}, 0.8) if left_out and phrase else None


def _most(match: re.Match[str]) -> Core | None:
    if re.fullmatch(
        "(?:大多数|很多|多数|大部分|绝大多数)(?:工具|产品|应用|软件|平台|人|用户|公司|团队)", match.group("np")
    ):
        return None
    told = clause(match.group("np") + match.group("rest"))
    return Core(Kind.TROUBLE, {"clause": told}, 0.95) if told else None
