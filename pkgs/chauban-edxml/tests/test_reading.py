"""What reading refuses and what it only remarks; each case differs from a good one in one thing."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from chauban_edxml import DEFAULT, read, read_without_attachments, write, write_status
from chauban_edxml.errors import (
    HasDTD,
    JunkBeforeDeclaration,
    Malformed,
    MissingIdentity,
    NoMessageHeader,
    NotEdXML,
    SecretMarking,
    TooLarge,
    UnsupportedDocType,
)
from chauban_edxml.model import Attachment, Code, Fault, Priority, Source
from chauban_edxml.parsing import NAMESPACE
from chauban_edxml.writing import Profile


@pytest.fixture
def good(message) -> bytes:
    return write(message)


def codes(message) -> list[str]:
    return [finding.code for finding in message.warnings]


def changed(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


def test_a_good_message_has_no_remarks(good):
    message = read(good)
    assert (message.warnings, message.extra) == ((), ())


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n \t", b"\xef\xbb\xbf\n"])
def test_a_byte_order_mark_and_white_space_may_come_first(good, before):
    assert read(before + good) == read(good)


@pytest.mark.parametrize("before", ["1212", "\u200b", "HTTP/1.1 200 OK\r\n"])
def test_other_characters_may_not_come_first(good, before):
    with pytest.raises(JunkBeforeDeclaration) as refusal:
        read(before.encode() + good)
    assert before.strip() in refusal.value.vi


def test_utf_16_is_refused(good):
    with pytest.raises(Malformed):
        read(good.decode().replace("UTF-8", "UTF-16").encode("utf-16"))


def test_bytes_that_are_not_utf_8_are_refused(good):
    with pytest.raises(Malformed):
        read(good.replace("Huế".encode(), b"Hu\xea"))


def test_another_declared_encoding_is_remarked(good):
    message = read(changed(good, 'encoding="UTF-8"', 'encoding="windows-1258"'))
    assert codes(message) == ["declared-encoding"]


@pytest.mark.parametrize("data", [b"", b"  \n", b"<", b"<edXML"])
def test_nothing_is_no_message(data):
    with pytest.raises(Malformed):
        read(data)


def test_a_document_type_declaration_is_refused_before_anything_it_declares(good):
    doctype = '<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<edXML xmlns'
    with pytest.raises(HasDTD):
        read(changed(good, "<edXML xmlns", doctype))


def test_an_entity_that_nobody_declared_is_malformed(good):
    with pytest.raises(Malformed):
        read(changed(good, "05</", "&number;</"))


def test_only_the_prefixes_seen_undeclared_in_traffic_are_mended(good):
    declared = ' xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">\n    <'
    mended = read(changed(good, declared, ">\n    <"))
    assert codes(mended) == ["undeclared-prefix"]
    assert mended == read(good)
    with pytest.raises(Malformed, match="undeclared prefix abc"):
        read(changed(good, "<edXML:Subject>", "<abc:Subject/><edXML:Subject>"))


@pytest.mark.parametrize("name", ["a:b:c", ":a", "a:"])
def test_a_name_with_a_misplaced_colon_is_malformed(good, name):
    with pytest.raises(Malformed):
        read(changed(good, "<edXML:Subject>", f"<{name}/><edXML:Subject>"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("<edXML xmlns", "<edxml xmlns"), ('<edXML xmlns="http://www.mic', '<edXML xmlns="http://x')],
)
def test_another_root_is_not_edxml(good, old, new):
    data = good.replace(b"</edXML>\n", b"</edxml>\n") if "edxml" in new else good
    with pytest.raises(NotEdXML):
        read(changed(data, old, new))


def test_the_older_namespace_and_none_are_read_alike(good):
    for namespace in (b"http://www.e-doc.vn/Schema/", b""):
        other = good.replace(b' xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"', b"")
        other = other.replace(b"edXML:", b"")
        assert read(other.replace(b"http://www.mic.gov.vn/TBT/QCVN_102_2016", namespace)) == read(
            good
        )


def test_a_message_without_header_is_refused(good):
    with pytest.raises(NoMessageHeader):
        read(good.replace(b"edXML:MessageHeader>", b"edXML:Other>"))


def test_the_misspelt_name_may_be_spelt_right(good):
    assert read(good.replace(b"Bussiness", b"Business")) == read(good)


def test_sender_identifier_and_code_are_not_all_missing(good):
    without_id = changed(
        good, "<edXML:DocumentId>H57.03,2026/11/20,05/STC-NS<", "<edXML:DocumentId><"
    )
    without_code = changed(without_id, "<edXML:CodeNumber>05<", "<edXML:CodeNumber><")
    without_code = changed(without_code, "<edXML:CodeNotation>STC-NS<", "<edXML:CodeNotation><")
    assert codes(read(without_code)) == ["missing", "missing"]
    with pytest.raises(MissingIdentity):
        read(changed(without_code, "<edXML:OrganId>H57.03<", "<edXML:OrganId>null<"))


def test_a_status_needs_one_of_them_too(status):
    data = write_status(status)
    for old in ("H57.64<", "05/STC-NS</edXML:Code", "H57.03,2026/11/20,05/STC-NS<"):
        read(data)
        data = changed(data, old, old[old.index("<") :])
    with pytest.raises(MissingIdentity):
        read(data)


@pytest.mark.parametrize(("value", "is_known"), [("0", True), ("", True), ("4", False)])
def test_an_operation_is_one_of_four(good, value, is_known):
    data = changed(good, "BussinessDocType>0<", f"BussinessDocType>{value}<")
    if is_known:
        assert read(data) == read(good)
    else:
        with pytest.raises(UnsupportedDocType):
            read(data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/20", date(2026, 11, 20)),
        ("20/11/2026", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/11/20 10:11:12", date(2026, 11, 20)),
        ("01/01/1900", None),
        ("", None),
        ("null", None),
    ],
)
def test_dates_of_every_dialect_are_read(good, text, expected):
    message = read(changed(good, "Date>2026/11/20<", f"Date>{text}<"))
    info = message.promulgation_info
    assert info.promulgation_date == expected
    assert message.warnings == ()


@pytest.mark.parametrize("text", ["2026/02/30", "20/11/26", "0001/01/01", "hôm nay", "99/99/9999"])
def test_an_impossible_date_is_kept_as_a_remark(good, text):
    message = read(changed(good, "Date>2026/11/20<", f"Date>{text}<"))
    assert message.promulgation_info.promulgation_date is None
    (finding,) = message.warnings
    assert (finding.code, finding.raw) == ("bad-date", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/20 06:59:59", datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC)),
        ("20/11/2026 07:00:00", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026/11/20", datetime(2026, 11, 19, 17, tzinfo=UTC)),
        ("2026-11-20 07:00", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_moments_are_viet_nam_time(good, text, expected):
    message = read(changed(good, "2026/11/20 16:30:00", text))
    assert message.trace[0].timestamp == expected


def test_numbers_and_flags_that_are_none_are_remarked_and_replaced(good):
    data = changed(good, "PageAmount>2<", "PageAmount>hai<")
    data = changed(data, "Direction>false<", "Direction>có<")
    data = changed(data, "Priority>0<", "Priority>7<")
    message = read(data)
    assert sorted(codes(message)) == ["bad-flag", "bad-number", "unknown-priority"]
    assert message.other_info.page_amount is None
    assert message.other_info.priority is Priority.NORMAL


def test_decomposed_letters_are_composed(good):
    decomposed = changed(good, "Trần Văn Mẫu", "Tra\u0302\u0300n Va\u0306n Ma\u0302\u0303u")
    assert read(decomposed) == read(good)


def test_a_second_of_what_occurs_once_is_remarked_and_kept(good):
    message = read(
        changed(good, "<edXML:Content>", "<edXML:Subject>Khác</edXML:Subject><edXML:Content>")
    )
    assert codes(message) == ["repeated"]
    assert message.subject == "V/v rà soát dự toán & quyết toán <2026>"
    assert [extra.text for extra in message.extra] == ["Khác"]


def test_unknown_elements_are_kept_whole_and_written_back(good):
    unknown = (
        '<edXML:Novelty kind="x &amp; y"><edXML:Part>một</edXML:Part>'
        '<zalo:Id xmlns:zalo="urn:zalo" zalo:of="2">7</zalo:Id></edXML:Novelty><edXML:Content>'
    )
    message = read(changed(good, "<edXML:Content>", unknown))
    (extra,) = message.extra
    assert extra.path == "edXMLEnvelope/edXMLHeader/MessageHeader/Novelty"
    assert extra.attributes == (("kind", "x & y"),)
    assert [(each.path, each.text, each.namespace) for each in extra.children] == [
        ("Part", "một", NAMESPACE),
        ("Id", "7", "urn:zalo"),
    ]
    assert extra.children[1].attributes == (("{urn:zalo}of", "2"),)
    assert read(write(message)) == message
    assert read(write(message, profile=Profile.DOTNET)) == message


@pytest.mark.parametrize(
    ("before", "path"),
    [
        ("</edXML>", "Khac"),
        ("  </edXML:edXMLEnvelope>", "edXMLEnvelope/Khac"),
        ("</edXML:edXMLHeader>", "edXMLEnvelope/edXMLHeader/Khac"),
        ("</edXML:edXMLBody>", "edXMLEnvelope/edXMLBody/Khac"),
        ("</edXML:edXMLManifest>", "edXMLEnvelope/edXMLBody/edXMLManifest/Khac"),
        ("  </AttachmentEncoded>", "AttachmentEncoded/Khac"),
        ("<edXML:CodeNumber>", "edXMLEnvelope/edXMLHeader/MessageHeader/Code/Khac"),
        ("</edXML:Paper>", "edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness/Paper/Khac"),
    ],
)
def test_an_unknown_element_goes_back_to_its_place(good, before, path):
    message = read(changed(good, before, f'<Khac xmlns="{NAMESPACE}">7</Khac>{before}'))
    assert [(each.path, each.text) for each in message.extra] == [(path, "7")]
    for profile in Profile:
        assert read(write(message, profile=profile)) == message


def test_unknown_things_of_the_second_recipient_and_file_stay_theirs(good):
    place = good.decode().replace(
        "<edXML:OrganName>UBND thành",
        '<edXML:Zalo>1</edXML:Zalo><edXML:OrganName lang="vi">UBND thành',
    )
    at = place.rindex("<AttachmentName>")
    data = (place[:at] + "<FieldName>f</FieldName>" + place[at:]).encode()
    message = read(data)
    header = "edXMLEnvelope/edXMLHeader/MessageHeader/To[2]"
    assert [(each.path, each.text) for each in message.extra] == [
        ("AttachmentEncoded/Attachment[2]/FieldName", "f"),
        (f"{header}/OrganName@lang", "vi"),
        (f"{header}/Zalo", "1"),
    ]
    assert read(write(message)) == message


def test_the_second_of_what_stands_once_is_kept_behind_the_first(good):
    second = "<edXML:Subject>Khác</edXML:Subject><edXML:Content>"
    message = read(changed(good, "<edXML:Content>", second))
    written = write(message)
    assert [each.code for each in message.warnings] == ["repeated"]
    assert b"</edXML:Subject>\n        <edXML:Subject>Kh" in written
    assert read(written) == message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<edXML:Direction>", "<edXML:Direction>false</edXML:Direction><edXML:Direction>"),
        (
            "<edXML:Content>",
            "<edXML:DueDate/><edXML:DueDate>2026/12/01</edXML:DueDate><edXML:Content>",
        ),
        ("<edXML:Place>Huế<", "<edXML:Place>null</edXML:Place><edXML:Place>Huế<"),
        (
            "<edXML:Content>",
            "<edXML:DueDate>?</edXML:DueDate><edXML:DueDate>2026/12/01</edXML:DueDate><edXML:Content>",
        ),
    ],
)
def test_the_second_does_not_become_the_first_where_that_was_nothing(good, old, new):
    message = read(changed(good, old, new))
    assert len(message.extra) == 1
    for profile in Profile:
        assert read(write(message, profile=profile)) == message


def test_the_raw_bytes_and_their_digest_are_kept(good):
    for message in (read(good), read_without_attachments(good)):
        assert message.source == Source(len(good), raw=good)
        assert message.source.sha256 == sha256(good).hexdigest()


def test_code_as_one_text_is_split_at_the_first_slash(good):
    start, end = good.index(b"<edXML:Code>"), good.index(b"</edXML:Code>")
    message = read(good[:start] + b"<edXML:Code>05/STC-NS/A" + good[end:])
    assert message.code == Code("05", "STC-NS/A")


@pytest.mark.parametrize("name", ["Secret", "secret", "SecretLevel", "SecurityLevel", "DoMat"])
@pytest.mark.parametrize(
    ("value", "is_secret"), [("1", True), ("Mật", True), ("0", False), ("", False)]
)
def test_a_field_named_for_secrecy_refuses_any_degree(good, name, value, is_secret):
    field = f"<edXML:{name}>{value}</edXML:{name}><edXML:Direction>"
    data = changed(good, "<edXML:Direction>", field)
    if not is_secret:
        assert replace(read(data), extra=()) == read(good)
        return
    with pytest.raises(SecretMarking) as refusal:
        read(data)
    assert refusal.value.organ_id == "H57.03"
    assert refusal.value.path.endswith(f"OtherInfo/{name}")


def test_what_stands_inside_or_on_such_a_field_counts(good):
    for field in (
        '<edXML:Secret degree="Tuyệt mật"/>',
        "<edXML:Secret><edXML:Level>2</edXML:Level></edXML:Secret>",
    ):
        with pytest.raises(SecretMarking):
            read(changed(good, "<edXML:Direction>", f"{field}<edXML:Direction>"))


def test_a_secretary_is_no_secret(good):
    field = "<edXML:Secretary>Nguyễn Thị Mẫu</edXML:Secretary><edXML:Direction>"
    message = read(changed(good, "<edXML:Direction>", field))
    assert replace(message, extra=()) == read(good)


@pytest.mark.parametrize("place", ["Priority>0<", "TypeName>Công văn<", "Place>Huế<"])
def test_a_field_that_is_nothing_but_a_degree_of_secrecy_refuses(good, place):
    name = place.split(">")[0]
    for degree in ("Mật", "TỐI MẬT", " tuyệt  mật "):
        with pytest.raises(SecretMarking):
            read(changed(good, place, f"{name}>{degree}<"))


def test_a_secret_message_is_refused_before_its_content_is_decoded(good, message):
    """A payload that is not base64 would be remarked if it were looked at."""
    marked = changed(good, "<edXML:Direction>", "<edXML:Secret>1</edXML:Secret><edXML:Direction>")
    start = marked.index(b'2016">JVBER') + 6
    with pytest.raises(SecretMarking) as refusal:
        read(marked[:start] + b"!!" + marked[start:])
    assert "05" not in refusal.value.vi


@pytest.mark.parametrize(
    ("words", "is_remarked"),
    [
        ("V/v giao nhận tài liệu MẬT", True),
        ("Tối mật: kế hoạch", True),
        ("V/v bảo vệ bí mật nhà nước", True),
        ("V/v mật độ xây dựng", False),
        ("V/v bảo mật thông tin", False),
        ("V/v đổi mật khẩu", False),
    ],
)
def test_words_of_secrecy_in_the_subject_are_only_remarked(good, words, is_remarked):
    start, end = good.index(b"<edXML:Subject>") + 15, good.index(b"</edXML:Subject>")
    message = read(good[:start] + words.encode() + good[end:])
    assert codes(message) == (["secret-words"] if is_remarked else [])


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (replace(DEFAULT, size_bytes=3000), "size in bytes"),
        (replace(DEFAULT, depth=5), "depth"),
        (replace(DEFAULT, elements=50), "elements"),
        (replace(DEFAULT, attachments=1), "attachments"),
    ],
)
def test_each_limit_refuses_by_name(good, limits, what):
    read(good)
    with pytest.raises(TooLarge) as refusal:
        read(good, limits=limits)
    assert refusal.value.what == what


def test_what_archives_unpack_to_is_limited_in_all(message):
    files = tuple(Attachment(f"{number}.txt", b"x" * 600) for number in range(3))
    data = write(replace(message, attachments=files))
    read_back = read(data, limits=replace(DEFAULT, unpacked_bytes=1500))
    assert [each.fault for each in read_back.attachments] == [None, None, Fault.TOO_LARGE]


@pytest.mark.parametrize(
    "markup",
    ["<!--{}-->", '<a b="{}"/>', "<?a {}?>", "<{}/>", "<!--{}"],
)
def test_a_tag_or_comment_without_end_is_noticed_before_its_end(good, markup):
    """Else the parser would begin it anew with every piece of the message."""
    hostile = markup.format("x" * 3_000_000)
    with pytest.raises(TooLarge, match="length of a tag"):
        read(changed(good, "<edXML:Subject>", f"{hostile}<edXML:Subject>"))


def test_namespaces_are_limited(good):
    many = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(100))
    with pytest.raises(TooLarge, match="namespaces"):
        read(changed(good, "<edXML:edXMLHeader>", f"<edXML:edXMLHeader {many}>"))


def test_reading_takes_less_than_thrice_the_message_beside_it(message):
    content = b"%PDF-1.7\n" + bytes(range(256)) * 24_000
    data = write(replace(message, attachments=(Attachment("a.pdf", content),)))
    tracemalloc.start()
    try:
        read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(data)


def test_attachments_may_be_left_undecoded(good, message):
    assert read_without_attachments(good) == replace(message, attachments=())
    assert read_without_attachments(good).extra == ()
