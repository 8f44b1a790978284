"""Ways of writing a heading that were written when the reader had learnt from those of ``_contact_styles``.

``LATER`` first, ``LAST`` after the reader had learnt from that too; each was measured before anything was changed
for it.
"""

from __future__ import annotations

from _contact_styles import DEV, ENGLISH_SIDES, ENGLISH_TIMES, HELD, SEALED, Style, pick
from xiepai.script.numerals import chinese

LATER: dict[str, Style] = {
    "d_table_row": Style(
        lambda h: [f"| {h.episode}-{h.number} | {h.at('/')} | {h.short_time} | {h.s} | {h.cast_by('、')} |"],
        3,
    ),
    "d_both_ends": Style(
        lambda h: [f"{h.number}　　{h.sj}　{h.at(' ')} — {h.said_time}　　{h.number}"],
        3,
        body="above",
        running=True,
        episodes="",
        blank_levels=True,
    ),
    "d_day_before": Style(
        lambda h: [
            f"［第{h.rng.randint(1, 7)}天］{h.episode}-{h.number} {h.short_time} {h.s} {h.at('-')}",
            f"出场：{h.cast_by('、')}",
        ],
        3,
        preface=True,
    ),
    "d_act": Style(
        lambda h: [f"第一幕　第{h.zh}场　{h.at('·')}　{h.said_time}　{h.s}", f"人物：{h.cast_by('、')}"],
        3,
        running=True,
        episodes="",
        body="plain",
    ),
    "d_all_in_brackets": Style(
        lambda h: [f"{h.episode}-{h.number}（{h.said_time}，{h.s}，{h.at('·')}）", f"人物：{h.cast_by('、')}"],
        3,
        letters=True,
    ),
    "d_clock": Style(
        lambda h: [
            f"场{h.episode}-{h.number} {h.at('-')} {h.short_time} {h.rng.randint(1, 12)}:{h.rng.randint(10, 59)} {h.s}",
            f"人：{h.cast_by('、')}",
        ],
        3,
        preface=True,
    ),
    "d_place_first": Style(
        lambda h: [f"{h.at('·')}：{h.short_time}{h.s}（{h.episode}-{h.number}）", f"人物：{h.cast_by('、')}"],
        3,
    ),
    "d_hyphens": Style(
        lambda h: [f"{h.episode}-{h.number}-{h.short_time}-{h.s}-{h.at('')}{h.mark}", f"角色：{h.cast_by('、')}"],
        3,
        episodes="第{z}集",
    ),
    "d_s_hash": Style(
        lambda h: [f"S#{h.number}. {h.at(', ')} ({h.said_time}/{h.s})"],
        3,
        running=True,
        episodes="",
        body="above",
        preface=True,
    ),
    "d_four_lines": Style(
        lambda h: [f"{h.episode}-{h.number}", f"{h.short_time}　{h.s}", h.at("-"), h.cast_by("　")],
        3,
        body="plain",
    ),
    "d_two_tongues": Style(
        lambda h: [
            f"SCENE {h.number} - {ENGLISH_SIDES[h.side]}. {h.at('/')} - {ENGLISH_TIMES[h.time]} {h.short_time}",
            f"CAST: {h.cast_by(', ')}",
        ],
        3,
        episodes="EPISODE {n}",
    ),
    "d_bar_labels": Style(
        lambda h: [
            f"场号｜{h.episode}-{h.number}　地点｜{h.at('-')}　时间｜{h.said_time}　内外｜{h.s}",
            f"人物｜{h.cast_by('、')}",
        ],
        3,
    ),
    "d_joined_to": Style(
        lambda h: [
            f"{h.episode}-{h.number} {h.said_time} {h.s} {h.at('-')}{pick(h, '', '（与前场连戏）', '（补）', ' 连场')}",
            f"【出场人物】{h.cast_by('、')}",
        ],
        3,
        preface=True,
    ),
    "d_slashes": Style(
        lambda h: [f"{h.episode}-{h.number}/{h.short_time}/{h.s}/{h.at('·')}/{h.cast_by(' ')}"],
        3,
    ),
}
LAST: dict[str, Style] = {
    "e_classic": Style(
        lambda h: [f"{h.number}．{h.at('')}　　　　　　{h.short_time}　　{h.s}", f"　　{h.cast_by('、')}"],
        4,
        running=True,
        episodes="第{z}集",
        preface=True,
    ),
    "e_columns": Style(
        lambda h: [f"{h.episode}\t{h.number}\t{h.short_time}\t{h.s}\t{h.at('-')}\t{h.cast_by('，')}"],
        4,
        body="plain",
    ),
    "e_year": Style(
        lambda h: [
            f"{h.episode}-{h.number} {pick(h, '', '【2019年】', '【十年前】')}{h.short_time} {h.s} {h.at(' ')}",
            f"出场人物：{h.cast_by('、')}",
        ],
        4,
        blank_levels=True,
    ),
    "e_reverse": Style(
        lambda h: [f"{h.at('·')}，{h.s}，{h.said_time}，{h.episode}-{h.number}。", f"人物：{h.cast_by('、')}。"],
        4,
        preface=True,
    ),
    "e_letters": Style(
        lambda h: [
            f"{h.episode}-{h.number} {h.time[0].upper()}/{ENGLISH_SIDES[h.side]} {h.at('-')}",
            f"CAST：{h.cast_by('、')}",
        ],
        4,
        only_day_and_night=True,
    ),
    "e_long_place": Style(
        lambda h: [
            f"{h.episode}-{h.number} {h.said_time} {h.s} {h.at('')}{pick(h, '', '门外的走廊上', '靠窗的位置')}",
            f"人物：{h.cast_by('、')}",
        ],
        4,
        letters=True,
    ),
    "e_place_line": Style(
        lambda h: [f"【{h.at('·')}】", f"（{h.said_time}，{h.s}）", f"人物：{h.cast_by('、')}"],
        4,
        numbered=False,
    ),
    "e_md_list": Style(
        lambda h: [f"- **场{h.number}**｜{h.at('·')}｜{h.glued}｜人物：{h.cast_by('、')}"],
        4,
        body="markdown",
        episodes="## 第{n}集",
    ),
    "e_zeros": Style(
        lambda h: [
            f"第{h.episode:02}集-{int(h.number):02}场 {h.at('-')} {h.short_time} {h.s}",
            f"（出场：{h.cast_by('、')}）",
        ],
        4,
        preface=True,
    ),
    "e_colons": Style(
        lambda h: [f"场{h.number}：{h.said_time}：{h.s}：{h.at('-')}{h.mark}", f"演员：{h.cast_by('、')}"],
        4,
        running=True,
    ),
    "e_words": Style(
        lambda h: [
            f"第{chinese(h.episode)}集第{h.zh}场：{h.at('·')}（{h.said_time}·{h.sj}）",
            f"人物　{h.cast_by('　')}",
        ],
        4,
        body="boxed",
    ),
    "e_bullet": Style(
        lambda h: [f"• 场次 {h.number} ｜ {h.short_time} ｜ {h.s} ｜ {h.at(' ')}", f"• 人物 ｜ {h.cast_by(' ')}"],
        4,
        blank_levels=True,
        body="above",
    ),
}
"""Written last, by one who knew what the reader had learnt; measured before anything was changed for them."""
STYLES = DEV | HELD | SEALED | LATER | LAST
