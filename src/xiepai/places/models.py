"""Places as film people know them, and the terms they are lent on.

A place is a node of a tree of any depth (site → building → floor → set); a ``combination`` joins
parts of a hall that divides. What a booking of a place occupies are its *leaves*: the table
``places_cover`` (kept by the database) lists them. ``capacity`` 1 is one crew at a time; above 1 it
is a counted resource (rooms, cars, lights, extras).

Only three fields are mandatory: name, town, category. ``version`` rises with every change of what a
booking depends on, so that a price or hour computed on an old state is refused by the database.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Organisation, Person, Role
from xiepai.places.models_imports import ImportState as ImportState
from xiepai.places.models_imports import PlaceImport as PlaceImport
from xiepai.places.models_selections import Selection as Selection
from xiepai.places.models_selections import SelectionItem as SelectionItem


class Vocabulary(models.TextChoices):
    """The word lists the office edits without code."""

    TOWN = "town", _("镇街")
    CATEGORY = "category", _("类别")
    STYLE = "style", _("风格年代")
    FACILITY = "facility", _("设施")
    RESTRICTION = "restriction", _("限制")
    BLOCKING = "blocking", _("停用原因")
    CLUSTER = "cluster", _("产业集聚区")


class Term(models.Model):
    """One word of a vocabulary; ``code`` is stable, labels may change."""

    vocabulary = models.CharField(_("词表"), max_length=12, choices=Vocabulary.choices)
    code = models.SlugField(_("代码"), max_length=40)
    zh = models.CharField(_("中文"), max_length=40)
    en = models.CharField(_("英文"), max_length=80, blank=True)
    position = models.IntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("可选"), default=True)

    class Meta:
        ordering = ["vocabulary", "position", "code"]
        constraints = [models.UniqueConstraint(fields=["vocabulary", "code"], name="term_once")]

    def __str__(self) -> str:
        return self.zh


class PlaceKind(models.TextChoices):
    """The level of a place in its tree."""

    SITE = "site", _("场区")
    BUILDING = "building", _("楼栋")
    FLOOR = "floor", _("楼层")
    SET = "set", _("场景")
    PART = "part", _("分区")
    COMBINATION = "combination", _("组合")
    RESOURCE = "resource", _("资源")


class Setting(models.TextChoices):
    """Inside or outside (内外景)."""

    INSIDE = "inside", _("内景")
    OUTSIDE = "outside", _("外景")
    BOTH = "both", _("内外景")


class Sound(models.TextChoices):
    """Whether sound can be recorded on the take."""

    UNKNOWN = "unknown", _("未说明")
    SYNC = "sync", _("可同期声")
    QUIET_HOURS = "quiet_hours", _("限时同期声")
    NONE = "none", _("不宜同期声")


class Terms(models.TextChoices):
    """What a place costs, in one word."""

    FREE = "free", _("免费")
    LOW = "low", _("低价")
    PAID = "paid", _("收费")


class Standing(models.TextChoices):
    """How the record is known; anything but ``known`` is shown wherever the place is shown."""

    KNOWN = "known", _("已知")
    SAMPLE = "sample", _("样例")
    ASSUMED = "assumed", _("假设")


class Visibility(models.TextChoices):
    """Who sees a place."""

    REVIEW = "review", _("待审")
    PUBLIC = "public", _("公开")
    PRIVATE = "private", _("不公开")


class Approval(models.TextChoices):
    """Who confirms a booking."""

    INSTANT = "instant", _("即时确认")
    KEEPER = "keeper", _("场地方审批")


class Place(models.Model):
    """A place or counted resource. Lengths in metres, durations in minutes, position in WGS-84."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("所属机构"))
    kind = models.CharField(_("层级"), max_length=12, choices=PlaceKind.choices, default=PlaceKind.SET)
    code = models.CharField(_("编号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("别名"))
    town = models.CharField(_("镇街"), max_length=40)
    categories = ArrayField(models.CharField(max_length=40), verbose_name=_("类别"))
    styles = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("风格年代"))
    facilities = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("设施"))
    restrictions = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("限制"))
    restriction_note = models.TextField(_("限制说明"), blank=True)
    description = models.TextField(_("介绍"), blank=True)
    setting = models.CharField(_("内外景"), max_length=8, choices=Setting.choices, default=Setting.INSIDE)
    area_m2 = models.DecimalField(_("面积（平方米）"), max_digits=10, decimal_places=1, null=True, blank=True)
    ceiling_m = models.DecimalField(_("净高（米）"), max_digits=5, decimal_places=2, null=True, blank=True)
    people_max = models.IntegerField(_("容纳人数"), null=True, blank=True)
    power_kw = models.DecimalField(_("供电（千瓦）"), max_digits=8, decimal_places=1, null=True, blank=True)
    sound = models.CharField(_("同期声"), max_length=12, choices=Sound.choices, default=Sound.UNKNOWN)
    parking_cars = models.IntegerField(_("停车位"), null=True, blank=True)
    lodging_distance_m = models.IntegerField(_("距住宿（米）"), null=True, blank=True)
    terms = models.CharField(_("收费方式"), max_length=6, choices=Terms.choices, default=Terms.PAID)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    directions = models.TextField(_("到达方式"), blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    locked_fields = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("预留后可见的字段")
    )
    visibility = models.CharField(_("可见性"), max_length=8, choices=Visibility.choices, default=Visibility.REVIEW)
    standing = models.CharField(_("资料性质"), max_length=8, choices=Standing.choices, default=Standing.KNOWN)
    standing_note = models.CharField(_("资料说明"), max_length=200, blank=True)
    last_verified_on = models.DateField(_("最近核实"), null=True, blank=True)

    is_bookable = models.BooleanField(_("可预订"), default=True)
    capacity = models.IntegerField(_("数量"), default=1)
    unit_label = models.CharField(_("单位"), max_length=10, blank=True)
    approval = models.CharField(_("确认方式"), max_length=8, choices=Approval.choices, default=Approval.INSTANT)
    hold_minutes = models.IntegerField(_("预留时长（分钟）"), default=48 * 60)
    lead_minutes = models.IntegerField(_("提前量（分钟）"), default=0)
    ahead_days = models.IntegerField(_("最多提前天数"), default=365)
    min_minutes = models.IntegerField(_("最短时长（分钟）"), default=60)
    max_minutes = models.IntegerField(_("最长时长（分钟）"), default=14 * 24 * 60)
    step_minutes = models.IntegerField(_("起始间隔（分钟）"), default=30)
    buffer_before_minutes = models.IntegerField(_("前缓冲（分钟）"), default=0)
    buffer_after_minutes = models.IntegerField(_("后缓冲（分钟）"), default=0)

    version = models.IntegerField(_("版本"), default=1, editable=False)
    sort_key = models.CharField(_("拼音排序"), max_length=200, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta:
        verbose_name = _("场地")
        indexes = [
            GinIndex(fields=["categories"], name="place_categories"),
            GinIndex(fields=["styles"], name="place_styles"),
            models.Index(fields=["parent"], name="place_parent"),
            models.Index(fields=["sort_key", "id"], name="place_sort"),
            # very many hits are counted on this index alone, a fifth of the table's size
            models.Index(
                fields=["visibility", "id"],
                include=["owner", "town", "setting", "terms", "sound", "kind", "people_max", "is_bookable"],
                name="place_narrow",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="place_capacity_positive"),
            models.CheckConstraint(
                condition=models.Q(buffer_before_minutes__gte=0, buffer_after_minutes__gte=0),
                name="place_buffers_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(step_minutes__gte=5, min_minutes__gte=5), name="place_steps_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_position_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CombinationPart(models.Model):
    """One part of a combination: booking the combination occupies the leaves of all its parts."""

    combination = models.ForeignKey(Place, models.CASCADE, related_name="parts", verbose_name=_("组合"))
    part = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("分区"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["combination", "part"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.combination} ∋ {self.part}"


class OpeningRule(models.Model):
    """Weekly hours: minutes from local midnight; ``closes_minute`` 1440 is 24:00, above it the next day.

    A place without rules takes its nearest ancestor's; nobody's rules mean open round the clock.
    """

    place = models.ForeignKey(Place, models.CASCADE, related_name="opening_rules", verbose_name=_("场地"))
    weekday = models.SmallIntegerField(_("星期"), help_text=_("0 为星期一"))
    opens_minute = models.SmallIntegerField(_("开放（分钟）"))
    closes_minute = models.SmallIntegerField(_("关闭（分钟）"))
    valid_from = models.DateField(_("起"), null=True, blank=True)
    valid_to = models.DateField(_("止"), null=True, blank=True)

    class Meta:
        ordering = ["weekday", "opens_minute"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__range=(0, 6)), name="opening_weekday"),
            models.CheckConstraint(
                condition=models.Q(
                    opens_minute__range=(0, 1439),
                    closes_minute__gt=models.F("opens_minute"),
                    closes_minute__lte=2880,
                ),
                name="opening_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_minute}–{self.closes_minute}"


class ClosedDay(models.Model):
    """A day a place is closed whatever the weekly hours say."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="closed_days", verbose_name=_("场地"))
    day = models.DateField(_("日期"))
    reason = models.CharField(_("原因"), max_length=120, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["place", "day"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


class Blocking(models.Model):
    """A time a place cannot be booked, why, and who may book over it all the same."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="blockings", verbose_name=_("场地"))
    period = DateTimeRangeField(_("时段"))
    reason = models.CharField(_("原因"), max_length=120)
    override_roles = ArrayField(
        models.CharField(max_length=14, choices=Role.choices), default=list, blank=True, verbose_name=_("可越过的角色")
    )
    override_organisations = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("可越过的机构")
    )
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("设置人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    external_uid = models.CharField(_("外部日历编号"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("停用")
        indexes = [models.Index(fields=["place", "lifted_at"], name="blocking_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "external_uid"],
                condition=models.Q(lifted_at__isnull=True) & ~models.Q(external_uid=""),
                name="blocking_external_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Tariff(models.Model):
    """What a place costs from a day on; past tariffs stay. All amounts in fen.

    A "day" (包天) has its own limit of minutes; overtime is charged by started step beyond it.
    Source of the shape: field facts on booking practice (14 or 16 hour days, started hours).
    """

    place = models.ForeignKey(Place, models.CASCADE, related_name="tariffs", verbose_name=_("场地"))
    valid_from = models.DateField(_("生效"))
    valid_to = models.DateField(_("失效"), null=True, blank=True, help_text=_("不含当日"))
    is_free = models.BooleanField(_("免费"), default=False)
    free_condition = models.CharField(_("免费条件"), max_length=200, blank=True)
    hour_fen = models.BigIntegerField(_("每小时（分）"), null=True, blank=True)
    day_fen = models.BigIntegerField(_("每天（分）"), null=True, blank=True)
    day_limit_minutes = models.IntegerField(_("一天上限（分钟）"), default=14 * 60)
    night_fen = models.BigIntegerField(_("夜间每小时加收（分）"), default=0)
    night_from_minute = models.SmallIntegerField(_("夜间开始（分钟）"), default=22 * 60)
    night_to_minute = models.SmallIntegerField(_("夜间结束（分钟）"), default=6 * 60)
    overtime_fen = models.BigIntegerField(_("超时每档（分）"), null=True, blank=True)
    overtime_step_minutes = models.SmallIntegerField(_("超时档（分钟）"), default=60)
    deposit_fen = models.BigIntegerField(_("押金（分）"), default=0)
    cancellation = models.JSONField(
        _("取消条款"), default=list, blank=True, help_text=_("[[提前小时, 收取百分比], …]，由早到晚")
    )
    standing = models.CharField(_("资料性质"), max_length=8, choices=Standing.choices, default=Standing.KNOWN)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("价目")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="tariff_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(is_free=True) | models.Q(hour_fen__isnull=False) | models.Q(day_fen__isnull=False),
                name="tariff_has_price",
            ),
            models.CheckConstraint(condition=models.Q(overtime_step_minutes__in=[30, 60]), name="tariff_overtime_step"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.valid_from}"


class TariffExtra(models.Model):
    """An extra charged per unit: power per kWh, stage manager per day, parking per car."""

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="extras", verbose_name=_("价目"))
    code = models.SlugField(_("代码"), max_length=30)
    label = models.CharField(_("名称"), max_length=60)
    label_en = models.CharField(_("英文名称"), max_length=80, blank=True)
    unit = models.CharField(_("计量单位"), max_length=20)
    unit_fen = models.BigIntegerField(_("单价（分）"))

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["tariff", "code"], name="extra_once")]

    def __str__(self) -> str:
        return f"{self.label} / {self.unit}"


class Photo(models.Model):
    """A picture of a place: re-encoded, EXIF stripped, at two sizes."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="photos", verbose_name=_("场地"))
    image = models.FileField(_("图片"), upload_to="places/%Y/%m/")
    thumbnail = models.FileField(_("缩略图"), upload_to="places/%Y/%m/")
    width = models.IntegerField(_("宽（像素）"))
    height = models.IntegerField(_("高（像素）"))
    sha256 = models.CharField(max_length=64)
    caption = models.CharField(_("说明"), max_length=120, blank=True)
    position = models.IntegerField(_("次序"), default=0)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("照片")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["place", "sha256"], name="photo_once")]

    def __str__(self) -> str:
        return self.caption or f"{self.place} #{self.position}"


class Contact(models.Model):
    """Who to call; each field in ``locked_fields`` stays hidden until a hold exists."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="contacts", verbose_name=_("场地"))
    name = models.CharField(_("姓名"), max_length=60)
    duty = models.CharField(_("职责"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    wechat = models.CharField(_("微信"), max_length=60, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    locked_fields = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("预留后可见的字段")
    )

    class Meta:
        verbose_name = _("联系人")

    def __str__(self) -> str:
        return self.name


class Cover(models.Model):
    """Which leaves a place occupies; written by the database only (``places_rebuild_cover``)."""

    pk = models.CompositePrimaryKey("place_id", "leaf_id")
    place = models.ForeignKey(Place, models.CASCADE, related_name="covers", db_index=False)
    leaf = models.ForeignKey(Place, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.place_id} ⊇ {self.leaf_id}"
