"""Addresses of bookings and needs: crews act on them, keepers answer."""

from __future__ import annotations

from django.urls import path

from xiepai.web.crew import booking, bookings, calls, handovers, needs, work_papers, work_people, works
from xiepai.web.office import settlements

app_name = "crew"

urlpatterns = [
    path("bookings/", bookings.listing, name="bookings"),
    path("bookings.<str:form>", bookings.export, name="bookings_file"),
    path("bookings/<int:booking_id>/", booking.booking, name="booking"),
    path("bookings/<int:booking_id>.ics", booking.as_ics, name="booking_ics"),
    path("bookings/<int:booking_id>/confirm/", booking.confirm, name="booking_confirm"),
    path("bookings/<int:booking_id>/cancel/", booking.cancel, name="booking_cancel"),
    path("bookings/<int:booking_id>/change/", booking.change, name="booking_change"),
    path("bookings/<int:booking_id>/name-work/", booking.work, name="booking_work"),
    path("bookings/<int:booking_id>/approve/", booking.approve, name="booking_approve"),
    path("bookings/<int:booking_id>/decline/", booking.decline, name="booking_decline"),
    path("bookings/<int:booking_id>/hand-over/", handovers.hand_over, name="booking_hand_over"),
    path("bookings/<int:booking_id>/take-back/", handovers.take_back, name="booking_take_back"),
    path("bookings/<int:booking_id>/extra/", handovers.extra, name="booking_extra"),
    path("bookings/<int:booking_id>/claim/", handovers.claim, name="booking_claim"),
    path("bookings/<int:booking_id>/no-show/", booking.no_show, name="booking_no_show"),
    path("bookings/<int:booking_id>/settle/", booking.settle, name="booking_settle"),
    path("bookings/<int:booking_id>/settlement.<str:form>", booking.settlement, name="settlement"),
    path("handovers/<int:handover_id>/sign/", handovers.sign, name="handover_sign"),
    path("handovers/<int:handover_id>/pictures/", handovers.pictures, name="handover_pictures"),
    path("handover-pictures/<int:photo_id>/<str:size>.jpg", handovers.picture, name="handover_picture"),
    path("claims/<int:claim_id>/answer/", handovers.answer, name="claim_answer"),
    path("claims/<int:claim_id>/decide/", handovers.decide, name="claim_decide"),
    path("settlements/", settlements.settlements, name="settlements"),
    path("settlements.<str:form>", settlements.export, name="settlements_file"),
    path("places/<int:place_id>/hold/", bookings.hold, name="hold"),
    path("waiting/<int:entry_id>/", bookings.waiting, name="waiting"),
    path("works/", works.listing, name="works"),
    path("works.<str:form>", works.as_file, name="works_file"),
    path("works/new/", works.new, name="work_new"),
    path("works/class/", works.class_preview, name="work_class"),
    path("works/<int:work_id>/", works.work, name="work"),
    path("works/<int:work_id>/edit/", works.edit, name="work_edit"),
    path("works/<int:work_id>/stage/", works.advance, name="work_stage"),
    path("works/<int:work_id>/people/", work_people.people, name="work_people"),
    path("works/<int:work_id>/people.<str:form>", work_people.as_file, name="work_people_file"),
    path("works/people/<int:member_id>/", work_people.member, name="work_member"),
    path("works/people/<int:member_id>/remove/", work_people.remove, name="work_member_remove"),
    path("works/<int:work_id>/papers/", work_papers.papers, name="work_papers"),
    path("works/<int:work_id>/papers/new/", work_papers.submit, name="paper_new"),
    path("papers/<int:paper_id>/", work_papers.paper, name="paper"),
    path("papers/<int:paper_id>/file/", work_papers.file, name="paper_file"),
    path("papers/<int:paper_id>/withdraw/", work_papers.withdraw, name="paper_withdraw"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<int:call_id>/", calls.call, name="call"),
    path("calls/<int:call_id>/close/", calls.close, name="call_close"),
    path("calls/<int:call_id>/offers/<int:offer_id>/take/", calls.take, name="call_take"),
    path("needs/", needs.needs, name="needs"),
    path("needs/blank.xlsx", needs.blank, name="needs_blank"),
    path("needs/drafts/<int:draft_id>/", needs.draft, name="need_draft"),
    path("needs/drafts/<int:draft_id>.xlsx", needs.as_xlsx, name="need_draft_xlsx"),
    path("needs/drafts/<int:draft_id>/pick/", needs.pick, name="need_draft_pick"),
    path("needs/drafts/<int:draft_id>/use/", needs.use, name="need_draft_use"),
    path("needs/drafts/<int:draft_id>/book/", needs.book, name="need_draft_book"),
    path("needs/drafts/<int:draft_id>/remove/", needs.remove, name="need_draft_remove"),
    path("needs/drafts/<int:draft_id>/progress/", needs.progress, name="need_draft_progress"),
    path("needs/<int:list_id>/", needs.need_list, name="need_list"),
]
