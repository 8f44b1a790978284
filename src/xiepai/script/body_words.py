"""Patterns of lines below a heading: action, speech, titles, transitions, props and costumes named in passing."""

from __future__ import annotations

import re

ACTION = re.compile(r"^[\s　]*[△▲Δ∆▽◆▼]+\s*(.*)$")
VOICE = r"O\.?S\.?|V\.?O\.?|画外音|画外|独白|内心独白|内心|心声|旁白|电话音|广播音"
SPEECH = re.compile(
    rf"^[\s　]*[【\[]?(?P<who>[^\s:：△（(【\[，。！？、“”\"]{{1,12}}?(?:[、&][^\s:：（(【\[，。]{{1,8}}){{0,4}}?)[】\]]?\s*(?P<voice>{VOICE})?\s*"
    r"(?:[（(【\[](?P<manner>[^）)】\]]{0,40})[）)】\]])?\s*(?:[（(【\[](?P<more>[^）)】\]]{0,40})[）)】\]])?\s*[:：]\s*(?P<text>.*)$",
    re.IGNORECASE,
)
VOICES = {"OS": "OS", "VO": "VO", "画外音": "VO", "画外": "VO", "旁白": "VO", "广播音": "VO", "电话音": "VO"}
IS_VOICE = re.compile(rf"^(?:{VOICE})$", re.IGNORECASE)
TITLE = re.compile(r"^[\s　]*[【\[（(]?\s*(?:字幕|片名|标题|大字幕|人物字幕|OS字幕)\s*[:：]?\s*(.*?)[】\])）]?$")
TRANSITION = re.compile(
    r"^[\s　]*[【\[（(]?\s*(?:切至|切|切入|切回|转场|淡入|淡出|淡出淡入|叠化|黑场|闪白|闪回结束|回忆结束|闪回|回忆|出片名|片头|片尾|定格|空镜|蒙太奇|"
    r"CUT TO|FADE IN|FADE OUT|DISSOLVE TO|SMASH CUT TO)\s*[:：.。]?\s*[】\])）]?$",
    re.IGNORECASE,
)
END = re.compile(
    r"^[\s　—-]*[【\[（(]?\s*(?:本集完|全剧终|剧终|第[0-9一二三四五六七八九十百]+[集回]\s*[完终]|完|THE END)\s*[】\])）]?$",
    re.IGNORECASE,
)
RULE = re.compile(r"^[\s\-—=*_~.…·]+$")
PROPS = re.compile(r"(?:拿出|掏出|取出|递过|递给[^，。]{0,4}|举起|端着|端起|拎着|提着|捧着|抱着|翻开|打开|撕碎|摔碎|扔下|放下|攥着|握着|拿着|拿起|接过|抢过|递上|举着)"
                    r"(?:一|两|三|几|那|这|自己的|他的|她的)?(?:[张把个只份部块束支本封瓶杯条枚叠沓袋箱盒卷根串碗盘台件]|摞)?([\u4e00-\u9fff]{1,6}?)"
                    r"(?=[，。、；！…,.（(]|$|给|来|往|向|朝|对|在|走|说|看|放|递|的|就|后|，)")  # fmt: skip
COSTUMES = re.compile(
    r"(?:身穿|身着|穿着|换上|披着|披上|戴着|戴上|头戴|脚踩|一身|穿一身|围着)(?:一|那|这)?(?:[身件套条顶双副袭])?([\u4e00-\u9fff]{2,8}?)(?=[，。、；！…,.（(]|$|的|站|坐|走|从|在|拎|提|推)"
)
NO_PROP = re.compile(
    r"^(?:头|手|脸|眼|身|嘴|门|窗|来|去|他|她|它|你|我|不|了|着|起|下|上|对方|肩膀|脚步|拳头|架子|胳膊|孩子|声音|目光)"
)
NEXT_OF_KIN = re.compile(
    r"^(?:[A-Z0-9甲乙丙丁一二三四五、，&/+和与]|的?(?:父|母|爸|妈|爹|娘|哥|弟|姐|妹|爷|奶|叔|伯|姑|姨|舅|婶|嫂|夫|妻|子|女|儿|孙|太|公|婆|家|氏|府|粉|助|秘|司|保|随|侍|丫|管|手|师|徒|同|朋|队|老|小|经|店|总|董|律|医|护))"
)
"""After a name these begin another person or part of one: 苏晚母亲, 陆沉助理, 苏晚A."""

CUE = re.compile(
    r"[\u4e00-\u9fff]{1,3}[A-Za-z]{1,10}|[\u4e00-\u9fff·]{2,6}(?:[*×xX]\s?\d{1,2}|[A-Z0-9])?|[A-Z][A-Z .'’]{1,23}"
)
ALONE = re.compile(r"(.{1,24}?)\s*(?:[（(]\s*([^（()）]{1,20})\s*[）)])?")
HINT = re.compile(r"[（(][^（()）]{1,40}[）)]")
