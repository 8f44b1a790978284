"""A shooting plan (拍摄计划) as a stripboard: scenarios, days, strips, and the solves that made them.

Several plans may stand beside each other; at most one of a work is active. A strip without a day lies in the boneyard.
``Plan.revision`` counts up with every change: who writes with an old one is told (see the services).
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.bookings.models import Booking, Bundle
from xiepai.parties.models import Person
from xiepai.places.models import Place
from xiepai.productions.models import Work
from xiepai.shoots.models_scripts import Scene, StoryPlace


class PlanState(models.TextChoices):
    """A draft is the scheduler's own; a published plan is read by the crew; one is shot from."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    ACTIVE = "active", _("执行中")
    ARCHIVED = "archived", _("已归档")


class Plan(models.Model):
    """One scenario of one work. ``settings`` holds weights, hours and wishes; ``costs`` the last reckoning in fen."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    name = models.CharField(_("名称"), max_length=60)
    state = models.CharField(_("状态"), max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    first_day = models.DateField(_("首日"))
    last_day = models.DateField(_("末日"))
    unit_names = models.JSONField(_("组别"), default=list)
    settings = models.JSONField(_("设定"), default=dict, blank=True)
    costs = models.JSONField(_("费用（分）"), default=dict, blank=True)
    flags = models.JSONField(_("红旗"), default=list, blank=True)
    revision = models.IntegerField(_("改动次数"), default=0)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("拍摄计划")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["work"], condition=models.Q(state="active"), name="plan_active_once"),
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="plan_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class PlanDay(models.Model):
    """One day of one unit: when it is called and wrapped, and the banner over it; a locked day stays as it is."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="days", verbose_name=_("计划"))
    day = models.DateField(_("日期"))
    unit = models.SmallIntegerField(_("组别"), default=0)
    call_at = models.TimeField(_("集合"), null=True, blank=True)
    wrap_at = models.DateTimeField(_("收工"), null=True, blank=True)
    banner = models.CharField(_("横幅"), max_length=120, blank=True)
    is_locked = models.BooleanField(_("锁定"), default=False)

    class Meta:
        verbose_name = _("拍摄日")
        ordering = ["day", "unit"]
        constraints = [models.UniqueConstraint(fields=["plan", "day", "unit"], name="plan_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.unit}"


class StripKind(models.TextChoices):
    """What a strip is."""

    SCENE = "scene", _("场次")
    BANNER = "banner", _("横幅")
    MEAL = "meal", _("用餐")


class Strip(models.Model):
    """One scene (or banner) of a plan; ``plan_day`` null: in the boneyard. ``starts_at`` is the planned start.

    ``not_before`` (minutes from midnight) is a start that is waited for: the planner's own, kept while it makes a wait.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="strips", verbose_name=_("计划"))
    kind = models.CharField(_("类别"), max_length=8, choices=StripKind.choices, default=StripKind.SCENE)
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("场次"))
    text = models.CharField(_("文字"), max_length=120, blank=True)
    plan_day = models.ForeignKey(
        PlanDay, models.CASCADE, null=True, blank=True, related_name="strips", verbose_name=_("拍摄日")
    )
    position = models.IntegerField(_("次序"), default=0)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("场地"))
    starts_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ends_at = models.DateTimeField(_("结束"), null=True, blank=True)
    not_before = models.SmallIntegerField(_("不早于（分钟）"), null=True, blank=True)
    is_locked = models.BooleanField(_("锁定"), default=False)

    class Meta:
        verbose_name = _("条")
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["plan", "plan_day", "position"], name="strip_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "scene"], condition=models.Q(scene__isnull=False), name="strip_scene_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="scene", scene__isnull=False) | ~models.Q(kind="scene"),
                name="strip_of_scene_has_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.scene or self.text)


class PlanChange(models.Model):
    """One step that can be undone: the strips and days as they were before it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="changes", verbose_name=_("计划"))
    revision = models.IntegerField(_("改动次数"))
    what = models.CharField(_("改动"), max_length=120)
    before = models.JSONField(_("之前"))
    is_undone = models.BooleanField(_("已撤销"), default=False)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("改动人"))
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("计划改动")
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["plan", "revision"], name="plan_change_once")]

    def __str__(self) -> str:
        return self.what


class SolveState(models.TextChoices):
    """Where a solve stands."""

    QUEUED = "queued", _("排队")
    RUNNING = "running", _("求解中")
    STOPPING = "stopping", _("正在停止")
    DONE = "done", _("已结束")
    FAILED = "failed", _("未成")


class SolveKind(models.TextChoices):
    """What a solve is asked."""

    PLAN = "plan", _("求计划")
    ONE_MORE_DAY = "more", _("多一天值多少")


class Solve(models.Model):
    """One run of the planner as a job: what was asked, what it found so far; a page follows ``progress``.

    With ``rounds`` the work is counted, not timed: the same board and seed give the same plan.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="solves", verbose_name=_("计划"))
    kind = models.CharField(_("类别"), max_length=6, choices=SolveKind.choices, default=SolveKind.PLAN)
    state = models.CharField(_("状态"), max_length=10, choices=SolveState.choices, default=SolveState.QUEUED)
    attempts = models.SmallIntegerField(_("启动次数"), default=0)
    plan_revision = models.IntegerField(_("所据改动次数"))
    seconds = models.IntegerField(_("限时（秒）"), default=30)
    seed = models.IntegerField(_("随机种子"), default=1)
    rounds = models.IntegerField(_("轮数"), null=True, blank=True)
    status = models.CharField(_("结论"), max_length=12, blank=True)
    best_fen = models.BigIntegerField(_("目前最好（分）"), null=True, blank=True)
    bound_fen = models.BigIntegerField(_("下界（分）"), null=True, blank=True)
    progress = models.JSONField(_("过程"), default=list, blank=True)
    problem = models.JSONField(_("问题"), default=dict, blank=True)
    result = models.JSONField(_("结果"), default=dict, blank=True)
    message = models.TextField(_("说明"), blank=True)
    asked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发起人")
    )
    asked_at = models.DateTimeField(_("发起时间"), db_default=Now())
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("求解")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=models.Q(state__in=["queued", "running", "stopping"]),
                name="solve_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.get_state_display()}"


class PlanBooking(models.Model):
    """What one plan asked of one place on one day: the booking that answers it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="bookings", verbose_name=_("计划"))
    plan_day = models.ForeignKey(PlanDay, models.CASCADE, related_name="+", verbose_name=_("拍摄日"))
    story_place = models.ForeignKey(
        StoryPlace, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("剧本场景")
    )
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="+", verbose_name=_("预订"))
    bundle = models.ForeignKey(Bundle, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("成套"))
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("计划的预订")
        constraints = [models.UniqueConstraint(fields=["plan", "booking"], name="plan_booking_once")]

    def __str__(self) -> str:
        return f"{self.plan} {self.booking}"
