"""Chinese wording of an opportunity."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import datetime

from kairo.stages.brands.contracts import PersonaDTO
from kairo.stages.opportunities.contracts import Channel, OpportunityType, Quote
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.wording.chinese_frames import FRAMES, OFFERS, REASONS
from kairo.stages.opportunities.rules.wording.shapes import Brief, Frame

LONGEST_TITLE = 46
LONGEST_EXTRACT = 46
_FORMATS = {
    Channel.INSTAGRAM: "一组图文", Channel.TIKTOK: "一条短视频", Channel.LINKEDIN: "一篇领英长文",
    Channel.X: "一串短帖",
    Channel.YOUTUBE: "一支视频", Channel.EMAIL: "一封邮件", Channel.BLOG: "一篇文章", Channel.META_ADS: "一则广告",
}  # fmt: skip
_PARTS = {
    "relevance": "与品牌的关联", "timeliness": "时效", "evidence_strength": "证据", "audience_fit": "受众契合",
    "feasibility": "可执行性", "learned": "以往经验",
}  # fmt: skip


class ChineseWording:
    """Titles, angles and reasons in Chinese."""

    def titles(self, core: Core, posts: tuple[Post, ...]) -> list[Frame]:
        """Every title for an idea, the plainest construction first."""
        slots = dict(core.slots)
        found = []
        for template in FRAMES.get(core.kind, ()):
            names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
            if any(name not in slots for name in names):
                continue
            text = _spaced(template.format(**slots))
            if len(text) <= LONGEST_TITLE:
                found.append(Frame(name=template, text=text))
        return found

    def label(self, core: Core, words: str) -> str:
        slots = core.slots
        if "a" in slots:
            return f"{slots['a']}和{slots['b']}"
        return slots.get("tag") or slots.get("np") or slots.get("vp") or words

    def angle(self, brief: Brief) -> str:
        """The piece to make, the proof, the persona and the pillar."""
        offers = OFFERS.get(brief.idea.kind, OFFERS[Kind.SUBJECT])
        offer = offers[brief.turn % len(offers)].format(format=_FORMATS[brief.channel], label=brief.label)
        return _spaced("".join(part + "。" for part in (offer, _proof(brief), _audience(brief)) if part))

    def why_now(self, brief: Brief) -> str:
        pulse, newest = brief.pulse, _date(brief.pulse.newest_at)
        if pulse.total >= 3 and pulse.recent > pulse.before:
            recent = f"最近{pulse.span_days}天有{pulse.recent}条"
            told = f"{recent}，再往前{pulse.span_days}天是{pulse.before}条；最新一条在{newest}"
        elif pulse.total >= 2:
            talk = (
                f"，合计{pulse.comments}条评论"
                if pulse.comments
                else f"，合计{_likes(pulse.points, brief.lead)}"
                if pulse.points
                else ""
            )
            told = f"{pulse.window_days}天内出现{pulse.total}条，最新一条在{newest}{talk}"
        else:
            drew = "、".join(
                part
                for part in (f"{pulse.comments}条评论" if pulse.comments else "", _likes(pulse.points, brief.lead))
                if part
            )
            busier = (
                f"，热度超过这批{brief.sample}条里的{brief.busier_than}%"
                if brief.busier_than and brief.busier_than >= 50
                else ""
            )
            told = f"{newest}发布，距今{int(pulse.age_days)}天" + (f"，已有{drew}" if drew else "") + busier
        signal = f"；趋势监测里也有“{brief.trends[0]}”" if brief.trends else ""
        if brief.burst is not None:
            burst = brief.burst
            signal = f"；“{burst.topic}”正在升温：{burst.hours}小时内{burst.posts}条，来自{burst.voices}个不同声音"
        return f"{told}{signal}。"

    def change_of_mind(self, brief: Brief) -> str:
        due, pulse, label = _date(brief.bet.due_at), brief.pulse, brief.label
        if brief.type is OpportunityType.TREND:
            return f"如果到{due}关于{label}的新内容不足{max(1, pulse.recent // 2)}条，这波上升就只是偶然。"
        if pulse.total == 1:
            return f"如果到{due}没有第二个人提到{label}，那只是一个人的问题，可以先放下。"
        if pulse.points:
            each = pulse.points // pulse.total
            few = f"平均不到{max(1, each // 2)}个赞或票（这几条平均{each}）"
            return f"如果到{due}关于{label}的新内容{few}，说明关注已经转移。"
        return f"如果到{due}没有新的{label}内容（过去{pulse.window_days}天有{pulse.total}条），说明关注已经转移。"

    def prediction(self, brief: Brief) -> str:
        return (
            f"{_date(brief.as_of)}到{_date(brief.bet.due_at)}之间，关于{brief.label}的新内容至少{brief.bet.posts}条。"
        )

    def reason(self, part: str, facts: Mapping[str, str | int | float]) -> str:
        return string.Formatter().vformat(REASONS[part], (), facts)

    def explanation(self, brief: Brief, strongest: str, weakest: str) -> str:
        pillar = f"，服务于“{brief.pillar}”" if brief.pillar else ""
        newest = f"最新一条距今{int(brief.pulse.age_days)}天"
        return f"强在{_PARTS[strongest]}，弱在{_PARTS[weakest]}：{brief.voices}个独立声音{pillar}，{newest}。"


def _proof(brief: Brief) -> str:
    lead = f"“{_extract(brief.quotes[0])}”（{_facts(brief.lead)}）"
    others = [quote for quote in brief.quotes[1:] if quote.evidence_id != brief.quotes[0].evidence_id]
    if not others:
        return ("从{}讲起", "依据是{}", "开头引用{}")[brief.turn % 3].format(lead)
    post = next(post for post in brief.posts if post.item.id == others[0].evidence_id)
    second = f"“{_extract(others[0])}”（{_facts(post)}）"
    rest = f"，另引{len(brief.posts) - 2}条" if len(brief.posts) > 2 else ""
    return ("从{}讲起，再接{}{}", "依据是{}和{}{}", "开头引用{}，再对照{}{}")[brief.turn % 3].format(lead, second, rest)


def _audience(brief: Brief) -> str:
    who = _persona(brief.persona) if brief.persona is not None else ""
    pillar = f"归在“{brief.pillar}”栏目" if brief.pillar else ""
    return "，".join(part for part in (f"写给{who}" if who else "", pillar) if part)


def _persona(persona: PersonaDTO) -> str:
    about = [persona.role or "", persona.summary or next(iter([*persona.pains, *persona.priorities]), "")]
    told = "，".join(part.strip(" 。") for part in about if part.strip())
    return f"{persona.name}（{told[:60]}）" if told else persona.name


def _extract(quote: Quote) -> str:
    bare = re.sub(r"\s+", " ", quote.text).strip(" 。！").replace("“", "‘").replace("”", "’")
    return bare if len(bare) <= LONGEST_EXTRACT else bare[:LONGEST_EXTRACT].rstrip("，、； ") + "…"


def _facts(post: Post) -> str:
    counts = [_likes(post.points, post), f"{post.comments}条评论" if post.comments else ""]
    return "，".join([_date(post.published_at), *(count for count in counts if count)])


def _likes(count: int | None, post: Post) -> str:
    if not count:
        return ""
    return f"{count}票" if post.item.platform == "producthunt" else f"{count}个赞"


def _date(at: datetime) -> str:
    return f"{at.month}月{at.day}日"


def _spaced(text: str) -> str:
    """Chinese text with a space between Han letters and Latin words, as typesetters set it."""
    text = re.sub("([\u4e00-\u9fff])([A-Za-z][A-Za-z0-9.+-]+)", r"\1 \2", text)
    return re.sub("([A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9])([\u4e00-\u9fff])", r"\1 \2", text)
