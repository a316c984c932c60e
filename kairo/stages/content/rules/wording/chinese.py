"""Chinese."""

from __future__ import annotations

from kairo.stages.content.rules.wording.shapes import Wording
from kairo.stages.opportunities.contracts import Channel

CHINESE = Wording(
    asked=(
        "“{q}”这是{place}上有人问的。",
        "{place}上有人问：“{q}”",
        "在{place}看到一个问题：“{q}”",
        "“{q}”{place}上的这个问题，值得好好回答。",
    ),
    told=(
        "{place}上有人写道：“{s}”",
        "“{s}”这句话来自{place}。",
        "在{place}上，有人这么说：“{s}”",
        "先看{place}上的一条：“{s}”",
    ),
    also=("还有人说：“{s}”", "另一条：“{s}”", "再看一条：“{s}”", "也有人这样写：“{s}”"),
    voices=("同一个话题，已经有{people}在说。", "我们数了数，{people}都提到了它。", "{people}，说的是同一件事。"),
    people=lambda count: f"{count}个人",
    ours=("我们在做的：{line}", "说到这里，我们的做法是：{line}", "我们这边：{line}"),
    invite={
        Channel.INSTAGRAM: (
            ("你是怎么做的？留言告诉我们。", "先存下来，回头说说你的结果。"),
            ("您是怎么处理的？欢迎留言。",),
        ),
        Channel.TIKTOK: (("你呢？评论区见。", "轮到你了，结果怎么样？"), ("欢迎在评论区分享经验。",)),
        Channel.LINKEDIN: (("你们是怎么做的？", "你会补充什么？"), ("您的经验是什么？",)),
        Channel.X: (("你是怎么做的？", "你会补充什么？"), ("您的经验是什么？",)),
        Channel.YOUTUBE: (("还想知道什么？写在视频下面。", "下次试什么？留言告诉我们。"), ("有问题请在视频下留言。",)),
        Channel.EMAIL: (("直接回信，说说你的做法。", "回这封信告诉我们什么管用。"), ("有问题请直接回信。",)),
        Channel.BLOG: (("告诉我们你试过什么。", "还缺什么？写信给我们。"), ("有问题请写信给我们。",)),
        Channel.META_ADS: (("看看怎么做", "了解一下"), ("了解更多",)),
    },
    heard="大家怎么说",
    between="原话是这样的：",
    ours_heading="我们的看法",
    sources="来源",
    sign_off="下次见，\n{brand}",
    thesis_asked="“{q}”有人公开在问；{brand}用试过的人的经验来回答。",
    thesis_told="“{s}”说出了大家关心的事；{brand}接着说，并补上自己知道的。",
    summary="引用{people}的原话，发布在{channels}。",
    full_stop="。",
    joiner="、",
    last_joiner="和",
)
