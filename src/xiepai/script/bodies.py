"""The lines below a heading: what happens (△), who speaks and how (OS, VO, hints), who is there, what is needed.

Every line becomes one paragraph and none is lost. A speaker is taken for a role only if the name looks like one;
voices from elsewhere (VO, 画外音) put nobody on the set.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from xiepai.script import words
from xiepai.script.body_words import (
    ACTION,
    ALONE,
    COSTUMES,
    CUE,
    END,
    HINT,
    IS_VOICE,
    NEXT_OF_KIN,
    NO_PROP,
    PROPS,
    RULE,
    SPEECH,
    TITLE,
    TRANSITION,
    VOICES,
)
from xiepai.script.people import Names, names_of, role
from xiepai.script.scenes import Paragraph, Part
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain, restored, simplified, unadorned
from xiepai.script.words import NO_NAME

CUES = 3
"""How often a name must stand alone before it is taken for a cue."""
LONGEST_CUE = 40
ALWAYS_CUES = frozenset(("旁白", "画外音", "NARRATOR"))


@dataclass(slots=True)
class Body:
    """What the lines of a scene say."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    props: list[str] = field(default_factory=list)
    costumes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    summary: str = ""
    last_line: int = 0
    cues: frozenset[str] = frozenset()


def cues_of(lines: Sequence[Line], openings: Iterable[int] = ()) -> frozenset[str]:
    """Names that stand on lines of their own, each with something below: the cues of a centred script.

    ``openings`` are the last lines of the headings: a name may speak directly below one.
    """
    alone = [
        (at, name)
        for at, (line, following) in enumerate(pairwise(lines))
        if line.kind is Kind.PLAIN and following.text.strip() and (name := _alone(line.text))
    ]
    found = Counter(name for _at, name in alone)
    often = {name for name, count in found.items() if count >= CUES and not _no_name(name)}
    if not often:
        return ALWAYS_CUES
    starts = set(openings)
    return (
        ALWAYS_CUES
        | often
        | {name for at, name in alone if (at - 1 in starts or not lines[at - 1].text.strip()) and not _no_name(name)}
    )


def _alone(text: str) -> str:
    """The name on a line that holds nothing else, but perhaps a hint."""
    if len(text) > LONGEST_CUE:
        return ""
    match = ALONE.fullmatch(text.strip())
    return match[1] if match and CUE.fullmatch(match[1]) else ""


def _no_name(name: str) -> bool:
    return bool(NO_NAME.search(name) or words.SPANS.match(name) or words.THING.search(name))


def body_of(
    lines: Sequence[Line], cast: str = "", labelled: Iterable[tuple[str, str]] = (), cues: frozenset[str] = frozenset()
) -> Body:
    """Read the lines of one scene; ``cast`` and ``labelled`` come from its heading, ``cues`` from the whole script."""
    body = Body(cues=cues)
    if cast:
        body.names.take(cast)
    for name, value in labelled:
        _label(name, value, body)
    cue: Paragraph | None = None
    for line in lines:
        if not line.text.strip():
            continue
        body.last_line = line.number
        cue = _line(line, cue, body)
    _cues(body)
    return body


def _line(line: Line, cue: Paragraph | None, body: Body) -> Paragraph | None:
    """Take one line; a cue waits for its speech."""
    if line.kind is Kind.CUE:
        return _cue(line)
    if cue and (line.kind is Kind.MANNER or (line.kind is Kind.PLAIN and HINT.fullmatch(line.text.strip()))):
        return _hinted(cue, line)
    if line.kind is Kind.SPEECH and cue:
        _say(Paragraph(Part.SPEECH, line.text.strip(), cue.line, cue.who, cue.voice, cue.manner), body)
        return replace(cue, text=line.text)
    if line.kind is Kind.PLAIN and (alone := ALONE.fullmatch(line.text.strip())) and _is_cue(alone[1], body):
        return _cue(Line(line.number, alone[1], Kind.CUE, alone[2] or ""))
    if line.kind is Kind.PLAIN and cue and cue.line == line.number - 1 and not ACTION.match(line.text):
        _say(Paragraph(Part.SPEECH, line.text.strip(), cue.line, cue.who, cue.voice, cue.manner), body)
        return None
    if cue and not cue.text and line.kind is Kind.PLAIN:
        body.paragraphs.append(Paragraph(Part.ACTION, cue.who, cue.line))
    _written(line, body)
    return None


def _cue(line: Line) -> Paragraph:
    voice = VOICES.get(line.label.upper().replace(".", ""), "") if line.label else ""
    manner = "" if voice else line.label
    return Paragraph(Part.SPEECH, "", line.number, line.text.strip(), voice, manner)


def _is_cue(text: str, body: Body) -> bool:
    """A line that is nothing but a name: its speech stands below."""
    return text in body.names.cast or text in body.cues


def _hinted(cue: Paragraph, line: Line) -> Paragraph:
    """A cue with the hint that stands below it; a hint may be a voice."""
    hint = line.text.strip("（()） ")
    voice = VOICES.get(hint.upper().replace(".", ""), "")
    manner = cue.manner if voice else hint
    return Paragraph(Part.SPEECH, "", line.number, cue.who, voice or cue.voice, manner)


def _written(line: Line, body: Body) -> None:
    text = line.text.strip().replace("**", "")
    written = plain(text)
    same = words.labels_opened(simplified(written))
    if RULE.match(text) or END.match(text):
        return
    label = words.LABEL.match(same) or (words.LABEL.match(unadorned(same)) if not same[:1].isalnum() else None)
    if label and line.kind is not Kind.SPEECH:
        name = words.field_of(label[1])
        if name not in ("summary", "number"):
            part = Part.CAST if name in ("cast", "crowd", "guests") else Part.NOTE
            body.paragraphs.append(Paragraph(part, text, line.number))
            value, *more = words.INNER_LABEL.split(label[2])
            _label(name, value if same == written else restored(value.strip(), written), body)
            for inner, said in zip(more[::2], more[1::2], strict=True):
                _label(words.field_of(inner), said.strip(), body)
            return
    if match := ACTION.match(text):
        body.paragraphs.append(Paragraph(Part.ACTION, match[1].strip(), line.number))
    elif match := TITLE.match(text):
        body.paragraphs.append(Paragraph(Part.TITLE, match[1].strip(), line.number))
    elif line.kind is Kind.TRANSITION or TRANSITION.match(text):
        body.paragraphs.append(Paragraph(Part.TRANSITION, text.strip("【】[]（）() "), line.number))
    elif line.kind is Kind.PLAIN and (spoken := _speech(text, line.number, body)):
        _say(spoken, body)
    else:
        body.paragraphs.append(Paragraph(Part.ACTION, text, line.number))


def _label(name: str, value: str, body: Body) -> None:
    if name == "cast":
        body.names.take(value)
    elif name == "crowd":
        body.names.crowd.extend(each for each in names_of(value) if each not in body.names.crowd)
    elif name == "guests":
        body.names.guests.extend(each for each in names_of(value) if each not in body.names.guests)
    elif name == "props":
        body.props.extend(names_of(value))
    elif name == "costumes":
        body.costumes.extend(names_of(value))
    elif name == "notes":
        body.notes.append(value)
    elif name == "summary":
        body.summary = value


def _speech(text: str, number: int, body: Body) -> Paragraph | None:
    match = SPEECH.match(text[:400])
    if not match or not match["text"]:
        return None
    who = match["who"].strip()
    hints = [each.strip() for each in (match["manner"], match["more"]) if each and each.strip()]
    voice = match["voice"] or ""
    for hint in list(hints):
        if not voice and IS_VOICE.match(hint):
            voice = hint
            hints.remove(hint)
    who, done = _with_manner(who, body.names.cast)
    hints = [done, *hints] if done else hints
    if not voice and IS_VOICE.match(who):
        who, voice = "旁白", "VO"
    elif not body.names.looks_like_one(who):
        return None
    kind = voice.upper().replace(".", "")
    said = VOICES.get(kind, "OS") if kind else ""
    return Paragraph(Part.SPEECH, text[match.start("text") :].strip(), number, who, said, "，".join(hints))


def _with_manner(who: str, cast: Sequence[str]) -> tuple[str, str]:
    """苏晚叹气: is 苏晚, who sighs; 苏晚妈妈 is somebody else."""
    if who in cast:
        return who, ""
    names = [each for each in cast if len(each) > 1 and who.startswith(each)]
    name = max(names, key=len, default="")
    rest = who[len(name) :]
    return (name, rest) if name and not NEXT_OF_KIN.match(rest) else (who, "")


def _say(spoken: Paragraph, body: Body) -> None:
    body.paragraphs.append(spoken)
    if spoken.voice != "VO":
        for who in re.split(r"[、&/+]", spoken.who):
            body.names.speaker(role(who))


def _cues(body: Body) -> None:
    """Props and costumes named in the action, after those that stand under a label."""
    for paragraph in body.paragraphs:
        if paragraph.part is not Part.ACTION:
            continue
        body.props.extend(each for each in PROPS.findall(paragraph.text) if not NO_PROP.match(each))
        body.costumes.extend(COSTUMES.findall(paragraph.text))
        body.summary = body.summary or paragraph.text[:60]
    if not body.summary and body.paragraphs:
        spoken = [each for each in body.paragraphs if each.part is Part.SPEECH]
        body.summary = f"{spoken[0].who}：{spoken[0].text}"[:60] if spoken else ""
    body.props = list(dict.fromkeys(body.props))
    body.costumes = list(dict.fromkeys(body.costumes))
