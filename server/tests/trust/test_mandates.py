"""Who may sign what, in which capacity: Nghị định 30/2020/NĐ-CP Điều 13; each refusal by name."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chauban.directory.models import Post
from chauban.directory.rules import legal_day
from chauban.journal.models import Act
from chauban.trust import errors
from chauban.trust.actions import end_mandate, grant_mandate
from chauban.trust.models import Capacity, Mandate
from chauban.trust.rules import prefixes, require_mandate
from chauban.trust.words import explain

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
NEW_YEAR = date(2026, 1, 1)
COMMITTEE = "TM. ỦY BAN NHÂN DÂN"


def post_of(username):
    return Post.objects.select_related("person", "agency").get(
        person__email=f"{username}@hue.invalid"
    )


@dataclass(frozen=True)
class Asked:
    """A mandate that is asked for; a test changes one thing of one that is granted."""

    username: str
    body: str
    capacity: Capacity
    lines: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    basis: str = "Quyết định số 15/QĐ-UBND ngày 05/01/2026"
    valid_from: date = NEW_YEAR
    valid_to: date | None = None
    parent: Any = None


CHAIRMAN = Asked("chu-tich.vp-ubnd", "ubnd-tp", Capacity.TM, (COMMITTEE, "CHỦ TỊCH"))
DEPUTY = Asked(
    "pho-chu-tich.vp-ubnd", "ubnd-tp", Capacity.KT, (COMMITTEE, "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
)
OWN_COMPETENCE = Asked("chu-tich.vp-ubnd", "ubnd-tp", Capacity.HEAD, ("CHỦ TỊCH",))
DIRECTOR = Asked("giam-doc.so-tai-chinh", "so-tai-chinh", Capacity.HEAD, ("GIÁM ĐỐC",))
ACTING = Asked("giam-doc.so-tai-chinh", "so-tai-chinh", Capacity.ACTING, ("Q. GIÁM ĐỐC",))
BY_ORDER = Asked(
    "chanh-vp.vp-ubnd",
    "ubnd-tp",
    Capacity.TL,
    ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"),
    kinds=("giay_moi", "thong_bao"),
)
UNDER_ORDER = Asked(
    "pho-chanh-vp.vp-ubnd",
    "ubnd-tp",
    Capacity.KT,
    ("TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
    kinds=("giay_moi",),
)
AUTHORISED = Asked(
    "giam-doc.so-tai-chinh",
    "ubnd-tp",
    Capacity.TUQ,
    (COMMITTEE, "TUQ. CHỦ TỊCH", "GIÁM ĐỐC SỞ TÀI CHÍNH"),
    kinds=("cong_van",),
    valid_to=date(2026, 12, 31),
)


@pytest.fixture
def grant(body, now):
    def granted(asked):
        return grant_mandate(
            post_of(asked.username),
            body=body(asked.body),
            capacity=asked.capacity,
            authority_lines=list(asked.lines),
            kinds=asked.kinds,
            basis=asked.basis,
            valid_from=asked.valid_from,
            valid_to=asked.valid_to,
            parent=asked.parent,
            officer=None,
            now=now,
        )

    return granted


# --- Granting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [CHAIRMAN, DEPUTY, OWN_COMPETENCE, DIRECTOR, ACTING, BY_ORDER, AUTHORISED],
    ids=["TM", "TM-KT", "head-of-the-committee", "head", "Q", "TL", "TM-TUQ"],
)
def test_the_capacities_of_article_13_are_granted_and_recorded(grant, asked):
    mandate = grant(asked)
    assert Act.objects.on(mandate).get().kind == "mandate-granted"
    assert str(mandate) == " / ".join(asked.lines)


def test_a_deputy_unit_head_signs_kt_under_the_unit_heads_order(grant):
    """Điều 13.4: who signs by order may let his own deputy sign in his place."""
    mandate = grant(replace(UNDER_ORDER, parent=grant(BY_ORDER)))
    assert prefixes(mandate.authority_lines) == ("TL.", "KT.", "")


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (replace(CHAIRMAN, basis=" "), errors.MandateWithoutBasis),
        (replace(CHAIRMAN, valid_to=NEW_YEAR), errors.MandateBackwards),
        (replace(CHAIRMAN, valid_from=date(2024, 6, 1)), errors.MandateOutsidePost),
        (replace(BY_ORDER, kinds=("giay_moi", "thong_tu")), errors.UnknownKindInMandate),
        (replace(CHAIRMAN, lines=("CHỦ TỊCH",)), errors.AuthorityLinesWrong),
        (replace(CHAIRMAN, lines=(COMMITTEE, "Chủ tịch")), errors.AuthorityLinesWrong),
        (replace(CHAIRMAN, lines=(COMMITTEE, "GIÁM ĐỐC")), errors.AuthorityLinesWrong),
        (
            replace(DEPUTY, lines=("KT. CHỦ TỊCH", COMMITTEE, "PHÓ CHỦ TỊCH")),
            errors.AuthorityLinesWrong,
        ),
        (
            replace(DIRECTOR, capacity=Capacity.TM, lines=("TM. SỞ TÀI CHÍNH", "GIÁM ĐỐC")),
            errors.TMOnlyForCollective,
        ),
        (
            replace(CHAIRMAN, username="pho-chu-tich.vp-ubnd", lines=(COMMITTEE, "PHÓ CHỦ TỊCH")),
            errors.NotTheHead,
        ),
        (replace(DIRECTOR, body="so-noi-vu"), errors.NotTheHead),
        (
            replace(
                DEPUTY,
                username="chu-tich.vp-ubnd",
                lines=(COMMITTEE, "KT. CHỦ TỊCH", "CHỦ TỊCH"),
            ),
            errors.KTOnlyForDeputy,
        ),
        (
            replace(DEPUTY, username="pho-chu-tich.thuan-hoa"),
            errors.KTOnlyForDeputy,
        ),
        (
            replace(
                BY_ORDER, username="chuyen-vien.vp-ubnd", lines=("TL. CHỦ TỊCH", "CHUYÊN VIÊN")
            ),
            errors.TLOnlyForUnitHead,
        ),
        (replace(BY_ORDER, kinds=()), errors.TLMustNameKinds),
        (replace(AUTHORISED, valid_to=None), errors.TUQWithoutEnd),
        (replace(AUTHORISED, kinds=()), errors.TUQWithoutKinds),
        (
            replace(
                AUTHORISED,
                username="pho-giam-doc.so-tai-chinh",
                lines=(COMMITTEE, "TUQ. CHỦ TỊCH", "PHÓ GIÁM ĐỐC SỞ TÀI CHÍNH"),
            ),
            errors.TUQOnlyForSubordinateHead,
        ),
        (replace(AUTHORISED, body="ubnd-thuan-hoa"), errors.TUQOnlyForSubordinateHead),
        (replace(UNDER_ORDER, parent=None), errors.OrderMissing),
    ],
)
def test_what_article_13_does_not_allow_is_refused_by_the_name_of_the_rule(grant, asked, refusal):
    with pytest.raises(refusal) as refused:
        grant(asked)
    assert type(refused.value) is refusal
    assert refusal.clause in explain(refused.value).vi
    assert not Mandate.objects.exists()


def test_authorisation_is_not_passed_on(grant, body):
    """Điều 13.3: a TUQ. mandate has no child, neither as a row nor in the lines."""
    authorised = grant(AUTHORISED)
    lines = (COMMITTEE, "TUQ. CHỦ TỊCH", "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")
    deputy = replace(AUTHORISED, username="pho-giam-doc.so-tai-chinh", capacity=Capacity.KT)
    with pytest.raises(errors.TUQCannotBePassedOn):
        grant(replace(deputy, lines=lines))
    with pytest.raises(errors.TUQCannotBePassedOn):
        grant(replace(UNDER_ORDER, parent=authorised))


def test_an_authorisation_without_an_end_does_not_fit_the_table_either(grant):
    authorised = grant(AUTHORISED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.filter(pk=authorised.pk).update(valid_to=None)


@pytest.mark.parametrize(
    "wider",
    [
        {"kinds": ("giay_moi", "bao_cao")},
        {"kinds": ()},
        {"body": "vp-ubnd"},
        {"valid_from": date(2025, 12, 31)},
        {"valid_to": date(2027, 1, 1)},
    ],
    ids=["other-kinds", "all-kinds", "other-body", "earlier", "longer"],
)
def test_a_mandate_under_an_order_is_not_wider_than_the_order(grant, wider):
    order = grant(replace(BY_ORDER, valid_to=date(2026, 12, 31)))
    within = replace(UNDER_ORDER, parent=order, valid_to=date(2026, 12, 31))
    assert grant(within)
    with pytest.raises(errors.WiderThanItsOrder):
        grant(replace(within, **wider))


def test_only_a_tl_mandate_stands_above_another(grant):
    with pytest.raises(errors.OrderMissing):
        grant(replace(DEPUTY, parent=grant(CHAIRMAN)))


# --- Signing under a mandate --------------------------------------------------------------------


def check(mandate, **changed):
    facts = {
        "person": mandate.person,
        "body": mandate.body,
        "kind": "cong_van",
        "day": TODAY,
    } | changed
    require_mandate(mandate, **facts)


def test_the_mandatary_signs_within_the_mandate(grant):
    check(grant(AUTHORISED))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "quyet_dinh"}, errors.MandateNotForKind),
        ({"day": date(2025, 12, 31)}, errors.MandateOutsidePeriod),
        ({"day": date(2026, 12, 31)}, errors.MandateOutsidePeriod),
    ],
)
def test_a_signature_outside_the_mandate_is_refused(grant, changed, refusal):
    with pytest.raises(refusal) as refused:
        check(grant(AUTHORISED), **changed)
    assert explain(refused.value).vi


def test_a_refused_kind_is_called_by_its_name(grant):
    with pytest.raises(errors.MandateNotForKind) as refused:
        check(grant(AUTHORISED), kind="quyet_dinh")
    assert "“Quyết định”" in explain(refused.value).vi


def test_another_person_does_not_sign_under_it(grant):
    with pytest.raises(errors.NotTheMandatary):
        check(grant(AUTHORISED), person=post_of("chu-tich.vp-ubnd").person)


def test_it_is_not_used_for_another_body(grant, body):
    with pytest.raises(errors.MandateNotForBody):
        check(grant(AUTHORISED), body=body("so-tai-chinh"))


def test_nobody_signs_in_a_post_he_no_longer_holds(grant):
    mandate = grant(CHAIRMAN)
    Post.objects.filter(pk=mandate.post_id).update(valid_to=TODAY)
    mandate.refresh_from_db()
    check(mandate, day=date(2026, 11, 22))
    with pytest.raises(errors.MandatePostEnded):
        check(mandate)


def test_nothing_is_signed_in_the_name_of_a_body_that_has_ended(grant):
    mandate = grant(CHAIRMAN)
    mandate.body.valid_to = TODAY
    check(mandate, day=date(2026, 11, 22))
    with pytest.raises(errors.MandateBodyEnded):
        check(mandate)


def test_a_mandate_ends_with_the_order_above_it(grant, officer, now):
    order = grant(BY_ORDER)
    deputy = grant(replace(UNDER_ORDER, parent=order))
    check(deputy, kind="giay_moi")
    end_mandate(order, on=TODAY, officer=officer("chu-tich.vp-ubnd"), now=now)
    assert Act.objects.filter(kind="mandate-ended").count() == 2
    with pytest.raises(errors.MandateOutsidePeriod):
        check(Mandate.objects.get(pk=deputy.pk), kind="giay_moi")


def test_a_mandate_does_not_outlive_the_post_of_who_gave_the_order(grant):
    order = grant(BY_ORDER)
    deputy = grant(replace(UNDER_ORDER, parent=order))
    order.post.valid_to = TODAY
    with pytest.raises(errors.MandateParentEnded):
        check(deputy, kind="giay_moi")


def test_the_mandates_that_cover_a_document_are_offered(grant, body, now):
    chairman, authorised = grant(CHAIRMAN), grant(AUTHORISED)
    offered = Mandate.objects.covering
    assert offered(body("ubnd-tp"), "cong_van", legal_day(now)) == [chairman, authorised]
    assert offered(body("ubnd-tp"), "quyet_dinh", legal_day(now)) == [chairman]
    assert offered(body("ubnd-tp"), "cong_van", date(2027, 1, 1)) == [chairman]
    assert offered(body("vp-ubnd"), "cong_van", legal_day(now)) == []


def test_every_refusal_has_words_that_name_its_clause():
    mandate = Mandate(authority_lines=["CHỦ TỊCH"])
    for refusal in refusals(errors.MandateError):
        is_about_a_day = issubclass(refusal, errors.MandateOutsidePeriod)
        words = explain(refusal(mandate, TODAY if is_about_a_day else "x"))
        assert refusal.clause in words.vi
        assert refusal.clause in words.en


def refusals(root):
    for refusal in root.__subclasses__():
        if refusal is not errors.TUQMustBeLimited:  # only its two leaves are raised
            yield refusal
        yield from refusals(refusal)
