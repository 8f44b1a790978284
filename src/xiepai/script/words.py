"""The words of scene headings: times of day, inside and outside, labels, and the words that only look like them.

One table a kind. Whatever the grammar believes about a word stands here; the grammar itself knows no Chinese.
"""

from __future__ import annotations

import re

from xiepai.script.scenes import Side, Time


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


TIMES: dict[str, Time] = {
    **dict.fromkeys(("日", "白天", "日景", "上午", "中午", "正午", "下午", "午后", "午间", "白日", "日间", "午", "日戏", "大白天", "晌午", "白昼", "辰时", "巳时", "午时", "未时", "申时"),
                    Time.DAY),
    **dict.fromkeys(("夜", "夜景", "晚", "晚上", "夜晚", "深夜", "半夜", "午夜", "夜间", "入夜", "夜里", "凌晨", "晚间", "子夜",
                     "后半夜", "雨夜", "雪夜", "当晚", "当夜", "月夜", "夜戏", "大半夜", "三更", "黑夜", "夜半", "夜深", "三更半夜", "子时", "丑时", "寅时", "戌时", "亥时"), Time.NIGHT),
    **dict.fromkeys(("晨", "清晨", "早晨", "早上", "黎明", "拂晓", "破晓", "清早", "一早", "大清早", "早", "天亮", "日出", "晨景", "晨戏", "天刚亮", "大早上", "卯时", "早晨时分", "天蒙蒙亮"),
                    Time.DAWN),
    **dict.fromkeys(("昏", "黄昏", "傍晚", "日落", "暮", "日暮", "夕阳", "落日", "薄暮", "酉时", "掌灯", "傍黑", "擦黑", "天擦黑", "昏景", "昏戏", "黄昏戏", "太阳下山"), Time.DUSK),
    **dict.fromkeys(("日转夜", "夜转日", "由日转夜", "由夜转日", "由日入夜", "日夜", "昼夜", "夜转晨", "昏转夜", "日转昏", "晨转日"), Time.CHANGING),
    **dict.fromkeys(("DAY", "AFTERNOON", "NOON", "MIDDAY"), Time.DAY),
    **dict.fromkeys(("NIGHT", "MIDNIGHT", "EVENING", "LATE NIGHT"), Time.NIGHT),
    **dict.fromkeys(("DAWN", "MORNING", "SUNRISE", "EARLY MORNING"), Time.DAWN),
    **dict.fromkeys(("DUSK", "SUNSET", "TWILIGHT", "MAGIC HOUR"), Time.DUSK),
}  # fmt: skip
SEASONS = _set(
    "春 夏 秋 冬 初春 早春 仲春 暮春 初夏 盛夏 仲夏 初秋 深秋 秋末 初冬 寒冬 隆冬 严冬 春季 夏季 秋季 冬季 春天 夏天 秋天 冬天 春节 除夕 元宵"
)
SEASON = re.compile(r"^(?:[初早仲盛深暮晚隆严残]?[春夏秋冬][初末季天]?){1,2}$")
_SEASONED = {
    f"{season}{light}": (season, TIMES[light])
    for season in "春夏秋冬晴阴雨雪"
    for light in "日夜晨昏"
    if f"{season}{light}" not in TIMES
}
TIMES |= {
    f"{each}时分": TIMES[each]
    for each in ("黄昏", "傍晚", "清晨", "凌晨", "深夜", "午夜", "黎明", "拂晓", "正午", "掌灯", "日落", "入夜")
}
LATER_DAY = re.compile(
    rf"^(翌日|次日|第二[天日]|隔[天日]|当[天日]|同[天日]|今[天日]|昨[天日]|.{{1,3}}[天日年月周]后)({'|'.join(each for each in TIMES if len(each) > 1 and not each.isascii())}|[日夜晨昏晚])$"
)
"""第二天早上: the light of another day."""
ALONE_TIMES: dict[str, Time] = {"白": Time.DAY, **{word: time for word, (_, time) in _SEASONED.items()}}
"""Words that are a light only where they stand alone: 白/内, but not 李白内; 夏日, but not 夏日咖啡馆."""
SIDES: dict[str, Side] = {
    **dict.fromkeys(("内", "内景", "室内", "屋内", "内戏", "INT", "INTERIOR", "INSIDE"), Side.INSIDE),
    **dict.fromkeys(("外", "外景", "室外", "屋外", "户外", "外戏", "EXT", "EXTERIOR", "OUTSIDE"), Side.OUTSIDE),
    **dict.fromkeys(
        ("内外", "外内", "内外景", "室内外", "屋内外", "内转外", "外转内", "INT/EXT", "EXT/INT", "I/E"), Side.BOTH
    ),
}


SETTINGS = _set(
    """
    闪回 回忆 梦境 梦 幻想 想象 幻觉 蒙太奇 空镜 航拍 插入镜头 插叙 倒叙 平行蒙太奇 交叉蒙太奇 组接 快剪
    转场 监控画面 监控视角 手机画面 视频通话 电话 现实 现在 回到现在 同时 与此同时 稍后 稍晚 不久 之后 不久后 片刻 片刻后 次日 翌日 第二天
    隔天 同上 接上场 连场 续 连续 前世 今生 重生 过去 当年 闪回结束 意识流 黑场 主观视角 备用 删 备场 补
    近 远 全 特 远景 近景 中景 全景 特写 大远景 大全景 中近景 中全景 小全景 大特写 大景 特景 俯拍 仰拍 主观镜头 雨戏 绿幕 棚拍 实景 加场 FLASHBACK DREAM MONTAGE CONTINUOUS LATER SAME INTERCUT AERIAL
    """
)
STORM = re.compile(r"(?:将至|将临|交加|大作|倾盆|淅沥|纷飞|密布|雷鸣|如注|瓢泼|漫天)$")
"""How the weather is told: 暴雨将至, 大雪纷飞."""
WEATHER = SEASONS | _set(
    """
    晴 阴 雨 雪 雾 大雨 小雨 暴雨 细雨 大雪 小雪 大雾 风 大风 雷雨 雷电 多云 台风 阴天 晴天 雨天 雪天
    """
)
SPANS = re.compile(
    r"^(?:[0-9一二三四五六七八九十百两几数半多]+(?:天|日|年|个?月|周|个?星期|个?小时|个?时辰|分钟|载|个?礼拜)(?:多)?(?:之)?(?:前|后)"
    r"|[0-9〇零一二三四五六七八九]{4}年(?:[^\s]{0,4}[季月])?|第[一二三四五六七八九十0-9]+(?:天|日|年)"
    r"|[0-2]?\d:[0-5]\d|[0-2]?\d点(?:半|钟)?|(?:时长|约|≈|~)*\d{1,4}(?:秒|分钟?|s|sec|min)|\d{1,3}\s*镜头?"
    r"|(?:与|接|同|续|承).{0,6}(?:连戏|连场|接戏|同场|前场|上场)|(?:连戏|补拍|重拍|加戏|过场戏?))$"
)
SAID_WITH_LIGHT = {"雨夜": "雨", "雪夜": "雪", **{word: season for word, (season, _) in _SEASONED.items()}}
"""The season or weather inside a word for the light."""

LABELS: dict[str, str] = {
    **dict.fromkeys(("时间", "时", "日夜", "气氛", "光线", "日/夜", "时段", "时间段", "光", "时辰", "时间设定", "昼夜", "昼/夜", "日夜景", "TIME"), "time"),
    **dict.fromkeys(("内外", "内外景", "景别", "内/外", "外/内", "内景/外景", "内外场", "室内外", "里外", "INT/EXT"), "side"),
    **dict.fromkeys(("地点", "场景", "景", "地址", "制景", "置景", "拍摄地点", "地", "主场景", "场地", "位置", "场所", "拍摄地", "取景地", "所在", "场景设定", "LOCATION", "SET"), "place"),
    **dict.fromkeys(
        ("人物", "角色", "演员", "出场人物", "出场角色", "出场", "登场人物", "出演", "人", "出场演员", "人物表", "CAST", "CHARACTERS",
         "登场", "参演", "参演人物", "主要人物", "主要角色", "在场", "在场人物", "上场人物", "人员", "登场角色", "出场人员", "本场人物", "出镜",
         "演员表", "角色表"),
        "cast",
    ),
    **dict.fromkeys(("群演", "群众", "群众演员", "群戏", "EXTRAS"), "crowd"),
    **dict.fromkeys(("特约", "特约演员"), "guests"),
    **dict.fromkeys(("道具", "特殊道具", "PROPS"), "props"),
    **dict.fromkeys(("服装", "服化", "妆造", "造型", "化妆", "WARDROBE"), "costumes"),
    **dict.fromkeys(("天气",), "weather"),
    **dict.fromkeys(("备注", "提示", "特殊提醒", "特效", "NOTE", "NOTES"), "notes"),
    **dict.fromkeys(("场号", "场次", "场次号"), "number"),
    **dict.fromkeys(("主要内容", "内容", "梗概", "剧情", "概要"), "summary"),
}  # fmt: skip
"""The labels of a heading written on several lines, by the field they name."""


def field_of(label: str) -> str:
    """The field a label names; empty where it names none.

    >>> field_of("地点"), field_of("int/ext"), field_of("天花板")
    ('place', 'side', '')
    """
    return LABELS.get(label.upper() if label.isascii() else label, "")


_LONG_FIRST = sorted(LABELS, key=len, reverse=True)
_ANY_LABEL = "|".join(map(re.escape, _LONG_FIRST))
_BAR = r"\|(?=[^\s|])"
_BARRED = "|".join(
    re.escape(each) for each in _LONG_FIRST if len(each) > 1 and LABELS[each] != "side" and each not in TIMES
)
_BARRED_SIDE = "|".join(re.escape(each) for each in _LONG_FIRST if LABELS[each] == "side")
_BEFORE_BAR = rf"(?:{_BARRED})(?={_BAR})|(?:{_BARRED_SIDE})(?=\|(?:[内外室屋]|INT|EXT))"
"""Labels that a bar may follow (地点｜客厅); 内外｜客厅 is a side and a place."""
_SHORT_BEFORE_BAR = r"(?<![^\s\[])[时景人](?=\|[^\s|])"
"""时│日景│客厅 and 人│苏晚, as in scripts from Taiwan: one sign is a label only where a line or a word begins."""
LABEL = re.compile(
    rf"^\[?({_BEFORE_BAR}|{_SHORT_BEFORE_BAR}|(?:{_ANY_LABEL})(?=\]?\s*[:：=]))\]?\s*[:：=|]\s*(.*?)\]?$", re.IGNORECASE
)
"""A line that is a label and its value."""
LABEL_END = re.compile(rf"(?:{_ANY_LABEL})\s*[:：]$", re.IGNORECASE)
"""Up to here a line is a label."""
_BOXED = re.compile(rf"\[({_ANY_LABEL})\s*:?\]\s*:?", re.IGNORECASE)


_RUN_ON = re.compile(r"(?<=\S)(?=(?:场景|(?<!出场|登场|主要|本场)人物|时间|地点|角色|内外景|出场人物|道具|剧情)\s*:)")
"""Labels that follow each other without a blank."""
_SPREAD = re.compile(r"(?<![\u4e00-\u9fff])([时地人场内道角])\s+([间点物景外具色])(?=\s*[:：])")


def labels_opened(text: str) -> str:
    """Labels in brackets as labels: ``[场景]客厅`` is ``场景:客厅``, ``时 间:夜`` is ``时间:夜``."""
    if len(_RUN_ON.findall(text)) > 1:
        text = _RUN_ON.sub(" ", text)
    text = _SPREAD.sub(r"\1\2", text) if " " in text else text
    return _BOXED.sub(_opened, text).strip() if "[" in text else text


def _opened(match: re.Match[str]) -> str:
    """[内外] is a label only where a side follows; alone it is the side itself."""
    is_value = (
        LABELS.get(match[1]) == "side"
        and match[1] != "景别"
        and ":" not in match.group()
        and not _A_SIDE.match(match.string, match.end())
    )
    return match.group() if is_value else f" {match[1]}:"


_A_SIDE = re.compile(r"\s*[\[(]?(?:[内外][/转]?[内外]?景?|室[内外]|INT|EXT)\b(?!\])", re.IGNORECASE)


INNER_LABEL = re.compile(
    rf"(?:^|(?<=[\s,;、|/·()\[\]:。])|(?<=[内外日夜晨昏晚午景])(?=(?:(?:出场|登场|在场|主要)[人角演]|场景|地点|人物)))({_BEFORE_BAR}|{_SHORT_BEFORE_BAR}|(?!(?:{_BARRED_SIDE})\s*:\s*(?![\[(]?(?:[内外室屋]|INT|EXT)))(?:{_ANY_LABEL})(?=\s*[:=]))\s*[:=|]\s*",
    re.IGNORECASE,
)
"""A label inside a line."""

GLUE_STOPS = _set(
    """
    蒙 科 部 面 地 人 卖 心 容 墙 院 衣 务 出 国 省 滩 婆 公 孙 套 围 边 侧 瓦 宅 堂 阁 勤 向 甥 舅 贸 企 资 交 贼 敌 伤 涵 疚 幕 行 存 海 置 裤 室 阜 在 表 语 星 形 遇 乡 婿 姓 号 观 环 庭 斋 府 廷 侍 丘 江 河 湖
    """
)
"""After a glued 内 or 外 these belong to the word itself: 内科, 外婆, 外滩, 日内瓦."""
GLUE_STOP = re.compile(rf"^(?:{'|'.join(sorted(GLUE_STOPS, key=len, reverse=True))})")

FRONT_STOP = re.compile(
    r"^(?:日(?:料|本|式|月|报|光|用|常|历|落|出|记|内瓦|租|化|杂|企|韩|晒|照|语|子)|夜(?:市|总会|店|宵|空|色|景|场|班|校|路|幕|莺|跑|话|来|叉|宴|猫|航|巡|行)"
    r"|晨(?:光|曦|练|星|跑|会|风)|晚(?:宴|会|霞|秋|风|餐|饭|清|晴|枫|自习|辈)|昏(?:迷|暗|黄)|午(?:餐|宴|休|门|饭|睡)|早(?:餐|点|饭|市|茶|教|读)|暮(?:色|云|春|雪)"
    r"|天亮|中午饭|下午茶|日出东方|黄昏恋|晚上好)"
)
"""A word that begins like a time and is none."""
BACK_STOP = re.compile(
    r"(?:生|节|今|昨|昔|假|周|明|次|当|往|末|近|连|每|烈|忌|吉|周末|元|纪念|工作|休息|星期|礼拜|整|平|旭)日$|(?:平安|除夕|新婚|洞房花烛|洞房|中秋|元宵|圣诞|跨年|隔|熬|守|一|前)夜$"
    r"|(?:今|昨|明|当|每|夜)晚$|(?:上|中|下|正)午$|(?:早|清|凌)晨$|(?:黄)昏$|(?:老|提)早$"
)
"""A word that ends like a time and is none."""
OUT_WORDS = re.compile(
    r"(?:门外|门口|窗外|楼外|院外|车外|墙外|城外|村外|郊外|野外|户外|店外|家外|校外|街|街道|大街|街头|马路|公路|路边|路口|小巷|巷子|巷口|胡同|弄堂|广场|操场|公园|"
    r"停车场|天台|楼顶|屋顶|河边|湖边|江边|海边|岸边|桥上|桥头|码头|田野|田间|山坡|山顶|山路|树林|竹林|森林|草地|院子|庭院|后院|前院|花园|大门口|桥下|沙滩|荒野|工地|村口|渡口)$"
)
IN_WORDS = re.compile(
    r"(?:客厅|卧室|书房|厨房|卫生间|洗手间|浴室|餐厅|办公室|会议室|病房|诊室|手术室|教室|宿舍|酒吧|包厢|包间|大堂|大厅|走廊|电梯|电梯间|车厢|车里|屋里|房间|"
    r"仓库|地下室|试衣间|化妆间|审讯室|牢房|大殿|寝宫|内室|闺房|厢房|柴房|祠堂|正厅|前厅|后厅|店里|超市|商场|咖啡馆|咖啡厅|茶室|茶馆|餐馆|饭馆|宴会厅|更衣室|储物间|"
    r"总裁办|工作室|健身房|图书馆|法庭|密室|病室|急诊室|楼道|楼梯间|录音棚|演播厅|控制室|车间|前台)$"
)
INSIDE_ENDING = re.compile(r"^(.{2,}?)(?:之内|内)$")
STREET = re.compile(r"街|路|巷|桥|广场|胡同|弄|夜市|码头|河边|江边|高架|公路|天台|工地")
NOBODY = _set(
    """
    旁白 字幕 画外音 画外 系统 系统音 广播 众人 众 所有人 全体 大家 镜头 特写 备注 注 提示 说明 片名
    音效 音乐 独白 OS VO 场景 时间 地点 人物 大字幕 新闻 电视 手机 短信 微信 屏幕 信 弹幕 机械音 提示音
    运镜 情绪 衔接 钩子 画面 镜号 景别 时长 台词 动作 机位 转场 氛围 光影 色调 情节 字幕条 节奏 构图 首帧 尾帧 禁例 彩蛋 悬念 看点 卡点 爽点 反转 剧情作用
    空镜 近景 远景 全景 中景 无 同上 内 外 日 夜 NARRATOR
    """
)
"""Who speaks without being a role."""
THING = re.compile(
    r"(?:屏幕|纸条|字条|便条|门牌|招牌|牌匾|名单|菜单|成绩单|账单|欠条|合同|值班表|日程表|信封|日记|日记本|通知|公告|告示|黑板|横幅|海报|热搜|头条|报纸|"
    r"备忘录|聊天框|对话框|弹窗|界面|面板|来电|来电显示|短信|微信|语音|录音|收音机|喇叭|曰|写着|上写|显示|时间|数据|倒计时|进度条|快递单|病历|证书|请柬|圣旨|诏书|化验单|导航|场外|场内|音乐起|(?:闪回|回忆|梦境)(?:开始|结束)|镜头\d*|INSERT|SUPER)$"
)
"""What is read aloud or seen and is no role, at the end of a would-be name."""
NO_ROLE = _set(
    """
    序号 NO 编号 行号 顺序 组别 分组 合计 总计 天 时长 预计时长 车辆 特效 动物 音乐 导演 摄影 灯光 录音
    美术
    """
)
"""Columns of a 场景表 that are neither fields nor roles."""
CROWD_NAME = re.compile(
    r"若干|数[名人]$|^众(?!安)|群众|群演|^数(?:名|人|十)|^几(?:名|个|位)|(?:^|[\u4e00-\u9fff])[0-9一二三四五六七八九十两]+(?:名|个|位|人)$|^[0-9一二三四五六七八九十两]+(?:名|个|位)|[×x*]\s*\d+$"
    r"|^路人|围观|^行人|宾客|^等人$|人群|.们$|队伍$|^食客$|^乘客$|^村民$|^学生们?$|^EXTRAS?$|^CROWD$",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"(?:说|道|问|喊|..想|写|是|答|叫|骂|笑|着|了|的|地|为|如下|以下|包括|标题|名单|规则|内容|显示|写道|注意|例如|比如|原因|结果|时间|地点|电话|密码|地址|价格|第.+条|第.+)$"
    r"|^(?:他|她|它|我|你|这|那|但|而|只|就|第|于是|突然|忽然|今天|明天|昨天|如果|因为|一|不|没|http|https)"
)
SENTENCE_END = re.compile(r"[。!?…;\"“”]|(?:了|呢|吗|啊|的|着|过)$|\.{3}")
PRONOUN = re.compile(
    r"[我你他她它您咱们]|这|那(?!曲)|什么|怎么|为什么|不是|没有|已经|正在|突然|忽然|看见|看到|听见|说道|走进|走出|出来|进来|起来|下来|一个|一把|一边|时候|让|被|把(?!手)|对着|因为|但是|可是|所以|如果|要不|就|都|还|很|也(?!门)"
)
LETTERS = re.compile(
    r"[日夜晨昏晚早午暮场景内外幕集回\d]|INT|EXT|DAY|NIGHT|DAWN|DUSK|SC|I/E|时间|地点|[一二三四五六七八九十]",
    re.IGNORECASE,
)
