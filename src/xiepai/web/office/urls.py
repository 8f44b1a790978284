"""Addresses of the office."""

from __future__ import annotations

from django.urls import path

from xiepai.web.office import (
    board,
    calendar_days,
    emergency_rooms,
    grants_application,
    grants_deeds,
    grants_queue,
    notices,
    organisations,
    paper_kinds,
    papers,
    places,
    queue,
    settlements,
    vocabularies,
    works,
)

app_name = "office"

urlpatterns = [
    path("vocabularies/", vocabularies.vocabularies, name="vocabularies"),
    path("vocabularies/<int:term_id>/", vocabularies.change, name="term"),
    path("works/", works.listing, name="works"),
    path("works.<str:form>", works.as_file, name="works_file"),
    path("papers/", papers.queue, name="papers"),
    path("papers/<int:paper_id>/", papers.check, name="paper_check"),
    path("paper-kinds/", paper_kinds.listing, name="paper_kinds"),
    path("paper-kinds/new/", paper_kinds.new, name="paper_kind_new"),
    path("paper-kinds/<int:kind_id>/", paper_kinds.edit, name="paper_kind"),
    path("paper-kinds/<int:kind_id>/state/", paper_kinds.set_state, name="paper_kind_state"),
    path("queue/", queue.queue, name="queue"),
    path("queue.csv", queue.as_csv, name="queue_csv"),
    path("queue/decide/", queue.decide, name="queue_decide"),
    path("places/", places.listing, name="places"),
    path("places.csv", places.as_csv, name="places_csv"),
    path("places/decide/", places.decide, name="places_decide"),
    path("board/", board.board, name="board"),
    path("board.<str:form>", board.export, name="board_export"),
    path("board/<int:booking_id>/", board.move, name="board_move"),
    path("settlements/", settlements.settlements, name="settlements"),
    path("settlements.<str:form>", settlements.export, name="settlements_file"),
    path("emergency-rooms/", emergency_rooms.rooms, name="emergency_rooms"),
    path("calendar-days/", calendar_days.calendar_days, name="calendar_days"),
    path("calendar-days/<int:day_id>/remove/", calendar_days.remove, name="calendar_day_remove"),
    path("grants/", grants_queue.listing, name="grants"),
    path("grants.<str:form>", grants_queue.as_file, name="grants_file"),
    path("grants/take/", grants_queue.take, name="grants_take"),
    path("grants/applications/<int:application_id>/", grants_application.application, name="grant"),
    path("grants/applications/<int:application_id>/deed/", grants_deeds.deed, name="grant_deed"),
    path("public-notices/", notices.listing, name="notices"),
    path("public-notices/new/<int:programme_id>/", notices.new, name="notice_new"),
    path("public-notices/<int:notice_id>/", notices.notice, name="notice"),
    path("public-notices/<int:notice_id>/deed/", notices.deed, name="notice_deed"),
    path("public-notices/<int:notice_id>/objections/<int:objection_id>/", notices.answer, name="objection_answer"),
    path("organisations/", organisations.listing, name="organisations"),
    path("organisations.csv", organisations.as_csv, name="organisations_csv"),
    path("organisations/new/", organisations.new, name="organisation_new"),
    path("organisations/<int:organisation_id>/state/", organisations.state, name="organisation_state"),
]
