"""Mails the pages send: plain text, in the language of the page they come from.

A mail that cannot be sent is reported to whoever asked for it, and never undoes what it tells of.
"""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from xiepai.parties.models import Invitation

log = logging.getLogger(__name__)


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link to the invited address; False when no mail could be sent."""
    subject = _("%(who)s邀请您加入“%(name)s”") % {
        "who": invitation.invited_by.get_short_name(),
        "name": invitation.organisation.name,
    }
    body = render_to_string("mail/invitation.txt", {"invitation": invitation, "link": link})
    try:
        return bool(send_mail(subject, body, None, [invitation.email]))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("no mail to an invited address: %s", error)
        return False
