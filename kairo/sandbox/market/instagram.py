"""Posts in the shape of Apify's instagram-scraper, with the traps that its real records hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kairo.sandbox.market.authors import Author
from kairo.sandbox.market.comments import Comment, latest_comments
from kairo.sandbox.market.records import Record, author_id, instagram_code, iso, media_url, sound_id
from kairo.sandbox.market.transcripts import transcript_of

if TYPE_CHECKING:
    from kairo.sandbox.market.post import MarketPost

_MENTION = re.compile(r"@(\w[\w.]*\w)")
_TYPES = {"image": "Image", "carousel": "Sidecar", "video": "Video"}
_LIKES_HIDDEN = -1
_PLACE_PERCENT = 14


def instagram_record(post: MarketPost, *, input_url: str | None, is_pinned: bool) -> Record:
    """Return the record of one post.

    Likes are -1 where the author hides them. The owner of a co-authored post is its author, whoever's profile was
    scraped. Media addresses carry the time at which they expire.
    """
    media_id, second = int(post.id), int(post.published_at.timestamp())
    code, shown = instagram_code(media_id), latest_comments(post)
    tag = post.backdrop.subject.file.hashtags["en"].split()[0]
    record: Record = {
        "inputUrl": input_url or f"https://www.instagram.com/explore/tags/{tag}/",
        "id": post.id,
        "type": _TYPES[post.media],
        "shortCode": code,
        "caption": post.caption,
        "hashtags": list(post.hashtags),
        "mentions": list(dict.fromkeys(_MENTION.findall(post.caption))),
        "url": post.url,
        "commentsCount": post.comments,
        "firstComment": shown[-1].text if shown else "",
        "latestComments": [_comment(comment, second) for comment in shown],
        "dimensionsHeight": 1350,
        "dimensionsWidth": 1080,
        "displayUrl": media_url(second, f"{code}_n.jpg"),
        "images": [],
        "alt": _alt(post),
        "likesCount": _LIKES_HIDDEN if post.author.hides_likes else post.likes,
        "timestamp": iso(second),
        "childPosts": [],
        "ownerFullName": post.author.shown_name,
        "ownerUsername": post.author.handle,
        "ownerId": author_id(post.author.key, "instagram"),
        "isSponsored": post.is_advert,
        "isPinned": is_pinned,
        "isCommentsDisabled": False,
    }
    return record | _place(post) | _carousel(post, code, second) | _video(post, code, second)


def _comment(comment: Comment, second: int) -> Record:
    return {
        "id": str(17_800_000_000_000_000 + comment.key % 10**14),
        "text": comment.text,
        "ownerUsername": comment.author.handle,
        "ownerProfilePicUrl": media_url(second, f"{comment.author.handle}_s150.jpg"),
        "timestamp": iso(second + comment.seconds_later),
        "repliesCount": 0,
        "replies": [],
        "likesCount": comment.likes,
        "owner": _account(comment.author, second),
    }


def _account(author: Author, second: int) -> Record:
    return {
        "id": author_id(author.key, "instagram"),
        "is_verified": author.is_verified,
        "profile_pic_url": media_url(second, f"{author.handle}_s150.jpg"),
        "username": author.handle,
    }


def _alt(post: MarketPost) -> str | None:
    if post.media == "video" or post.chance(8).percent(25):
        return None
    who = post.author.shown_name or post.author.handle
    seen = post.chance(9).pick(post.topic.keywords)
    return f"Photo by {who} on {post.published_at:%B %d, %Y}. May be an image of {seen}."


def _place(post: MarketPost) -> Record:
    chance = post.chance(10)
    if not chance.percent(_PLACE_PERCENT):
        return {}
    places = [*post.backdrop.subject.file.places, post.author.home.english]
    name = chance.pick(places)
    return {"locationName": name, "locationId": sound_id(name)[:15]}


def _carousel(post: MarketPost, code: str, second: int) -> Record:
    if post.media != "carousel":
        return {}
    chance = post.chance(11)
    children: list[Record] = [
        {
            "id": str(int(post.id) + 1 + number),
            "type": "Image",
            "shortCode": instagram_code(int(post.id) + 1 + number),
            "caption": "",
            "url": f"https://www.instagram.com/p/{instagram_code(int(post.id) + 1 + number)}/",
            "displayUrl": media_url(second, f"{code}_{number}_n.jpg"),
            "images": [],
            "alt": None,
            "likesCount": None,
            "timestamp": None,
            "childPosts": [],
            "ownerId": None,
        }
        for number in range(chance.between(2, 7))
    ]
    return {"childPosts": [*children], "images": [child["displayUrl"] for child in children]}


def _video(post: MarketPost, code: str, second: int) -> Record:
    """Return what videos add: views count three seconds of watching, plays every start, so that plays are more."""
    seconds = post.seconds_long
    if seconds is None:
        return {"taggedUsers": [], "coauthorProducers": [*_coauthors(post, second)]}
    chance, sound, transcript = post.chance(12), post.sound, transcript_of(post)
    own = sound is None
    record: Record = {
        "videoUrl": media_url(second, f"{code}.mp4"),
        "videoViewCount": post.plays * chance.between(38, 82) // 100,
        "videoPlayCount": post.plays,
        "videoDuration": seconds + chance.below(1000) / 1000,
        "productType": "clips",
        "musicInfo": {
            "artist_name": post.author.handle if sound is None else sound.author,
            "song_name": "Original audio" if sound is None else sound.title,
            "uses_original_audio": own,
            "should_mute_audio": False,
            "should_mute_audio_reason": "",
            "audio_id": sound_id(f"own {post.id}" if sound is None else sound.title),
        },
        "taggedUsers": [],
        "coauthorProducers": [*_coauthors(post, second)],
    }
    return record | ({"transcript": transcript} if transcript else {})


def _coauthors(post: MarketPost, second: int) -> list[Record]:
    return [_account(post.coauthor, second)] if post.coauthor else []
