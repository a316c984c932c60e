"""Chinese function words and phrases, as letter strings: the product does no word segmentation."""

from __future__ import annotations

from kairo.stages.opportunities.rules.lexicon.word_lists import words

STOP_PHRASES = (
    "一个", "一款", "一种", "这个", "这款", "这种", "那个", "我们", "你们", "他们", "它们", "可以", "能够", "如何",
    "什么", "怎么", "为什么", "因为", "所以", "但是", "而且", "以及", "或者", "如果", "就是", "不是", "没有", "需要",
    "使用", "通过", "进行", "提供", "帮助", "支持", "让你", "您的", "你的", "我的", "大家", "已经", "非常", "直接",
    "还是", "还有", "一下", "一起", "之前", "之后", "时候", "现在", "真的", "觉得", "知道", "任何", "所有", "无需",
    "并且", "同时", "适用", "用于", "专为", "基于", "打造", "功能", "用户", "产品", "工具", "平台", "应用",
)  # fmt: skip

GENERIC_TAGS = words(
    """
    免费 免费试用 免费使用 免费软件 人工智能 ai 工具 应用 应用程序 平台 产品 软件 用户体验
    效率 效率提升 快速 无需注册 无需登录
    创新 推荐 分享 好物 种草 干货 日常 生活 测评 数据 文档 连接
    代理 朋友 无需应用 实时更新 智能 自动化 ai技术 ai助手 app mac macos ios iphone android windows
    浏览器 隐私 安全 网络 管理 优惠 促销
    """
)

UNFIT_PHRASES = ("自杀", "色情", "赌博", "去世", "死亡", "强奸", "毒品", "操你", "傻逼", "他妈的", "卧槽")

FIRST_PERSON = ("我们", "我", "咱们", "咱", "俺", "本人", "楼主")

EVENT_PHRASES = (
    "优惠",
    "折扣",
    "促销",
    "打折",
    "双十一",
    "618",
    "春节",
    "中秋",
    "国庆",
    "情人节",
    "限时",
    "首发",
    "上新",
    "新品发布",
    "预售",
)

FUNCTION_LETTERS = (
    "的了是在和与及给把被让用有也都就还而但或从到对为以于等着过不很太更最又再才吗呢吧啊呀嘛你我他她它这那们个些款种之其"
)
"""Letters that join words: a text cut at them falls into the pieces that carry meaning."""
