"""What stages say in English sentences, said in the reader's language: advice, verdicts, reasons of refusals, errors.

A stage knows no reader. Its sentences are recognised here by their form, {name} standing for whatever it filled in; one
that no form fits is shown as it is.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as marked

_SOURCE_LANGUAGE = "en"

FORMS = (
    # Advice
    marked(
        "Connect more profiles, hashtags or feeds, or import a file with more posts ({command}), until at "
        "least {items} items lie in the window."
    ),
    marked(
        "Connect sources whose posts carry captions or text, or import a file that has a text column, until "
        "at least {texts} items have text."
    ),
    marked(
        "Connect a profile or hashtag on {platforms}, or import an export of one, or change the platforms in "
        "the brand's settings."
    ),
    marked(
        "Import the videos again with their transcripts (subtitles or the transcript field), until {share} "
        "of them have one."
    ),
    marked("Run the connected sources again, or import posts published in the {days} days before the run."),
    marked("Connect or import posts with longer texts: at least {items} of {characters} characters or more."),
    marked(
        "Connect competitors' profiles, hashtags or searches, or import posts by others, until at least "
        "{authors} authors speak."
    ),
    marked("Import posts with their own address (the url field), until {urls} different ones can be cited."),
    marked(
        "Connect or import sources with posts of their own, and pause those that repeat others, until less "
        "than {share} of the items are repeats."
    ),
    marked(
        "Connect or import posts that say something in words, not only hashtags, emoji or links, until at "
        "least {share} of the items do."
    ),
    marked("Nothing was found for this brand in the window."),
    marked(
        "Connect a profile, hashtag or feed on {platforms}, or import a file ({command}) with at least "
        "{items} posts, some published in the {days} days before the run."
    ),
    marked(
        "Connect a profile, hashtag or feed, or import a file ({command}) with at least {items} posts, some "
        "published in the {days} days before the run."
    ),
    # Verdicts of gates
    marked("{found} items found, need {needed}"),
    marked("{found} items with text, need {needed}"),
    marked("{found} items with {characters} characters or more, need {needed}"),
    marked("{found} distinct URLs, need {needed}"),
    marked("{found} distinct authors, need {needed}"),
    marked("{found} items younger than {days} days (the newest is {age} days old), need {needed}"),
    marked("{found} items younger than {days} days, need {needed}"),
    marked("no platform found, need at least one of {platforms}"),
    marked("{found} found, need at least one of {platforms}"),
    marked("no platform found, any will do"),
    marked("{found} found, any will do"),
    marked("{share} of {videos} video items have a transcript, need {needed}"),
    marked("no video items, so no transcript is missing"),
    marked("these sources have no author field"),
    marked("{share} of the items repeat another ({repeats} of {items}), need less than {needed}"),
    marked("{share} of the items hold real content ({real} of {items}), need {needed}"),
    # Why a record is refused
    marked("the record could not be read"),
    marked("the record has no id of its own"),
    marked("the id is a number that has lost digits; write ids as text"),
    marked("the id is longer than {count} characters"),
    marked("a spreadsheet shortened the id to {id}: its digits are lost; write ids as text"),
    marked("the record does not name its platform"),
    marked("{name} is not the name of a platform"),
    marked("the record holds bytes that are no characters in the file's encoding"),
    marked("the row holds bytes that are no characters in the file's encoding"),
    marked("the record is not valid JSON: {why}"),
    marked("the record is nested too deep to be read"),
    marked("the record is larger than {count} bytes"),
    marked("the row has {cells} cells, the headings are {headings}"),
    marked("the record is not an object with named fields"),
    marked("the file goes on with what is no record; that was not read"),
    marked("the file ends in the middle of its list"),
    marked("the file breaks off here, what follows was not read: {why}"),
    marked("the record has no title, no text and no transcript"),
    marked("the entry has no title and no text"),
    marked("the record describes a community or a user, not a post"),
    marked("the status boosts another one: {address}"),
    marked("the status was not said in public"),
    marked("the answer does not say of which video it is"),
    marked("transcripts are disabled for the video {id}"),
    marked("the transcript has no segment with a text"),
    marked("the post was deleted or its author blocks the reader"),
    marked("the record is a repost; the post itself is not of this feed's author"),
    marked("the record holds no post"),
    marked("the source reported {error}"),
    marked("the record is not one of {format}: it has the fields {fields}"),
    marked("lists and objects lie in each other more than {count} deep"),
    marked("{field} is not a text"),
    marked("{field} is a number of thousands of digits, not a text"),
    marked("{field} has {found} characters, more than {most}"),
    marked("{field} is negative: a count cannot be"),
    marked("{field} is larger than any count"),
    marked("{field} is true or false, not a number"),
    marked("{field} is not a number"),
    marked("{field} is {value}, not a whole number"),
    marked("{field} is {value}, not a number"),
    marked("{field} is not a date"),
    marked("{field} is {value}, not a date (write it like {example})"),
    marked("{field} is {value}, not a day of the calendar"),
    marked("{field} is {value}: day or month first? Say date_order: day_first or month_first in a mapping"),
    marked("{field} is too long for a date"),
    marked("{field} is {value}: {readings}? Write it without separators"),
    marked("{field} lies outside the calendar"),
    marked("{field} is {day}, in the future"),
    marked("{field} is {day}, before {year}"),
    marked("{field} lies before {year}"),
    marked("{field} is too large a number for a date"),
    marked("its author was erased on request: nothing of theirs is taken in again"),
    # Why a file is refused
    marked("{file} is empty"),
    marked("{file} has {size} bytes; a file may have {most}. Send it in parts, or compressed (.gz)."),
    marked("{file} is not a text file"),
    marked("{file} holds no records"),
    marked("{file} is in an encoding that cannot be told: save it as UTF-8"),
    marked("{file}: no record can be read; the first one: {reason}"),
    marked("{file}: the first row holds no headings that can be read"),
    marked("{file} has no heading {headings}, which the mapping names; it has the fields {fields}"),
    marked("{file} does not fit the mapping, which looks for {headings}; its first record has the fields {fields}"),
    marked("{file} is not in the format {format}; its first record has the fields {fields}, as {other} has"),
    marked("{file} is not in the format {format}; its first record has the fields {fields}"),
    marked(
        "{file} fits no known format; its first record has the fields {fields}. Known are {formats}. Name "
        "the columns with a mapping, or use the headings of the generic format"
    ),
    marked("a mapping is for the generic format, not for {format}"),
    marked("there is no format {format}; known are {formats}"),
    marked("the mapping names {names}; our fields are {fields}"),
    marked('the mapping does not say where to find {fields} (a heading, or "=value" for the same value everywhere)'),
    marked("The file of this import is not kept any more: send it again."),
    marked("The import was cancelled."),
    # Knowledge: what to bring for a gather, what a department lacks, and why a document or a statement is refused
    marked(
        "There is nothing to gather from. Upload what you know of the brand (Markdown, PDF, text, a web page): "
        "{command}, or import posts with {other}. Then start the gather again."
    ),
    marked(
        "Nothing in the material bears on the aspects of the departments. Upload documents that speak of them: "
        "who buys and why, what is sold, how it differs, how the brand speaks and looks, where it is seen."
    ),
    marked("Nothing is known about: {aspect}."),
    marked("Only one item speaks of: {aspect}."),
    marked("Few figures, names or reasons: add sources that say how much, how often, why."),
    marked("Some items do not belong here, repeat or contradict each other."),
    marked("Hardly anything says what to do: add guidelines, prices, dates, channels."),
    marked("{file} is empty: choose the file again."),
    marked("{file} has {size} bytes; a document may have {most}. Send the part that matters."),
    marked("{file} holds no text: there is nothing in it that could be cited."),
    marked("{file} holds {found} characters of text, and {most} are taken: send it in parts."),
    marked("{file} is not text in UTF-8 (byte {place}): save it with that encoding, or as PDF, and send that."),
    marked("{file} is no text but data of some program: send PDF, Markdown or plain text."),
    marked("Statements of this brand cite the document: it stays, so that each keeps its source."),
    marked("A brand keeps at most {count} documents: delete some first."),
    marked("There is no such document."),
    marked("There is no such statement in this brand's knowledge."),
    marked("Somebody changed or removed this statement first. Reload the page to see it."),
    marked("This statement counts already: somebody put it back first."),
    marked("This statement was edited: change what was said instead."),
    marked("Say something: an empty statement says nothing. To take it out, remove it."),
    marked("A statement holds at most {count} characters: shorten it."),
    # Why something cannot be shown or done
    marked("There is no such brand in your account."),
    marked("There is no such evidence item."),
    marked("There is no such import."),
    marked("There is no such surface."),
    marked("There is no such chat."),
    marked("There is no such cluster."),
    marked("There is no such analysis."),
    marked("There is nothing to look for: give at least one word."),
    marked("A search holds at most {count} characters: shorten it."),
    marked("There is no such board."),
    marked("There is no such board of this brand."),
    marked("There is no job {job}."),
    marked("Job {job} has ended: {state}."),
    marked("Job {job} is {state}: only a failed or cancelled job can be started over."),
    marked("Too many tokens that are not valid came from your address. Try again in {count} seconds."),
    marked("Your role is viewer: it may read, not change. Ask an owner for the role editor."),
    # Notes of a job's progress; the last, for they fit much
    marked("{count} items"),
    marked("{count} records"),
    marked("{count} opportunities"),
    marked("as of {day}"),
)
_HOLE = re.compile(r"\{(\w+)\}")


def told(text: str) -> str:
    """Return a stage's sentence in the reader's language, or as it is where no form fits."""
    language = get_language() or _SOURCE_LANGUAGE
    if not text or language.partition("-")[0] == _SOURCE_LANGUAGE:
        return text
    for form, pattern in _patterns():
        if found := pattern.fullmatch(text):
            filled = {name: told(value) for name, value in found.groupdict().items()}
            return gettext(form).format(**filled)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((form, re.compile(_pattern(form), re.DOTALL)) for form in FORMS)


def _pattern(form: str) -> str:
    parts = _HOLE.split(form)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
