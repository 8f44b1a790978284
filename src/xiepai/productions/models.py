"""Works, the people of their crews, and the papers a work needs.

What a work's class is and whether a paper is expired is computed when it is read, never stored: both change with the
day. Which papers there are is the office's list (``PaperKind``), edited without code.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Organisation, Person
from xiepai.productions.models_papers import Condition, Grade, Paper, PaperKind, PaperState, PerPiece
from xiepai.productions.states import WorkState

__all__ = [
    "Circumstance",
    "Condition",
    "CrewMember",
    "Diet",
    "Duty",
    "Grade",
    "Making",
    "Paper",
    "PaperKind",
    "PaperState",
    "PerPiece",
    "PictureFormat",
    "Subject",
    "Work",
    "WorkStanding",
    "WorkState",
]


class Making(models.TextChoices):
    """How a work is made (制作方式); changes its class, its need of places and its subsidy."""

    LIVE = "live", _("真人")
    AI = "ai", _("AI")
    HYBRID = "hybrid", _("混合")


class PictureFormat(models.TextChoices):
    """Which way the picture stands."""

    VERTICAL = "vertical", _("竖屏")
    HORIZONTAL = "horizontal", _("横屏")
    OTHER = "other", _("其他")


class Subject(models.TextChoices):
    """Subjects that a class looks at, whatever was invested."""

    POLITICS = "politics", _("政治")
    MILITARY = "military", _("军事")
    FOREIGN_AFFAIRS = "foreign_affairs", _("外交")
    NATIONAL_SECURITY = "national_security", _("国家安全")
    UNITED_FRONT = "united_front", _("统战")
    ETHNIC = "ethnic", _("民族")
    RELIGIOUS = "religious", _("宗教")
    JUDICIAL = "judicial", _("司法")
    PUBLIC_SECURITY = "public_security", _("公安")


class Circumstance(models.TextChoices):
    """What happens on the shoot that papers are asked for; minors and drones are counted beside it."""

    DRONES_CONTROLLED = "drones_controlled", _("无人机进入管制空域或高于 120 米")
    RELICS = "relics", _("在文物建筑内拍摄")
    FIREWORKS = "fireworks", _("燃放烟火")
    PROP_GUNS = "prop_guns", _("使用道具枪")


class WorkStanding(models.TextChoices):
    """Whether a work is real or was written for the demo."""

    KNOWN = "known", _("已知")
    SAMPLE = "sample", _("样例")


class Work(models.Model):
    """One production of one crew company, from declaration to release."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    title = models.CharField(_("剧名"), max_length=80)
    title_en = models.CharField(_("英文剧名"), max_length=120, blank=True)
    making_mode = models.CharField(_("制作方式"), max_length=8, choices=Making.choices, default=Making.LIVE)
    format = models.CharField(_("画幅"), max_length=12, choices=PictureFormat.choices, default=PictureFormat.VERTICAL)
    episodes = models.IntegerField(_("集数"), null=True, blank=True)
    minutes_per_episode = models.DecimalField(_("每集分钟"), max_digits=6, decimal_places=2, null=True, blank=True)
    investment_fen = models.BigIntegerField(_("投资额（分）"), null=True, blank=True)
    subjects = ArrayField(
        models.CharField(max_length=20, choices=Subject.choices), default=list, blank=True, verbose_name=_("特殊题材")
    )
    synopsis = models.TextField(_("内容提要"), blank=True)
    is_interactive = models.BooleanField(_("互动作品"), default=False)
    is_platform_promoted = models.BooleanField(_("平台重点推荐"), default=False)
    is_filed_as_top = models.BooleanField(_("自愿按最高一类备案"), default=False)
    minors_count = models.IntegerField(_("未成年演员人数"), default=0)
    drones_count = models.IntegerField(_("无人机架数"), default=0)
    circumstances = ArrayField(
        models.CharField(max_length=20, choices=Circumstance.choices),
        default=list,
        blank=True,
        verbose_name=_("拍摄中的特殊情形"),
    )
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    shooting_from = models.DateField(_("开机日期"), null=True, blank=True)
    shooting_to = models.DateField(_("杀青日期"), null=True, blank=True)
    release_on = models.DateField(_("上线日期"), null=True, blank=True)
    state = models.CharField(_("阶段"), max_length=10, choices=WorkState.choices, default=WorkState.DECLARED)
    resumes_to = models.CharField(_("搁置前的阶段"), max_length=10, choices=WorkState.choices, blank=True)
    state_note = models.CharField(_("阶段说明"), max_length=200, blank=True)
    standing = models.CharField(_("资料性质"), max_length=8, choices=WorkStanding.choices, default=WorkStanding.KNOWN)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())
    state_at = models.DateTimeField(_("阶段时间"), db_default=Now())

    class Meta:
        verbose_name = _("作品")
        indexes = [
            models.Index(fields=["organisation", "-id"], name="work_crew"),
            models.Index(fields=["state", "shooting_from"], name="work_stage"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"], name="work_once", condition=~models.Q(state=WorkState.WITHDRAWN)
            ),
            models.CheckConstraint(
                condition=models.Q(episodes__isnull=True) | models.Q(episodes__gt=0), name="work_episodes_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes_per_episode__isnull=True) | models.Q(minutes_per_episode__gt=0),
                name="work_minutes_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(investment_fen__isnull=True) | models.Q(investment_fen__gte=0),
                name="work_investment_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(minors_count__gte=0, drones_count__gte=0), name="work_counts_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(shooting_from__isnull=True)
                | models.Q(shooting_to__isnull=True)
                | models.Q(shooting_to__gte=models.F("shooting_from")),
                name="work_shooting_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"《{self.title}》"

    @property
    def code(self) -> str:
        """The number people say on the phone."""
        return f"XJ{self.pk:05d}" if self.pk else "XJ—"

    @property
    def is_shot(self) -> bool:
        """Whether there is a set to enter: everything but what is made by AI alone."""
        return self.making_mode != Making.AI

    @property
    def total_minutes(self) -> Decimal | None:
        """Length of the whole work, when both figures are stated."""
        if self.episodes is None or self.minutes_per_episode is None:
            return None
        return self.episodes * self.minutes_per_episode


class Duty(models.TextChoices):
    """What someone does in a crew, in the order of a contact sheet."""

    PRODUCER = "producer", _("制片")
    DIRECTOR = "director", _("导演")
    SCHEDULER = "scheduler", _("统筹")
    LINE_PRODUCER = "line_producer", _("现场制片")
    LOCATION = "location", _("外联")
    CAMERA = "camera", _("摄影")
    LIGHTING = "lighting", _("灯光")
    SOUND = "sound", _("录音")
    ART = "art", _("美术")
    PROPS = "props", _("道具")
    COSTUME = "costume", _("服装")
    MAKEUP = "makeup", _("化妆")
    SCRIPT = "script", _("场记")
    CAST = "cast", _("演员")
    EXTRAS = "extras", _("群演统筹")
    TRANSPORT = "transport", _("车辆")
    CATERING = "catering", _("生活")
    POST = "post", _("后期")
    OTHER = "other", _("其他")


class Diet(models.TextChoices):
    """Meals on the contact sheet (餐别)."""

    REGULAR = "regular", _("常规")
    HALAL = "halal", _("回民")
    VEGETARIAN = "vegetarian", _("素餐")
    SPECIAL = "special", _("特餐")


class CrewMember(models.Model):
    """One line of a work's contact sheet (联系表). Telephone, diet and room are not copied into the audit trail."""

    work = models.ForeignKey(Work, models.CASCADE, related_name="members", verbose_name=_("作品"))
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("账号"))
    name = models.CharField(_("姓名"), max_length=60)
    duty = models.CharField(_("职务"), max_length=16, choices=Duty.choices)
    duty_note = models.CharField(_("职务说明"), max_length=40, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    diet = models.CharField(_("餐别"), max_length=12, choices=Diet.choices, default=Diet.REGULAR)
    room = models.CharField(_("房间"), max_length=40, blank=True)
    note = models.CharField(_("备注"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("剧组人员")
        constraints = [models.UniqueConstraint(fields=["work", "name", "duty"], name="crew_member_once")]

    def __str__(self) -> str:
        return f"{self.name} · {self.get_duty_display()}"
