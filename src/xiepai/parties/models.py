"""People, organisations, memberships, invitations and API tokens.

Secrets (invitation and token values) are stored as digests only.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models_calendar import CalendarDay, CalendarYear, OfficeHours
from xiepai.parties.models_notices import Channel, ChannelKind, Notice

__all__ = [
    "CREW_ROLES",
    "OFFICE_ROLES",
    "STAFF_ROLES",
    "ApiToken",
    "CalendarDay",
    "CalendarYear",
    "Channel",
    "ChannelKind",
    "Invitation",
    "Membership",
    "Notice",
    "OfficeHours",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PersonManager",
    "Role",
]


class OrganisationKind(models.TextChoices):
    """What an organisation is to the city."""

    OFFICE = "office", _("协拍办")
    CREW = "crew", _("剧组公司")
    BASE = "base", _("影视基地")
    SCENIC = "scenic", _("景区")
    STREET = "street", _("街道办事处")
    HOTEL = "hotel", _("酒店")
    VENDOR = "vendor", _("供应商")
    ENTERPRISE = "enterprise", _("企业")
    AGENCY = "agency", _("政府部门")


class Role(models.TextChoices):
    """What a member may do; producer and scheduler belong to a crew, keeper to a place's owner."""

    PRODUCER = "producer", _("制片")
    SCHEDULER = "scheduler", _("统筹")
    KEEPER = "keeper", _("场景管理员")
    OFFICER = "officer", _("协拍专员")
    REVIEWER = "reviewer", _("评审")
    FINANCE = "finance", _("财务")
    LEADER = "leader", _("领导")
    ADMINISTRATOR = "administrator", _("系统管理员")


CREW_ROLES = frozenset({Role.PRODUCER, Role.SCHEDULER})
OFFICE_ROLES = frozenset({Role.OFFICER, Role.REVIEWER, Role.FINANCE, Role.LEADER, Role.ADMINISTRATOR})
#: Who works in the office; an expert is asked from outside and sees what was given to him, nothing of the city's files.
STAFF_ROLES = OFFICE_ROLES - {Role.REVIEWER}


class PersonManager(BaseUserManager["Person"]):
    """Makes people; e-mail addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person who can sign in (without a password: only by recovery or third party)."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A technical administrator of the installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> Person:
        """By e-mail address, without case."""
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """A human being; signs in with an e-mail address."""

    email = models.EmailField(_("电子邮箱"), unique=True)
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    is_staff = models.BooleanField(_("可进后台"), default=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("人员")

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        """The name people read."""
        return self.name or self.email.split("@")[0]


class Organisation(models.Model):
    """A legal person or office. ``uscc`` is checked and warned about, never refused."""

    kind = models.CharField(_("类型"), max_length=12, choices=OrganisationKind.choices)
    name = models.CharField(_("名称"), max_length=120, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=40, blank=True)
    uscc_warning = models.CharField(_("代码提示"), max_length=120, blank=True)
    town = models.CharField(_("所在镇街"), max_length=60, blank=True)
    cluster = models.CharField(_("产业集聚区"), max_length=40, blank=True, db_default="")
    standing = models.CharField(
        _("资料性质"),
        max_length=8,
        choices=[("known", _("已知")), ("sample", _("样例")), ("assumed", _("假设"))],
        default="known",
    )
    is_active = models.BooleanField(_("有效"), default=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("机构")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person acts for an organisation in a role."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", verbose_name=_("人员"))
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships", verbose_name=_("机构"))
    role = models.CharField(_("角色"), max_length=14, choices=Role.choices)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("成员")
        constraints = [models.UniqueConstraint(fields=["person", "organisation", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation} · {self.get_role_display()}"


class Invitation(models.Model):
    """An invitation to join; the secret is in the mail, here is only its digest."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("机构"))
    email = models.EmailField(_("电子邮箱"))
    role = models.CharField(_("角色"), max_length=14, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("邀请人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    expires_at = models.DateTimeField(_("到期"))
    accepted_at = models.DateTimeField(_("接受时间"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)

    class Meta:
        verbose_name = _("邀请")

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"


class ApiToken(models.Model):
    """A machine's key to act for one organisation in stated roles; shown once, stored as a digest."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("机构"))
    name = models.CharField(_("名称"), max_length=60)
    prefix = models.CharField(_("开头"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    roles = ArrayField(models.CharField(max_length=14, choices=Role.choices), verbose_name=_("角色"))
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    expires_at = models.DateTimeField(_("到期"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)
    last_used_on = models.DateField(_("最近使用"), null=True)

    class Meta:
        verbose_name = _("令牌")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
