"""Words that give a special mark, one pattern a mark; what may not stand beside them is part of the pattern."""

from __future__ import annotations

from xiepai.script.scenes import Mark

WORDS: dict[Mark, str] = {
    Mark.STUNT: r"威亚|吊钢丝|坠楼|跳楼|坠崖|跳崖|滚下(?:楼梯|山坡|台阶)|滚落|翻车|撞车|撞飞|车祸|追车|飙车|追逐|撞开|飞檐走壁|替身|高空坠落|从[^，。]{0,6}(?:摔下|跌下|坠下)",
    Mark.FIGHT: r"打斗|武打|厮打|扭打|搏斗|打作一团|打成一团|拳打脚踢|大打出手|对打|交手|过招|混战|决斗|拔剑|挥剑|挥刀|刺向|耳光|扇了?一巴掌",
    Mark.WATER: r"落水|跳水|跳河|跳湖|投河|投湖|跳江|溺水|水下|潜水|游泳|泳池|推入水|掉进(?:水|河|湖|池|江|海)|跌入(?:水|河|湖|池|江|海|水池)|划船|摇橹|船上|沉入水|洪水",
    Mark.FIRE: r"着火|起火|失火|火场|大火|火海|纵火|火把|篝火|焚烧|烧毁|点燃|燃烧|熊熊|爆炸|烧着|火盆|烧掉|烧成",
    Mark.FIREWORKS: r"烟花|爆竹|鞭炮|焰火|烟火(?!气)|放炮",
    Mark.ANIMALS: r"小狗|大狗|黄狗|黑狗|流浪狗|狼狗|宠物|牵狗|遛狗|狗叫|狗吠|猫(?!腻|眼|步)|骑马|马匹|牵马|马车|战马|骏马|白马(?!王子|寺)|策马|马背|下马|上马|"
    r"鸽子|鹦鹉|毛驴|耕牛|水牛|山羊|羊群|鸡群|公鸡|母鸡|鸭群|鱼鹰|蛇(?!形|皮)|老鼠|动物",
    Mark.MINORS: r"小孩|孩子(?!气|他|们的)|孩童|男孩|女孩(?!子家)|婴儿|婴孩|襁褓|幼儿|儿童|小学生|初中生|中学生|幼年|童年|小朋友|小男孩|小女孩|"
    r"(?<![0-9一二三四五六七八九十])(?:[1-9]|1[0-7]|[三四五六七八九]|十[一二三四五六七]?)岁(?!月)",
    Mark.DRONE: r"航拍|无人机|俯拍全景|鸟瞰|AERIAL|DRONE",
    Mark.RAIN: r"暴雨|大雨|下雨|下着雨|雨中|淋雨|淋湿|雨夜|细雨|小雨|雷雨|倾盆|雨幕|雨戏|瓢泼|(?<![一-龥])雨(?![一-龥])",
    Mark.SNOW: r"下雪|大雪|雪地|雪中|飘雪|雪花(?!膏|银)|雪夜|风雪|积雪|(?<![一-龥])雪(?![一-龥])",
    Mark.VEHICLES: r"轿车|跑车|豪车|汽车(?!站)|出租车|卡车|货车|面包车|摩托|电动车|救护车|警车|公交车|越野车|婚车|驾车|开车|行驶|车队|迈巴赫|劳斯莱斯|保姆车|三轮车|游船|渔船",
    Mark.WEAPONS: r"手枪|枪口|开枪|举枪|拔枪|枪声|步枪|子弹|匕首|长剑|佩剑|短刀|砍刀|菜刀|水果刀|弓箭|长枪|拔刀|拔剑|飞镖|棍棒",
    Mark.HEIGHT: r"天台|楼顶|屋顶|悬崖|高空|塔吊|脚手架|崖边|房梁|城楼上",
    Mark.EFFECTS: r"特效|法术|仙术|灵力|金光|光芒四射|御剑|瞬移|穿越|变身|系统提示|绿幕|全息|慢动作|隐身|真气",
    Mark.INJURY: r"吐血|流血|鲜血|满身是血|血迹|伤口|受伤|伤疤|刀疤|昏迷|绷带|浑身是血|血泊|淤青",
    Mark.INTIMACY: r"亲吻|接吻|拥吻|吻上|吻住|强吻|床戏|亲热|吻了",
    Mark.UNIFORM: r"警察|民警|刑警|警服|消防员|军人|士兵|法官|法警|城管",
}  # fmt: skip
ENGLISH: dict[Mark, str] = {
    Mark.STUNT: r"\bstunt|\bcar crash|\bfalls from\b",
    Mark.FIGHT: r"\bfight(?:s|ing)?\b|\bpunch(?:es)?\b",
    Mark.WATER: r"\bswim|\bunderwater\b|\bdrown",
    Mark.FIRE: r"\bexplo(?:des|sion)|\bburn(?:s|ing)\b|\bon fire\b",
    Mark.ANIMALS: r"\bdog\b|\bcat\b|\bhorse\b",
    Mark.MINORS: r"\bchild(?:ren)?\b|\bbaby\b|\blittle (?:boy|girl)\b",
    Mark.RAIN: r"\brain(?:s|ing)?\b",
    Mark.WEAPONS: r"\bgun\b|\bknife\b|\bpistol\b",
}
