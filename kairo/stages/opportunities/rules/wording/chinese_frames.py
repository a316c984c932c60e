"""Chinese title constructions, offers and reasons, by kind of idea."""

from __future__ import annotations

from kairo.stages.opportunities.rules.ideas.shapes import Kind

FRAMES: dict[Kind, tuple[str, ...]] = {
    Kind.HOW_TO: ("{topic}怎么{vp}", "{topic}{vp}，先从哪一步开始", "想{vp}，先弄清这一点"),
    Kind.WHY: ("{clause}", "{clause}？说清楚原因"),
    Kind.ASK: ("{question}？", "{question}？给一个明确的答案"),
    Kind.TRY_OUT: ("{np}到底值不值", "入手{np}之前该知道什么", "{np}好不好用，听用过的人说"),
    Kind.CHOOSE: ("{np}怎么选", "挑{np}，先看哪几点", "买{np}之前先问自己什么"),
    Kind.VERSUS: ("{a}还是{b}，怎么选", "{a}和{b}，各适合谁", "{a}对比{b}：差别在哪"),
    Kind.REMEDY: ("{np}怎么办", "遇到{np}，先做什么、别做什么", "{np}？从这里开始"),
    Kind.TRIAL: ("{np}坚持{span}，有什么变化", "{span}的{np}，前后差多少", "{np}{span}之后"),
    Kind.IS_IT_FINE: ("{vp}，到底行不行", "该不该{vp}", "{vp}之前先想清楚"),
    Kind.FIRST: ("第一次{vp}，要注意什么", "新手{vp}，从哪里开始"),
    Kind.REVIEW: ("{np}用下来怎么样", "{np}值不值得买"),
    Kind.MAKING: ("在家做{np}，一步一步来", "自己动手做{np}，要准备什么"),
    Kind.LIST: ("{rest}的{noun}，哪些最要紧", "{rest}：那些常见{noun}"),
    Kind.TIP: ("不用{without}，怎么{vp}", "{vp}，非要{without}吗"),
    Kind.TROUBLE: ("{clause}，够用吗", "{clause}？换个做法试试"),
    Kind.NAMES: (
        "{tag}开始拼{tag2}：{n1}、{n2}怎么选",
        "{count}款新品都冲着{tag}来：{n1}、{n2}和{n3}",
        "{n1}和{n2}都在讲{tag}，区别在哪",
        "{n1}、{n2}、{n3}都提到{tag}，先看哪一个",
        "从{n1}到{n2}，{tag}有了哪些新选择",
        "{n1}、{n2}和{n3}横向对比：谁更懂{tag}",
        "“{tag}”成了{count}款新品的共同关键词",
        "谁需要{tag}？先看{n1}怎么做",
    ),
}

_EXPLAIN = (
    "做{format}，开头直接给结论，再讲清道理",
    "用{format}把问题说透：怎么做、什么时候做、什么时候不必做",
    "做{format}，按读者的原话提问，最后落到一条好记的准则",
)
_WEIGH = (
    "做{format}，把几家放在一起，各说一个长处和一个短板，最后说清适合谁",
    "用{format}横向比较：解决什么问题、代价是什么、谁该跳过",
    "做{format}，先讲共同点，再讲取舍，结尾给每类读者一个建议",
)
_TELL = (
    "做{format}，从遇到麻烦的那一刻讲起，讲到什么办法管用",
    "用{format}一次只讲一件能马上试的事，并说明理由",
    "做{format}，先讲过程，再讲结果，不美化",
)
OFFERS: dict[Kind, tuple[str, ...]] = {
    **dict.fromkeys((Kind.HOW_TO, Kind.WHY, Kind.ASK, Kind.IS_IT_FINE, Kind.LIST, Kind.TIP), _EXPLAIN),
    **dict.fromkeys((Kind.TRY_OUT, Kind.CHOOSE, Kind.VERSUS, Kind.REVIEW, Kind.NAMES), _WEIGH),
    **dict.fromkeys((Kind.REMEDY, Kind.TRIAL, Kind.FIRST, Kind.MAKING, Kind.TROUBLE, Kind.SUBJECT), _TELL),
}

REASONS = {
    "relevance": "命中{words}；语义相近度{meaning}。",
    "relevance_meaning": "没有直接命中品牌用词，语义相近度{meaning}。",
    "timeliness": "最新一条距今{age}天；最近{span}天{recent}条，之前{span}天{before}条。",
    "timeliness_signal": "最新一条距今{age}天；最近{span}天{recent}条，之前{span}天{before}条；外部信号也指向它。",
    "evidence_strength": "{posts}条内容，{voices}个独立声音，{quotes}处引文；平均热度百分位{engagement}。",
    "audience_fit": "与{persona}共有：{words}；契合度{meaning}。",
    "audience_fit_meaning": "与{persona}没有共同用词，契合度{meaning}。",
    "audience_fit_none": "品牌还没有人物画像可对照。",
    "feasibility": "想法取自一句话，清晰度{quality}（满分1）；可用引文{length}字。",
    "learned": "以往的决定和结果使它变动{effect}分（{sources}）。",
    "learned_none": "关于这个栏目、人群和渠道还没有积累。",
    "winners": "相似的广告曾经胜出：{winners}。",
    "winner": "{ad}（回报{expected}，同系列其他广告{beside}，成果{results}个，相似度{similarity}）",
    "model": "模型评分（满分100）：相关性{relevance}，受众契合{audience}，可行性{feasibility}。",
}
