"""A script as it came in, and the breakdown (场景表) of a work that grows out of it.

The breakdown belongs to the work, not to one file: a revised script merges into it and what people did by hand
(``edited``) stays. A script nobody looked through is never planned from (``ScriptState.REVIEW``).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiepai.parties.models import Person
from xiepai.places.models import Place
from xiepai.productions.models import CrewMember, Work


class ScriptState(models.TextChoices):
    """Every script is looked through before it counts."""

    REVIEW = "review", _("待核对")
    CONFIRMED = "confirmed", _("已采用")
    SUPERSEDED = "superseded", _("已被新稿取代")
    DISCARDED = "discarded", _("已放弃")


class Script(models.Model):
    """One file of one work, read; ``reading`` is what ``xiepai.script`` found in it, ``text`` its lines."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    version = models.IntegerField(_("稿次"))
    title = models.CharField(_("名称"), max_length=120)
    state = models.CharField(_("状态"), max_length=10, choices=ScriptState.choices, default=ScriptState.REVIEW)
    file = models.FileField(_("文件"), upload_to="scripts/%Y/%m/", blank=True)
    file_name = models.CharField(_("原文件名"), max_length=120, blank=True)
    source_format = models.CharField(_("格式"), max_length=12)
    sha256 = models.CharField(_("校验值"), max_length=64)
    text = models.TextField(_("文本"), blank=True)
    reading = models.JSONField(_("读出的场景"), default=dict)
    changes = models.JSONField(_("与前一稿的差别"), default=dict, blank=True)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("上传人")
    )
    created_at = models.DateTimeField(_("上传时间"), db_default=Now())
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    confirmed_at = models.DateTimeField(_("核对时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("剧本")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["work", "version"], name="script_version_once")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class StoryPlace(models.Model):
    """A place as the script calls it (主场景 · 次场景 · 三级场景), and the real places that may stand for it."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    name = models.CharField(_("场景"), max_length=120)
    levels = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("层级"))
    note = models.CharField(_("备注"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("剧本场景")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["work", "name"], name="story_place_once")]

    def __str__(self) -> str:
        return self.name


class Candidate(models.Model):
    """One real place that may stand for a story place; ``rank`` 1 is wished most, ``is_chosen`` closes the question."""

    story_place = models.ForeignKey(StoryPlace, models.CASCADE, related_name="candidates", verbose_name=_("剧本场景"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("场地"))
    rank = models.SmallIntegerField(_("次序"), default=1)
    is_chosen = models.BooleanField(_("选定"), default=False)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("候选场地")
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["story_place", "place"], name="candidate_once"),
            models.UniqueConstraint(
                fields=["story_place"], condition=models.Q(is_chosen=True), name="candidate_chosen_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.story_place} → {self.place}"


class RoleKind(models.TextChoices):
    """Who stands before the camera."""

    LEAD = "lead", _("主要角色")
    SUPPORTING = "supporting", _("次要角色")
    GUEST = "guest", _("特约演员")


class CastRole(models.Model):
    """One role of a drama: the names it goes by, who plays it, what a day costs, when the actor is free.

    ``free_days`` null: every day. Daily hours as ``HH:MM`` limits; a minor's limits come from the planner's rules.
    """

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    name = models.CharField(_("角色"), max_length=60)
    aliases = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("别名"))
    kind = models.CharField(_("类别"), max_length=12, choices=RoleKind.choices, default=RoleKind.SUPPORTING)
    actor_name = models.CharField(_("演员"), max_length=60, blank=True)
    member = models.ForeignKey(
        CrewMember, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("联系表人员")
    )
    daily_fee_fen = models.BigIntegerField(_("日薪（分）"), default=0)
    is_minor = models.BooleanField(_("未成年"), default=False)
    free_days = ArrayField(models.DateField(), null=True, blank=True, verbose_name=_("可到日期"))
    earliest = models.TimeField(_("最早到"), null=True, blank=True)
    latest = models.TimeField(_("最晚走"), null=True, blank=True)
    makeup_minutes = models.SmallIntegerField(_("化妆（分钟）"), default=30)

    class Meta:
        verbose_name = _("角色")
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["work", "name"], name="cast_role_once"),
            models.CheckConstraint(
                condition=models.Q(daily_fee_fen__gte=0, makeup_minutes__gte=0), name="cast_role_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TimeOfDay(models.TextChoices):
    """气氛: when a scene plays."""

    DAY = "day", pgettext_lazy("time of day", "日")
    NIGHT = "night", pgettext_lazy("time of day", "夜")
    DAWN = "dawn", pgettext_lazy("time of day", "晨")
    DUSK = "dusk", pgettext_lazy("time of day", "昏")
    CHANGING = "changing", _("日转夜")
    UNKNOWN = "unknown", _("未写")


class InsideOutside(models.TextChoices):
    """内外景."""

    INSIDE = "inside", _("内")
    OUTSIDE = "outside", _("外")
    BOTH = "both", _("内外")
    UNKNOWN = "unknown", _("未写")


class ShotState(models.TextChoices):
    """What became of a scene on the set (销场)."""

    WAITING = "waiting", _("未拍")
    PARTLY = "partly", _("部分完成")
    DONE = "done", _("完成")
    DROPPED = "dropped", _("删戏")


class Scene(models.Model):
    """One scene of the breakdown; ``edited`` names the fields a person set, which a revised script leaves alone."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    script = models.ForeignKey(Script, models.PROTECT, null=True, related_name="+", verbose_name=_("剧本"))
    story_place = models.ForeignKey(
        StoryPlace, models.PROTECT, null=True, blank=True, related_name="scenes", verbose_name=_("剧本场景")
    )
    episode = models.IntegerField(_("集"), null=True, blank=True)
    number = models.CharField(_("场"), max_length=20)
    position = models.IntegerField(_("剧本次序"))
    heading = models.CharField(_("场头"), max_length=200, blank=True)
    time_of_day = models.CharField(_("气氛"), max_length=8, choices=TimeOfDay.choices, default=TimeOfDay.UNKNOWN)
    time_note = models.CharField(_("气氛原文"), max_length=20, blank=True)
    inside_outside = models.CharField(
        _("内外景"), max_length=8, choices=InsideOutside.choices, default=InsideOutside.UNKNOWN
    )
    synopsis = models.TextField(_("主要内容"), blank=True)
    eighths = models.IntegerField(_("页数（八分之一页）"), default=1)
    minutes = models.IntegerField(_("预计拍摄（分钟）"), default=30)
    crowd = models.IntegerField(_("群众演员"), default=0)
    crowd_note = models.CharField(_("群众说明"), max_length=120, blank=True)
    marks = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("特殊提醒"))
    note = models.CharField(_("备注"), max_length=300, blank=True)
    line_from = models.IntegerField(_("起行"), default=0)
    line_to = models.IntegerField(_("止行"), default=0)
    confidence = models.CharField(_("把握"), max_length=8, default="high")
    reasons = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("存疑之处"))
    edited = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("手改的栏目"))
    shot_state = models.CharField(_("拍摄状态"), max_length=8, choices=ShotState.choices, default=ShotState.WAITING)
    is_removed = models.BooleanField(_("新稿已无"), default=False)
    roles = models.ManyToManyField(CastRole, related_name="scenes", blank=True, verbose_name=_("角色"))

    class Meta:
        verbose_name = _("场次")
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["work", "position"], name="scene_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "episode", "number"],
                condition=models.Q(is_removed=False),
                nulls_distinct=False,
                name="scene_number_once",
            ),
            models.CheckConstraint(
                condition=models.Q(eighths__gte=0, minutes__gte=0, crowd__gte=0), name="scene_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.episode}-{self.number}" if self.episode is not None else self.number


class ElementKind(models.TextChoices):
    """What a scene needs besides people and a place: the columns of a 场景表."""

    COSTUME = "costume", _("服装")
    MAKEUP = "makeup", _("化妆")
    PROP = "prop", _("道具")
    SPECIAL_PROP = "special_prop", _("特殊道具")
    VEHICLE = "vehicle", _("车辆")
    ANIMAL = "animal", _("动物")
    EFFECT = "effect", _("特效")
    PLACEMENT = "placement", _("商植")
    OTHER = "other", _("其他")


class SceneElement(models.Model):
    """One thing one scene needs."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="elements", verbose_name=_("场次"))
    kind = models.CharField(_("类别"), max_length=12, choices=ElementKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    is_cue = models.BooleanField(_("由剧本读出"), default=True)

    class Meta:
        verbose_name = _("场次元素")
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["scene", "kind", "name"], name="scene_element_once")]

    def __str__(self) -> str:
        return self.name
