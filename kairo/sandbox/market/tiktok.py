"""Posts in the shape of Apify's clockworks/tiktok-scraper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kairo.sandbox.market.authors import Author
from kairo.sandbox.market.records import Record, author_id, iso, media_url, sound_id
from kairo.sandbox.market.transcripts import subtitles, transcript_of

if TYPE_CHECKING:
    from kairo.sandbox.market.post import MarketPost

_MENTION = re.compile(r"@(\w[\w.]*\w)")
_SHORTEST_KNOWN_LANGUAGE = 14
_SUBTITLE_LANGUAGES = {"en": "eng-US", "ru": "rus-RU"}


def tiktok_record(post: MarketPost, *, input_query: str | None, is_pinned: bool) -> Record:
    """Return the record of one video. Subtitles are links that expire; `transcript` holds them where they were read.

    The language of very short texts is "un": TikTok does not guess it.
    """
    second, seconds = int(post.published_at.timestamp()), post.seconds_long or 0
    transcript = transcript_of(post)
    mentions = list(dict.fromkeys(_MENTION.findall(post.caption)))
    record: Record = {
        "id": post.id,
        "text": post.caption,
        "textLanguage": post.language if len(post.caption) >= _SHORTEST_KNOWN_LANGUAGE else "un",
        "createTime": second,
        "createTimeISO": iso(second),
        "isAd": post.is_advert,
        "authorMeta": _author(post.author, second),
        "musicMeta": _music(post, second),
        "webVideoUrl": post.url,
        "mediaUrls": [],
        "videoMeta": _video(post, second, seconds, has_subtitles=transcript is not None),
        "diggCount": post.likes,
        "shareCount": post.shares,
        "playCount": post.plays,
        "collectCount": post.saves,
        "commentCount": post.comments,
        "mentions": list(mentions),
        "detailedMentions": [],
        "hashtags": [{"name": tag} for tag in post.hashtags],
        "effectStickers": [],
        "isSlideshow": False,
        "isPinned": is_pinned,
        "isSponsored": False,
        "input": input_query or post.backdrop.subject.file.hashtags["en"].split()[0],
    }
    return record | ({"transcript": subtitles(transcript, seconds)} if transcript else {})


def _author(author: Author, second: int) -> Record:
    return {
        "id": author_id(author.key, "tiktok"),
        "name": author.handle,
        "profileUrl": f"https://www.tiktok.com/@{author.handle}",
        "nickName": author.shown_name or author.handle,
        "verified": author.is_verified,
        "signature": author.home.english if author.key % 3 == 0 else "",
        "bioLink": None,
        "avatar": media_url(second, f"{author.handle}_720x720.jpeg"),
        "privateAccount": False,
        "fans": author.followers,
        "following": author.following,
        "friends": author.following // 3,
        "heart": author.followers * (9 + author.key % 22),
        "video": 20 + author.key % 380,
        "digg": author.key % 4000,
    }


def _music(post: MarketPost, second: int) -> Record:
    sound = post.sound
    title = f"original sound - {post.author.handle}" if sound is None else sound.title
    number = sound_id(f"own {post.id}" if sound is None else sound.title)
    return {
        "musicName": "original sound" if sound is None else sound.title,
        "musicAuthor": (post.author.shown_name or post.author.handle) if sound is None else sound.author,
        "musicOriginal": sound is None,
        "musicAlbum": None if sound is None else title,
        "playUrl": media_url(second, f"{number}.mp3"),
        "coverMediumUrl": media_url(second, f"{number}_200x200.jpeg"),
        "musicId": number,
    }


def _video(post: MarketPost, second: int, seconds: int, *, has_subtitles: bool) -> Record:
    link: Record = {
        "language": _SUBTITLE_LANGUAGES[post.language],
        "downloadLink": media_url(second, f"{post.id}.vtt"),
        "tiktokLink": media_url(second, f"{post.id}.webvtt"),
        "source": "ASR",
        "sourceUnabbreviated": "automatic speech recognition",
        "version": "1:whisper",
    }
    return {
        "height": 1024,
        "width": 576,
        "duration": seconds,
        "coverUrl": media_url(second, f"{post.id}.jpeg"),
        "definition": "540p",
        "format": "mp4",
        "subtitleLinks": [link] if has_subtitles else [],
    }
