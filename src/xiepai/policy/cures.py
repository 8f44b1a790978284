"""For every mistake the language knows: how it usually comes about and what to do, in both languages.

Read by nobody while a policy is computed; ``docs/policy-errors.md`` is written from it (``make reference``).
"""

from __future__ import annotations

import re

from xiepai.policy.messages import TEXTS, Code

CURES: dict[Code, tuple[str, str]] = {
    Code.EXACTLY_EQUAL: (
        "提醒，不是错误：金额和天数很少要求恰好相等。按条文改成 >= 或 >；确实要恰好，写 ==。",
        "A hint: amounts and days are seldom exactly equal. Write >= or > as the clause says, == where it is.",
    ),
    Code.WIDE_COLON: (
        "中文输入法打出的“：”不是 YAML 的冒号。改成半角“: ”（冒号后有空格）；条文里的“：”不用改。",
        "A Chinese keyboard typed it. Use ': ' after the name; colons inside a clause's words may stay.",
    ),
    Code.UNREADABLE: (
        "路径写错、没有权限，或文件不是 UTF-8。检查路径，另存为 UTF-8。",
        "Wrong path, no permission, or not UTF-8. Check the path; save as UTF-8.",
    ),
    Code.TOO_LARGE: (
        "政策文件以条文为限，大表不应写进来。删去无关内容，事实另存文件。",
        "A policy is its clauses. Leave out what is not; keep data in a file of its own.",
    ),
    Code.TOO_DEEP: (
        "括号或缩进套得太多。把中间结果写进 let，再引用其名。",
        "Too many brackets or levels. Name the parts under 'let' and use the names.",
    ),
    Code.ODD_CHARACTER: (
        "从网页或文档粘贴时带进了零宽、方向或控制字符。删掉该处重新输入。",
        "Pasted text brought a zero-width, direction or control character. Delete it and type the place again.",
    ),
    Code.YAML: (
        "冒号后缺空格、括号引号没有成对、缩进用了制表符。看光标所指处及其上一行。",
        "A space missing after a colon, an open bracket or quote, a tab. Look at the caret and the line above.",
    ),
    Code.YAML_FEATURE: (
        "锚点 &、引用 *、标签 ! 和多文档 --- 都不用。把内容直接写出来；共用的写进 let。",
        "No anchors, aliases, tags or second documents. Write it out; share by 'let'.",
    ),
    Code.DUPLICATE_ENTRY: (
        "同一层写了两次同名。删掉一处，或改名。",
        "One level holds a name twice. Delete one or rename it.",
    ),
    Code.UNKNOWN_ENTRY: (
        "多半是拼写。看建议，或查指南里的条目表。",
        "Mostly spelling. Take the suggestion or look the entry up in the guide.",
    ),
    Code.MISSING_ENTRY: (
        "补上所说的条目；付款的先后、尾数、取整都要写明，不会替你猜。",
        "Add the entry. Order, remainder and rounding are written, never guessed.",
    ),
    Code.WRONG_SHAPE: (
        "该处要的是列表、对照或一句文字。照指南改写。",
        "A list, a mapping or a text is wanted there. Write it as the guide does.",
    ),
    Code.BAD_VALUE: (
        "只能用列出的写法。改成其中之一。",
        "Only the values listed are allowed. Take one of them.",
    ),
    Code.BAD_NAME: (
        "名称用小写英文、数字和下划线，字母开头；中文写在标签里。",
        "Names are small letters, digits and underscores; Chinese goes into the label.",
    ),
    Code.NAME_TAKEN: (
        "事实、参数、措施不能同名。改一个。",
        "Facts, parameters and measures need different names. Rename one.",
    ),
    Code.BAD_FACT: (
        "事实写成“类型 | 名称 | 证明材料 | 范围 | 默认值”，后两项可省。",
        "Write type | label | evidence | range | default; the last two may be left out.",
    ),
    Code.BAD_DATE: (
        "写成 2026-01-31，月日各两位，且确有此日。",
        "Write 2026-01-31, two digits each, a day that exists.",
    ),
    Code.BAD_RANGE: (
        "写成“小 .. 大”，两点前后有空格，小的在前。",
        "Write low .. high with spaces around the dots, the lower first.",
    ),
    Code.EXPRESSION: (
        "式子不完整或多了符号。看光标处；两个比较之间要写 且 / and。",
        "An expression that ends early or holds a stray sign. See the caret; join comparisons with 'and'.",
    ),
    Code.BAD_NUMBER: (
        "千分位逗号要每三位一个；在 [ ] { } 里加引号，或用万元。",
        "Commas every three digits; inside brackets quote the number or use 万元.",
    ),
    Code.UNKNOWN_NAME: (
        "没有这个事实、参数或定义。看建议，或先在 facts、assume、let 里写明。",
        "No such fact, parameter or definition. Take the suggestion or declare it first.",
    ),
    Code.UNKNOWN_CHOICE: (
        "不在该事实的选项里。改用列出的选项，或在 facts 里添加。",
        "Not a choice of that fact. Use one listed or add it under 'facts'.",
    ),
    Code.UNKNOWN_FUNCTION: (
        "只有列出的几个函数；其余情形写成带证明材料的事实。",
        "There are only the functions listed; anything else becomes a fact with evidence.",
    ),
    Code.UNKNOWN_MEASURE: (
        "then 或算例里提到的措施不存在。看建议改名。",
        "A step or an example names no measure. Take the suggestion.",
    ),
    Code.UNKNOWN_PATH: (
        "--set 或修改里的路径不对。写 措施.条目，或 then.序号.条目。",
        "A path of --set or an amendment leads nowhere. Write measure.entry or then.number.entry.",
    ),
    Code.TYPE_MISMATCH: (
        "两边不是同一种量：金额配金额，天数配天数。补单位或换事实。",
        "Two kinds of quantity. Money goes with money, days with days: add the unit or take the right fact.",
    ),
    Code.UNIT_MISSING: (
        "金额必须带单位，如 200万元；不写单位不会当作元。",
        "Money needs its unit, such as 200万元; a bare number is never taken for yuan.",
    ),
    Code.NOT_A_CONDITION: (
        "条件要能答是或否。补上比较，如 investment > 500万元。",
        "A condition is yes or no. Add the comparison, such as investment > 500万元.",
    ),
    Code.NOT_AN_AMOUNT: (
        "这里要金额或所说的量。检查单位与所用的事实。",
        "An amount of that kind is wanted. Check the unit and the fact.",
    ),
    Code.MONEY_TIMES_MONEY: (
        "金额只能乘数或比例。多半是比例写成了金额。",
        "Money is multiplied by a number or rate only. The rate was probably written as money.",
    ),
    Code.DIVISION: (
        "用事实作除数只能直接比较，如 a / b >= 50%。",
        "A fact divides only directly in a comparison, such as a / b >= 50%.",
    ),
    Code.NOT_CONSTANT: (
        "名额、预算、取整单位等要固定的数，不能用事实。",
        "Quotas, budgets and units are fixed numbers, no facts.",
    ),
    Code.LADDER_ORDER: (
        "各档从低到高、互不相同；修改的日期也从早到晚。",
        "Steps rise and differ; amendments go from the earlier day to the later.",
    ),
    Code.STAGES_SUM: (
        "各阶段比例相加要正好 100%。",
        "The shares of the stages must add up to exactly 100%.",
    ),
    Code.OVERFLOW: (
        "事实的范围太宽。给所说的事实写上实际可能的范围，如 0元 .. 100亿元。",
        "A fact ranges too widely. Give the fact named a realistic range.",
    ),
    Code.ROUNDING_MISSING: (
        "比例会算出不足一分的零头。在 then 末尾按条文写 round。",
        "Rates leave parts of a fen. Write 'round' at the end of 'then' as the clause says.",
    ),
    Code.ORDER_OPEN: (
        "同日受理的谁先谁后要能定。order 末尾加一个类型为 key 的编号。",
        "Ties must be decided. End 'order' with a fact of type key.",
    ),
    Code.ALREADY_USED: (
        "该项已被前面的步骤合并。调整步骤次序，或改用合并后的名称。",
        "An earlier step took it. Change the order or use the joined name.",
    ),
    Code.NO_EXAMPLES: (
        "至少写一条注明日期的算例；每个门槛写低一分、恰好、高一分。",
        "Write dated examples; for each threshold one fen below, at and above.",
    ),
    Code.NOT_IN_FORCE: (
        "日期不在有效期内。改日期，或检查 in_force。",
        "The day lies outside. Change it or check in_force.",
    ),
    Code.FACT_MISSING: (
        "批量计算不猜缺失的事实。补上该列，或在 facts 里写默认值。",
        "Bulk never guesses. Add the column or write a default under 'facts'.",
    ),
    Code.FACT_VALUE: (
        "值与类型不符，金额缺单位最常见。照事实的类型写。",
        "The value does not fit the type, mostly a missing unit. Write it as the fact's type says.",
    ),
    Code.FACT_OUT_OF_RANGE: (
        "超出事实声明的范围。核对数值；若确有可能，放宽 facts 里的范围。",
        "Outside the declared range. Check the figure; widen the range if it is real.",
    ),
    Code.EXAMPLE_FAILS: (
        "规则与算例必有一处不合条文。手算一遍，改错的那一处。",
        "Rule or example differs from the clause. Work it out by hand and mend the wrong one.",
    ),
    Code.NEVER_TRUE: (
        "按事实的范围永远不成立。多半是比较写反、单位写错或范围太窄。",
        "The ranges rule it out. Mostly a comparison turned round, a wrong unit or too narrow a range.",
    ),
    Code.ALWAYS_TRUE: (
        "按事实的范围总是成立，等于没写。检查单位、比较方向和范围。",
        "It holds for every value: it says nothing. Check unit, direction and range.",
    ),
    Code.CONTRADICTION: (
        "几个条件不能同时成立。对照条文，看是否应为 或 / or。",
        "The conditions cannot hold together. See whether the clause means 'or'.",
    ),
    Code.NUMBER_NOT_IN_RULE: (
        "条文里的数没有写进规则，或写错。对照补上。",
        "A number of the clause is missing from the rule or was mistyped.",
    ),
    Code.NUMBER_NOT_IN_TEXT: (
        "规则里的数条文没有。改成条文的数；来源没写的放进 assume。",
        "The clause does not hold that number. Use its number; what no source says goes under 'assume'.",
    ),
    Code.UNBACKED: (
        "把条文原话写进 text；来源没有写的，写 assumed 和理由。",
        "Write the clause's words into 'text'; what the source does not say takes 'assumed' and a reason.",
    ),
    Code.OFFICIAL_ASSUMED: (
        "写成 partial，或找到原文后删去假设。",
        "Write 'partial', or find the text and remove the assumption.",
    ),
    Code.UNUSED_FACT: (
        "声明了却没用，或用的地方漏了条件。补上条件或删去该事实。",
        "Declared and never used: a condition was forgotten or the fact is not needed.",
    ),
    Code.MEASURE_UNTESTED: (
        "为该措施写一条确有奖励的算例。",
        "Write an example in which the measure pays.",
    ),
    Code.CONDITION_UNTESTED: (
        "写一条其他条件都满足、只有这一条不满足的算例。",
        "Write an example in which all other conditions hold and this one does not.",
    ),
    Code.ENGINE_MISSING: (
        "该引擎是可选的。按提示安装，或用 --engine 换一个。",
        "The engine is optional. Install it or choose another with --engine.",
    ),
}


def page() -> str:
    """The reference of all codes as Markdown."""
    lines = [
        "# Policy error codes 政策文件错误代码",
        "",
        "Every message of `xiepai policy` begins with one of these codes. This page is written by `make reference`.",
        "每条提示都以下列代码之一开头；braces stand for what the message fills in. 花括号处由具体内容填入。",
        "",
        "| code | message | 怎么回事、怎么改 | cause and cure |",
        "|---|---|---|---|",
    ]
    for code in Code:
        zh, en = (re.sub(r"!r}", "}", text).replace("|", "\\|") for text in TEXTS[code])
        cures = [text.replace("|", "\\|") for text in CURES[code]]
        lines.append(f"| `{code}` | {zh}<br>{en} | {cures[0]} | {cures[1]} |")
    return "\n".join(lines) + "\n"
