"""Addresses of oneself, one's organisations, and histories."""

from __future__ import annotations

from django.urls import path

from xiepai.web.people import calendars, channels, histories, me, members, notices, organisations, tokens

app_name = "people"

urlpatterns = [
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/<int:feed_id>/revoke/", calendars.revoke, name="calendar_revoke"),
    path("feeds/<str:secret>.ics", calendars.feed, name="feed"),
    path("me/", me.me, name="me"),
    path("organisations/", organisations.mine, name="organisations"),
    path("organisations/<int:organisation_id>/", organisations.organisation, name="organisation"),
    path("organisations/<int:organisation_id>/edit/", organisations.edit, name="organisation_edit"),
    path("organisations/<int:organisation_id>/invitations/", members.invite, name="invite"),
    path("organisations/<int:organisation_id>/tokens/", tokens.create, name="token_create"),
    path("organisations/<int:organisation_id>/channels/", channels.channels, name="channels"),
    path("channels/<int:channel_id>/", channels.change, name="channel"),
    path("members/<int:membership_id>/role/", members.change_role, name="member_role"),
    path("members/<int:membership_id>/remove/", members.remove, name="member_remove"),
    path("sent-invitations/<int:invitation_id>/revoke/", members.revoke, name="invitation_revoke"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("history/<str:label>/<int:object_id>/", histories.history, name="history"),
]
