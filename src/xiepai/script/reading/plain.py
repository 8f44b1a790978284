"""Plain text and Markdown: the encodings Chinese scripts come in, and lines.

UTF-8 and UTF-16 by their marks or by being valid; then GB18030, which reads GBK and GB2312 too, or Big5, whichever
gives more common characters. A text that is only valid by chance (no Chinese sentence comes out) is refused rather
than shown as rubbish.
"""

from __future__ import annotations

import re

from xiepai.script.messages import Code, refuse
from xiepai.script.source import Format, Lines, Source

_LINES = re.compile(r"\r\n|[\n\r\x0c\x85\u2028\u2029]")
_PROBE = 64 * 1024
_COMMON = frozenset(
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夜晨景集客厅"
)

_TRADITIONAL = frozenset(
    "這個們來時會說國為學對裡後麼過還發當經頭長將現實問開沒無場內門聽話見氣點給間進邊帶車動東著嗎妳讓從樣兩師書機電難錢話夢顧總裁廳樓醫語臉聲響誰轉離關愛親媽爺處應該請記認識錯買賣鄉園橋燈號雙單雖卻與並產業體萬歲許終於"
)


def read(data: bytes) -> Source:
    """Read a text."""
    text, encoding = decoded(data)
    lines = Lines()
    lines.extend(_LINES.split(text))
    return Source(Format.TEXT, tuple(lines.lines), encoding=encoding, problems=tuple(lines.problems))


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    >>> [decoded("日 内 客厅".encode(each))[1] for each in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030")]
    ['utf-8', 'utf-8', 'utf-16', 'utf-16-le', 'gb18030']
    >>> decoded("1-1 日 內 客廳\\n△她說：這裡沒有人。".encode("big5"))
    ('1-1 日 內 客廳\\n△她說：這裡沒有人。', 'big5hkscs')
    """
    for mark, encoding, shown in (
        (b"\xef\xbb\xbf", "utf-8-sig", "utf-8"),
        (b"\xff\xfe", "utf-16", "utf-16"),
        (b"\xfe\xff", "utf-16", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding), shown
            except UnicodeDecodeError:
                raise refuse(Code.ENCODING) from None
    found: dict[str, str] = {}
    for encoding in ("utf-16-le", "utf-16-be") if _looks_wide(data) else ("utf-8", "gb18030", "big5hkscs"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or text.isascii():
            return text, encoding
        if _is_chinese(text):
            found[encoding] = text
    if not found:
        raise refuse(Code.ENCODING)
    best = max(found, key=lambda each: _common(found[each]))
    return found[best], best


def _looks_wide(data: bytes) -> bool:
    """UTF-16 without its mark: an even length, and blanks or line ends as two bytes."""
    probe = data[:_PROBE]
    return len(data) % 2 == 0 and (probe[1::2].count(0) > len(probe) // 20 or probe[0::2].count(0) > len(probe) // 20)


def _is_chinese(text: str) -> bool:
    """Whether enough of the Chinese characters are common ones."""
    private = sum("\ue000" <= sign <= "\uf8ff" for sign in text[:_PROBE])
    return _common(text) * 8 >= 1 and private * 20 <= sum(_is_sign(sign) for sign in text[:_PROBE])


def _common(text: str) -> float:
    """The share of common characters, simplified or traditional; two encodings are told apart by it."""
    signs = [sign for sign in text[:_PROBE] if _is_sign(sign)]
    return sum(sign in _COMMON or sign in _TRADITIONAL for sign in signs) / len(signs) if signs else 0.0


def _is_sign(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


def is_binary(data: bytes) -> bool:
    """Whether it is no text in any encoding read here."""
    probe = data[:_PROBE]
    if probe[:2] in (b"\xff\xfe", b"\xfe\xff") or _looks_wide(data):
        return _is_wide_rubbish(data)
    control = sum(sign < 9 or 13 < sign < 32 for sign in probe)
    return b"\x00" in probe or control * 50 > len(probe)


def _is_wide_rubbish(data: bytes) -> bool:
    """Two-byte text that decodes and has no control characters."""
    encoding = (
        "utf-16-be" if data[:2] == b"\xfe\xff" or data[0:_PROBE:2].count(0) > data[1:_PROBE:2].count(0) else "utf-16-le"
    )
    text = data[: _PROBE // 2 * 2].decode(encoding, errors="replace")
    rubbish = sum((sign < " " and sign not in "\t\r\n\x0b\x0c") or sign in "\ufffd\uffff" for sign in text)
    return rubbish * 50 > len(text)
