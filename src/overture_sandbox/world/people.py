"""Believable people who never lived, invented from a seed; now and then two of them share a name."""

import re
import unicodedata
from collections.abc import Callable
from random import Random

from overture_sandbox.world.model import (
    Certification,
    Education,
    Geo,
    Industry,
    Language,
    Member,
    Position,
    YearMonth,
)


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "Amara Anselm Beatrix Benedikt Chiara Cosima Dagny Darius Elif Emeric Farah Fionn Greta Gustav Hanne "
    "Henrik Ilse Imran Jadwiga Joaquin Kamala Kasper Leonie Lubomir Maëlle Matteo Nadia Niklas Océane "
    "Orla Paulina Piotr Quentin Rania Rasmus Saskia Søren Tamsin Teodor Ulrike Valentin Vesna Wanda "
    "Wilfred Xenia Yusuf Zdenka Zoë"
)
LAST_NAMES = _words(
    "Abendroth Almquist Barrowby Beaucourt Castellane Corvino Dahlgren Drumcliff Eisenhart Ekwall "
    "Farnsworth Fjelstad Grünwald Gallimore Hagström Holloway-Pike Ibarrola Jankovic Kestrel Kowalczyk "
    "Lindqvist Lorimer Marchetti Mossberg Nakagawa Nørgaard Okonjo Ostrander Pemberley Pfisterer "
    "Quillfeather Rautio Rosendahl Sandoval Strömberg Tannhauser Thackeray Ulvestad Vandermeer Voss "
    "Wexcombe Wrangel Yılmaz Zellweger"
)
COMPANIES = (
    "Alderbrook Analytics",
    "Bluewick Energy",
    "Copperline Foods",
    "Duskwater Media",
    "Elmgate Robotics",
    "Fernhollow Health",
    "Gritstone Bank",
    "Harrowgate Shipping",
    "Inkwell Legal",
    "Juniper & Slate",
    "Kilnworks",
    "Larkspur Mobility",
    "Mistral Textiles",
    "Northquay Insurance",
    "Oakhaven Schools",
    "Pinnacle Wharf",
)
ROLES = (
    ("Founder", "Runs the company."),
    ("Chief Executive Officer", "Sets the course."),
    ("Chief Technology Officer", "Answers for the platform."),
    ("VP of Engineering", "Leads six teams."),
    ("Head of Data", "Owns the warehouse."),
    ("Head of Sales", "Builds the pipeline."),
    ("Marketing Manager", "Plans the campaigns."),
    ("Senior Software Engineer", "Keeps the services up."),
    ("Product Manager", "Decides what comes next."),
    ("Recruiter", "Finds the people."),
    ("Operations Lead", "Makes the trains run."),
    ("Data Analyst", "Answers questions with numbers."),
)
SCHOOLS = ("Testfield University", "Rookwood College", "Institut Valmont", "Nordhavn Technical University")
FIELDS = ("Statistics", "Computer Science", "Economics", "Mechanical Engineering", "Law", "Design")
SKILLS = (
    "Python",
    "SQL",
    "Negotiation",
    "Forecasting",
    "dbt",
    "Kubernetes",
    "Copywriting",
    "Sourcing",
    "Lean",
    "CRM",
)
TONGUES = ("English", "German", "French", "Danish", "Spanish", "Polish")
FLUENCY = (
    "ELEMENTARY",
    "LIMITED_WORKING",
    "PROFESSIONAL_WORKING",
    "FULL_PROFESSIONAL",
    "NATIVE_OR_BILINGUAL",
)
PLACES = (
    Geo(),
    Geo(990000011, "Lyon", "Auvergne-Rhône-Alpes", "France", "fr", 990000010),
    Geo(990000021, "Aarhus", "Central Denmark", "Denmark", "dk", 990000020),
    Geo(990000031, "Leeds", "England", "United Kingdom", "gb", 990000030),
    Geo(990000041, "Columbus", "Ohio", "United States", "us", 990000040),
    Geo(990000051, "Kraków", "Małopolskie", "Poland", "pl", 990000050),
)
INDUSTRIES = (
    Industry(),
    Industry(4, "Software Development"),
    Industry(43, "Financial Services"),
    Industry(116, "Transportation, Logistics, Supply Chain and Storage"),
    Industry(14, "Hospitals and Health Care"),
)
NAMESAKE_CHANCE = 0.05
THIS_YEAR = 2025  # careers end here, whatever the world's clock says


def invent(identity: Callable[[], tuple[int, str]], count: int, seed: int, taken: set[str]) -> list[Member]:
    """That many people; the same seed invents the same people."""
    rng = Random(f"people|{seed}")
    taken = set(taken)
    people: list[Member] = []
    for _ in range(count):
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        if people and rng.random() < NAMESAKE_CHANCE:
            twin = rng.choice(people)
            first, last = twin.first_name, twin.last_name
        slug = slug_of(first, last, taken.__contains__, rng)
        taken.add(slug)
        people.append(_person(rng, identity(), slug, first, last))
    return people


def _person(rng: Random, identity: tuple[int, str], slug: str, first: str, last: str) -> Member:
    positions = _career(rng)
    now = positions[0]
    return Member(
        *identity,
        slug,
        first,
        last,
        headline=_headline(rng, now),
        summary=rng.choice(
            [None, f"{now.title} by day. {now.description} Always curious about {rng.choice(FIELDS)}."]
        ),
        geo=rng.choice(PLACES),
        industry=rng.choice(INDUSTRIES),
        positions=positions,
        educations=_schooling(rng),
        skills=rng.sample(SKILLS, rng.randint(0, 6)),
        languages=[Language(name, rng.choice(FLUENCY)) for name in rng.sample(TONGUES, rng.randint(0, 3))],
        certifications=_certificates(rng),
        connections_count=min(500, int(rng.lognormvariate(5.4, 0.9))),
        followers_count=int(rng.lognormvariate(5.8, 1.2)),
        premium=rng.random() < 0.2,
        open_link=rng.random() < 0.08,
        email=f"{slug}@people.test",
        connect_placement=rng.choices(("primary_anchor", "primary_button", "more_menu"), (6, 2, 2))[0],
        sidebar_decoys=rng.randint(0, 9),
    )


def slug_of(first: str, last: str, is_taken: Callable[[str], bool], rng: Random | None = None) -> str:
    """The slug somebody of this name gets: plain letters, and a tail when the name is taken."""
    plain = unicodedata.normalize("NFKD", f"{first}-{last}".replace("ø", "o").replace("ı", "i"))
    base = re.sub(r"[^a-z0-9-]", "", plain.encode("ascii", "ignore").decode().lower()) or "member"
    rng = rng or Random(base)
    slug = base
    while is_taken(slug):
        slug = f"{base}-{rng.randrange(16**8):08x}"
    return slug


def _headline(rng: Random, now: Position) -> str:
    plain = f"{now.title} at {now.company_name}"
    return rng.choice(
        [plain, plain, f"{plain} | Speaker | Dog person", f"Helping teams grow · {now.company_name}"]
    )


def _career(rng: Random) -> list[Position]:
    """One to four jobs, newest first, the newest without an end."""
    positions: list[Position] = []
    year, end = THIS_YEAR, None
    for _ in range(rng.randint(1, 4)):
        start = YearMonth(year - rng.randint(1, 4), rng.randint(1, 12))
        role, duty = rng.choice(ROLES)
        index = rng.randrange(len(COMPANIES))
        company_id = 971000 + index if rng.random() < 0.85 else None
        positions.append(Position(role, COMPANIES[index], company_id, start, end, description=duty))
        year, end = start.year, YearMonth(start.year, max(1, (start.month or 1) - 1))
    return positions


def _schooling(rng: Random) -> list[Education]:
    schools: list[Education] = []
    for _ in range(rng.randint(0, 2)):
        index, end = rng.randrange(len(SCHOOLS)), rng.randint(1995, 2018)
        degree = rng.choice(["BSc", "MSc", "BA", "Diploma"])
        schools.append(
            Education(
                SCHOOLS[index], 980001 + index, degree, rng.choice(FIELDS), end - rng.randint(2, 5), end
            )
        )
    return schools


def _certificates(rng: Random) -> list[Certification]:
    if rng.random() < 0.7:
        return []
    return [Certification("Certified Planner", "Sandbox Board", YearMonth(rng.randint(2015, 2024), 3))]
