"""Files of leads, whatever wrote them, are read as what they are."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overture.core.errors import Invalid
from overture.people.importing import Hints, preview, read, records

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a file of this text or these bytes."""

    def write(content: str | bytes, encoding: str = "utf-8", name: str = "leads.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


PEOPLE = "First Name,Last Name,Email\nÉlodie,Çelik,elodie@example.com\nAda,Lovelace,ada@example.com\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8-sig", b"", "utf-8-sig"),
        ("utf-16", b"", "utf-16"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32", b"", "utf-32"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_every_encoding_is_found_and_told(make: Make, encoding: str, mark: bytes, told: str) -> None:
    path = make(mark + PEOPLE.encode(encoding))
    seen = preview(path)

    assert seen.reading.encoding == told
    assert seen.rows[0].cells == ["Élodie", "Çelik", "elodie@example.com"]
    assert seen.mapping == ("first_name", "last_name", "email")


def test_a_letter_beyond_ascii_far_down_still_decides_the_encoding(make: Make) -> None:
    rows = "".join(f"Ada{n},Lovelace,ada{n}@example.com\n" for n in range(60_000))
    path = make(PEOPLE.splitlines()[0].encode() + b"\n" + rows.encode() + b"Zo\xeb,Last,zoe@example.com\n")
    reading = read(path)

    assert reading.encoding == "cp1252"
    assert list(records(path, reading))[-1].cells[0] == "Zoë"


def test_damaged_utf8_stays_utf8(make: Make) -> None:
    path = make(b"name,email\n" + "Élodie Müller,e@example.com\n".encode() * 40 + b"Zo\xc3,z@example.com\n")
    seen = preview(path)

    assert seen.reading.encoding == "utf-8"
    assert "damaged_bytes" in {warned.code for warned in seen.warnings}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found_by_the_names(make: Make, delimiter: str) -> None:
    path = make(f"Name{delimiter}E-Mail{delimiter}Note\nAda{delimiter}ada@example.com{delimiter}a,b;c|d\n")
    reading = read(path)

    assert reading.delimiter == delimiter
    assert reading.header == ("Name", "E-Mail", "Note")


def test_a_sep_line_is_obeyed_and_is_no_header(make: Make) -> None:
    path = make("sep=;\r\nName;E-Mail\r\nAda, the first;ada@example.com\r\n")
    seen = preview(path)

    assert (seen.reading.delimiter, seen.reading.header_row) == (";", 2)
    assert seen.rows[0].row == 3


def test_lines_above_the_header_are_left_out(make: Make) -> None:
    notes = 'Notes:\n"When exporting, some e-mails may be missing, see ""help"".\nSecond line, of it"\n\n'
    path = make(notes + "First Name,Last Name,URL,Email Address,Company,Position,Connected On\nAda,L,u,,,,\n")
    reading = read(path)

    assert reading.header_row == 4
    assert reading.header[2] == "URL"
    assert [record.row for record in records(path, reading)] == [5]


def test_a_quoted_cell_may_have_lines(make: Make) -> None:
    path = make(
        'Name,About,Email\n"Lovelace, Ada","one\ntwo ""three""\r\n\nfour",ada@example.com\n'
        "Bob,,b@example.com\n"
    )
    found = list(records(path, read(path)))

    assert found[0].cells == ["Lovelace, Ada", 'one\ntwo "three"\r\n\nfour', "ada@example.com"]
    assert [record.row for record in found] == [2, 3]


def test_columns_of_the_same_name_are_told_apart(make: Make) -> None:
    path = make("Email,Note,Note,\nada@example.com,one,two,three\n")
    seen = preview(path)

    assert seen.mapping == ("email", "custom.note", "custom.note_2")
    assert "same_header_twice" in {warned.code for warned in seen.warnings}


def test_short_and_long_rows_are_fitted_and_told(make: Make) -> None:
    path = make(
        "Name,Email,Phone\nAda,ada@example.com\nBob,bob@example.com,1,2\nCid,cid@example.com,3,,\n\n,,\n"
    )
    found = list(records(path, read(path)))

    assert [(record.row, record.problem) for record in found] == [
        (2, "short_row"),
        (3, "long_row"),
        (4, None),
    ]
    assert found[0].cells == ["Ada", "ada@example.com", ""]


def test_nul_bytes_are_removed_and_told(make: Make) -> None:
    path = make(b"Name,Email\nA\0da,ada@example.com\nBob,bob@example.com\n" + b"Cid,cid@example.com\n" * 30)
    found = list(records(path, read(path)))

    assert (found[0].cells[0], found[0].problem) == ("Ada", "nul_removed")
    assert found[1].problem is None


@pytest.mark.parametrize("lines_after", [3, 60_000])
def test_a_quote_never_closed_costs_one_row(make: Make, lines_after: int) -> None:
    rest = "".join(f"N{n},n{n}@example.com,x\n" for n in range(lines_after))
    path = make('Name,Email,Note\nAda,ada@example.com,"never closed\n' + rest)
    found = list(records(path, read(path)))

    assert len(found) == lines_after + 1
    assert found[0].problem == "quote_not_closed"
    assert found[0].cells == ["Ada", "ada@example.com", '"never closed']
    assert found[-1].cells[0] == f"N{lines_after - 1}"


def test_huge_cells_are_read(make: Make) -> None:
    path = make(f'Email,About\nada@example.com,"{"a b" * 200_000}"\nbob@example.com,x\n')
    found = list(records(path, read(path)))

    assert [len(record.cells[1]) for record in found] == [600_000, 1]


def test_one_column_is_enough(make: Make) -> None:
    assert preview(make("Email\nada@example.com\nbob@example.com\n")).mapping == ("email",)


def test_a_bare_list_has_no_header(make: Make) -> None:
    seen = preview(make("https://www.linkedin.com/in/ada-l\nhttps://www.linkedin.com/in/bob-m/\n"))

    assert seen.reading.header_row == 0
    assert seen.mapping == ("linkedin_url",)
    assert [record.row for record in seen.rows] == [1, 2]


def test_old_mac_line_ends_are_read(make: Make) -> None:
    path = make("Name,Email\rAda,ada@example.com\rBob,bob@example.com\r")

    assert [record.cells[0] for record in records(path, read(path))] == ["Ada", "Bob"]


def test_hints_go_before_what_is_detected(make: Make) -> None:
    path = make("x;y\nИмя;почта\nАда;ada@example.com\n", "cp1251")
    reading = read(path, Hints(encoding="cp1251", delimiter=";", header_row=2))

    assert reading.header == ("Имя", "почта")
    assert [record.cells[0] for record in records(path, reading)] == ["Ада"]


@pytest.mark.parametrize(
    "content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old workbook", b"PK\x05\x06" + b"\0" * 18]
)
def test_what_cannot_be_read_is_refused(make: Make, content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(make(content))

    assert refused.value.code == "file_unreadable"


def a_workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """An XLSX file of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def test_a_workbook_is_read_from_the_sheet_of_people(tmp_path: Path) -> None:
    people: list[list[object]] = [
        [],
        ["Exported today"],
        ["First Name", "E-mail", "Employees"],
        ["Ada", "ada@example.com", 12.0],
        [],
        ["Bob", "b@example.com", True],
    ]
    path = a_workbook(tmp_path / "leads.xlsx", {"Summary": [["Total", 2]], "People": people})
    reading = read(path)

    assert (reading.sheet, reading.header_row, reading.sheets) == ("People", 3, ("Summary", "People"))
    found = [(record.row, record.cells) for record in records(path, reading)]
    assert found == [(4, ["Ada", "ada@example.com", "12"]), (6, ["Bob", "b@example.com", "true"])]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "a.xlsx", {"One": [["Email"], ["a@example.com"]], "Two": [["x"], ["1"]]})

    assert read(path, Hints(sheet="Two")).header == ("x",)
    with pytest.raises(Invalid):
        read(path, Hints(sheet="Three"))


HEADERS = {
    "linkedin_connections": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "apollo": "First Name,Last Name,Title,Company Name,Company Name for Emails,Email,Email Status,"
    "Primary Email Source,Seniority,Departments,Contact Owner,Work Direct Phone,Stage,Lists,# Employees,"
    "Industry,Person Linkedin Url,Website,Company Linkedin Url,City,State,Country,Apollo Contact Id,"
    "Apollo Account Id,Secondary Email,Tertiary Email,ICP Fit 8478 0723201923",
    "phantombuster_search": "profileUrl,fullName,firstName,lastName,companyName,title,companyId,companyUrl,"
    "regularCompanyUrl,summary,titleDescription,industry,companyLocation,location,durationInRole,"
    "durationInCompany,pastExperienceCompanyName,connectionDegree,profileImageUrl,sharedConnectionsCount,name,"
    "vmid,linkedInProfileUrl,isPremium,isOpenLink,query,timestamp,defaultProfileUrl",
    "phantombuster_watcher": "associatedAccountName,firstName,lastName,dateAdded,defaultProfileUrl,degree,"
    "outreachActivity,outreachDate,profileUrl,vmid",
    "phantombuster_profile": "profileUrl,fullName,jobTitle,additionalInfo,location,connectionDegree,company,"
    "companyUrl,industry,company2,companyUrl2,jobDateRange,jobTitle2,school,schoolDegree",
    "sales_navigator": "First Name,Last Name,Title,Company,Company Domain,LinkedIn URL",
    "clay": "Full Name,First Name,Last Name,Company,Domain,LinkedIn URL,Added By,Source URL",
    "hubspot": "Record ID,First Name,Last Name,Email,Job Title,Company Name,Website URL,Country/Region,"
    "Phone Number,LinkedIn URL,Lifecycle Stage",
    "pipedrive": "Person - Name,Organization - Name,Person - Email",
    "salesforce": "First Name,Last Name,Company,Title,Email,Phone,Lead Source,Lead Status,Website,Street,"
    "City,State/Province,Zip/Postal Code,Country",
    "sequencer": "email,first_name,last_name,company,title,website,linkedin_url,favourite_colour",
    "listmonk": "email,name,attributes",
    "heyreach": "firstName,lastName,profileUrl,companyName,position",
}
KEYS: dict[str, dict[str, str | None]] = {
    "linkedin_connections": {"URL": "linkedin_url", "Email Address": "email", "Position": "title"},
    "apollo": {
        "Email": "email",
        "Person Linkedin Url": "linkedin_url",
        "Apollo Contact Id": "external_id",
        "Company Linkedin Url": "custom.company_linkedin_url",
        "Secondary Email": "other_email",
        "ICP Fit 8478 0723201923": "custom.icp_fit_8478_0723201923",
    },
    "phantombuster_search": {
        "profileUrl": "sales_navigator_url",
        "linkedInProfileUrl": "linkedin_url",
        "defaultProfileUrl": "linkedin_url",
        "vmid": "linkedin_id",
        "companyName": "company",
        "query": None,
    },
    "phantombuster_watcher": {"profileUrl": "sales_navigator_url", "defaultProfileUrl": "linkedin_url"},
    "phantombuster_profile": {"profileUrl": "linkedin_url", "jobTitle": "title", "company": "company"},
    "sales_navigator": {"LinkedIn URL": "linkedin_url", "Company Domain": "company_domain"},
    "clay": {"LinkedIn URL": "linkedin_url", "Domain": "company_domain", "Full Name": "full_name"},
    "hubspot": {"Email": "email", "Record ID": "external_id", "Website URL": "website"},
    "pipedrive": {"Person - Name": "full_name", "Person - Email": "email", "Organization - Name": "company"},
    "salesforce": {"Email": "email", "State/Province": "state", "Website": "website"},
    "sequencer": {
        "email": "email",
        "linkedin_url": "linkedin_url",
        "favourite_colour": "custom.favourite_colour",
    },
    "listmonk": {"email": "email", "name": "full_name", "attributes": "attributes"},
    "heyreach": {"profileUrl": "linkedin_url", "position": "title", "companyName": "company"},
}


@pytest.mark.parametrize("product", HEADERS)
def test_every_products_header_is_recognised_and_mapped(make: Make, product: str) -> None:
    header = HEADERS[product].split(",")
    seen = preview(make(HEADERS[product] + "\n" + ",".join("x" for _ in header) + "\n"))

    assert seen.source_format == product
    mapping = dict(zip(header, seen.mapping, strict=True))
    assert {name: mapping[name] for name in KEYS[product]} == KEYS[product]


CELLS = st.text(
    st.characters(codec="utf-16-le", exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), max_size=12
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    ENCODINGS,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([("\n", 0), ("\r\n", 0), ("\n", 3), ("\r\n", 1)]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_what_was_written_is_read(
    make: Make,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    quoting: int,
    layout: tuple[str, int],
) -> None:
    end, above = layout
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([["Notes: nothing"]] * above)
    writer.writerow(["Email", "First Name", "My own"])
    writer.writerows(rows)
    path = make(text.getvalue(), encoding)
    reading = read(path)

    assert (reading.delimiter, reading.header) == (delimiter, ("Email", "First Name", "My own"))
    found = [tuple(record.cells) for record in records(path, reading)]
    assert found == [row for row in rows if any(map(str.strip, row))]


def test_a_cell_left_empty_at_the_end_of_a_sheets_row_makes_it_no_short_row(tmp_path: Path) -> None:
    people: list[list[object]] = [["Email", "Warmth"], ["a@example.com", 3], ["b@example.com", None]]
    path = a_workbook(tmp_path / "a.xlsx", {"People": people})

    found = list(records(path, read(path)))

    assert [(one.cells, one.problem) for one in found] == [
        (["a@example.com", "3"], None),
        (["b@example.com", ""], None),
    ]


@pytest.mark.parametrize("start", ['[{"firstName": "Leo"}]', ' [\n {"a": 1}]', '{"leads": []}', "\ufeff[{}]"])
def test_json_is_called_what_it_is(tmp_path: Path, start: str) -> None:
    """Read as text its braces would be column names."""
    path = tmp_path / "leads.json"
    path.write_text(start, encoding="utf-8")

    with pytest.raises(Invalid, match="POST /api/v1/leads/bulk"):
        read(path)
