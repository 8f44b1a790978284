"""Industry clusters: the office's own words, set by the office, shown with the company and behind the figures."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.city import City, make_city
from tests.review import Review, hand_in, make_review

from xiepai.grants import publishing
from xiepai.grants.models import Decision
from xiepai.grants.publishing import AwardFilter
from xiepai.grants.services.promising import shares_of
from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.parties.models import Role
from xiepai.places.demo.files import read_rows
from xiepai.places.services.clusters import set_cluster
from xiepai.places.services.vocabulary import add_term, retire_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    found = make_city()
    for at, row in enumerate(row for row in read_rows("terms") if row["vocabulary"] == "cluster"):
        add_term(actor=found.actor(Role.OFFICER), **row, position=at)
    return found


def browser(city: City, role: Role) -> Client:
    client = Client()
    client.force_login(city.people[role])
    return client


def test_the_citys_file_names_the_five_and_one() -> None:
    rows = [row for row in read_rows("terms") if row["vocabulary"] == "cluster"]
    assert [row["zh"] for row in rows] == [
        "西太湖微短剧产业集聚区", "武高新文化智造产业集聚区", "中以常州创新园版权产业集聚区",
        "科教城文科融合产业集聚区", "太湖湾休闲旅游产业集聚区", "嘉泽农文旅融合高地",
    ]  # fmt: skip
    assert all(row["en"] for row in rows)


def test_the_office_sets_it_and_everybody_concerned_sees_it(city: City) -> None:
    address = f"/office/organisations/{city.crew.pk}/cluster/"
    office, producer = browser(city, Role.OFFICER), browser(city, Role.PRODUCER)
    assert producer.post(address, {"cluster": "xitaihu-drama"}).status_code == 403
    office.post(address, {"cluster": "xitaihu-drama"})
    city.crew.refresh_from_db()
    assert city.crew.cluster == "xitaihu-drama"
    entry = AuditEntry.objects.get(event="parties.organisation.clustered")
    assert (entry.before, entry.after) == ({"cluster": ""}, {"cluster": "xitaihu-drama"})
    page = f"/organisations/{city.crew.pk}/"
    assert "西太湖微短剧产业集聚区" in producer.get(page).content.decode()
    assert "West Taihu short-drama cluster" in producer.get(page, headers={"accept-language": "en"}).content.decode()
    assert 'name="cluster"' not in producer.get(page).content.decode()
    assert 'name="cluster"' in office.get(page).content.decode()
    listed = office.get("/office/organisations/?cluster=xitaihu-drama").content.decode()
    assert city.crew.name in listed
    assert city.other_crew.name not in listed
    sheet = b"".join(office.get("/office/organisations.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "西太湖微短剧产业集聚区" in sheet
    office.post(address, {"cluster": ""})
    city.crew.refresh_from_db()
    assert city.crew.cluster == ""


def test_refused_are_unknown_and_retired_words_and_everybody_but_the_office(city: City) -> None:
    officer, key = city.actor(Role.OFFICER), city.crew.pk
    with pytest.raises(XiepaiError, match="没有这个产业集聚区"):
        set_cluster(actor=officer, organisation_id=key, cluster="hutang")
    set_cluster(actor=officer, organisation_id=key, cluster="taihuwan-leisure")
    term = add_term(actor=officer, vocabulary="cluster", code="old", zh="旧集聚区")
    retire_term(actor=officer, term_id=term.pk)
    with pytest.raises(XiepaiError):
        set_cluster(actor=officer, organisation_id=key, cluster="old")
    for role in (Role.PRODUCER, Role.KEEPER, Role.LEADER):
        with pytest.raises(XiepaiError) as refused:
            set_cluster(actor=city.actor(role), organisation_id=key, cluster="")
        assert refused.value.code is ErrorCode.FORBIDDEN


def award(review: Review, by_measure: dict[str, int], fen: int) -> Decision:
    row = hand_in(review.version, review.company, "script")
    type(row).objects.filter(pk=row.pk).update(state="paid")
    found = Decision.objects.create(
        application=row, number=f"{row.number}-D1", outcome="approved", awarded_fen=fen, by_measure=by_measure,
        version=review.version, evaluated_on=review.version.effective_from, sha256="0" * 64,
    )  # fmt: skip
    audit.record("grants.decision.made", found, actor=system())
    return found


def test_figures_by_cluster_have_their_rows_and_add_up_to_what_was_awarded() -> None:
    review = make_review()
    officer = review.actor("officer")
    add_term(actor=officer, vocabulary="cluster", code="xitaihu-drama", zh="西太湖微短剧产业集聚区", en="West Taihu")
    set_cluster(actor=officer, organisation_id=review.company.pk, cluster="xitaihu-drama")
    capped = award(review, {"script": 100_01, "chain": 200_00, "release": 1}, 200_00)
    award(review, {"script": 500}, 500)
    lines = publishing.award_lines(AwardFilter(), sort="measure")
    shares = {line.measure: line.fen for line in lines if line.id == capped.pk}
    assert shares == shares_of(capped), "a limit over measures is borne by each in proportion, as in what is paid"
    [group] = publishing.grouped(AwardFilter(), "cluster")
    assert (group.label, group.fen, group.companies) == ("xitaihu-drama", 20_500, 1)
    assert publishing.totals(group.rows)["fen"] == group.fen
    client = Client()
    page = client.get("/awards/statistics/").content.decode()
    assert "按产业集聚区" in page
    assert "/awards/?cluster=xitaihu-drama" in page
    assert "西太湖微短剧产业集聚区" in client.get("/awards/?cluster=xitaihu-drama").content.decode()
    sheet = client.get("/awards/statistics/cluster.csv", headers={"accept-language": "en"}).content.decode()
    assert "West Taihu,3,1,205.00" in sheet
    grants = json.loads(client.get("/awards.json?cluster=xitaihu-drama").content)["grants"]
    assert len(grants) == 3, "a fen of the smallest was rounded away"
    said = {"code": "xitaihu-drama", "title": "西太湖微短剧产业集聚区", "vocabulary": "cluster"}
    assert all(said in grant["classifications"] for grant in grants)
    assert not client.get("/awards/statistics/?no_cluster=1").content.decode().count("/awards/?measure")
