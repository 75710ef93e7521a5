"""A believable team for the first look: who they are, where they talk, and half a year of giving and receiving.

Everything follows from `now`: the same moment gives the same story. `populate` puts people, channels and
messages into a sandbox; `history` tells the gestures behind them, for the app's own database.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .elements import Json
from .sandbox import Sandbox
from .workspace import identifier

WEEKS = 26


@dataclass(frozen=True, slots=True)
class Person:
    handle: str
    real_name: str
    title: str
    tz: str
    display_name: str = ""
    role: str = "member"  # admin, guest, bot, gone or stranger for those who are not plain members
    status: tuple[str, str] = ("", "")  # emoji and text

    @property
    def id(self) -> str:
        return identifier("U", f"story/{self.handle}")


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    topic: str
    members: tuple[str, ...]
    is_private: bool = False
    is_general: bool = False
    app_in: bool = True
    shared: bool = False

    @property
    def id(self) -> str:
        return identifier("C", f"story/{self.name}")


@dataclass(frozen=True, slots=True)
class Gesture:
    """One act as the app would record it. A thanks stands alone here: the help it proves is not listed again."""

    giver: str
    receiver: str
    kind: str  # kudos, thanks, offer, help or check_in
    moment: datetime
    note: str
    visibility: str  # channel or private
    channel: str | None  # where it was said, when it was said in a channel
    ts: str | None


PEOPLE = (
    Person("zofia", "Zofia Wójcik", "Operations & IT", "Europe/Warsaw", role="admin"),
    Person("mia", "Mia Lindqvist", "Engineering manager", "Europe/Stockholm"),
    Person("ana", "Ana Ferreira", "Product designer", "Europe/Lisbon"),
    Person("ben", "Ben Okafor", "Backend engineer", "Africa/Lagos"),
    Person(
        "tomas", "Tomáš Dvořák", "Site reliability", "Europe/Prague", status=(":coffee:", "On call this week")
    ),
    Person("priya", "Priya Raghunathan", "Frontend engineer", "Asia/Kolkata"),
    Person("kenji", "渡辺 健司 (Kenji Watanabe)", "Mobile engineer", "Asia/Tokyo", display_name="健司 Kenji"),
    Person("noor", "نور الحداد (Noor Al-Haddad)", "Data analyst", "Asia/Amman", display_name="نور Noor"),
    Person("chloe", "Chloé Dubois-Lefèvre", "Customer support lead", "Europe/Paris"),
    Person("lars", "Lars Østergård", "Sales", "Europe/Copenhagen"),
    Person("joy", "Joy Mbeki", "People partner", "Africa/Johannesburg", display_name="Joy 🌻"),
    Person(
        "sam",
        "Sam Rivera",
        "Backend engineer, new here",
        "America/Mexico_City",
        status=(":seedling:", "First month"),
    ),
    Person("eva", "Eva Brandt", "Illustrator, freelance", "Europe/Berlin", role="guest"),
    Person("shipit", "Shipit", "", "UTC", role="bot"),
    Person("oleks", "Олександр Бондар (Oleksandr Bondar)", "QA engineer", "Europe/Kyiv", role="gone"),
    Person("rita", "Rita Colombo", "Project lead at Northwind", "Europe/Rome", role="stranger"),
)
ID = {person.handle: person.id for person in PEOPLE}
ZONES = {person.handle: ZoneInfo(person.tz) for person in PEOPLE}

EVERYONE = tuple(p.handle for p in PEOPLE if p.role in ("member", "admin"))
BUILDERS = ("mia", "ben", "tomas", "priya", "kenji", "sam", "ana", "noor")
PLACES = (
    Place("general", "What all of us should know", (*EVERYONE, "eva", "shipit"), is_general=True),
    Place("kudos", "Say thank you where others can hear it", EVERYONE),
    Place("team-harbour", "The booking app, from database to pixels", (*BUILDERS, "shipit")),
    Place(
        "team-care",
        "Customers, and those who talk with them",
        ("chloe", "lars", "joy", "zofia", "noor"),
    ),
    Place("design", "Work in progress welcome", ("ana", "eva", "priya", "kenji", "mia")),
    Place("kitchen", "Lunch, plants and other serious things", EVERYONE),
    Place("leads", "Mia, Joy and Zofia", ("mia", "joy", "zofia"), is_private=True, app_in=False),
    Place(
        "northwind-pilot",
        "Together with our friends at Northwind",
        ("lars", "chloe", "mia", "rita"),
        shared=True,
    ),
)
ROOM = {place.name: place for place in PLACES}
GROUPS = {
    "harbour": ("Harbour team", BUILDERS),
    "care": ("Customer care", ("chloe", "lars", "joy")),
    "on-call": ("On call", ("tomas", "ben")),
}

# -- what they say. `{}` is the one it is said to.

KUDOS = {
    "any": (
        "{} ran the calmest retro I have been to. Everybody spoke, nobody rushed",
        "{} wrote down how it really works, and now I can stop asking",
        "Great demo, {}. You made the dull part funny",
        "{} asked the one question that saved us a week",
        "Watching {} say “I don't know yet” in front of a client was the best lesson of the month",
        "{} stayed kind in a meeting that was not",
        "The notes {} took on Tuesday are so clear that I forwarded them to three people",
        "Small thing, but {} always greets new people by name in the stand-up. It matters",
        "{} noticed that the two of us were talking past each other and drew a picture. Solved",
        "Thank goodness for {}, who reads the contract before we sign it",
        "{} gave up the good desk so that our visitor could see the sea",
        "{} turned a vague complaint into a list of four things we can do",
    ),
    "builders": (
        "{} got the search under 200 ms. I checked twice because I did not believe it",
        "The migration went out at noon and nobody noticed. That is the whole compliment, {}",
        "{} deleted 2,300 lines today and everything still works",
        "Beautiful pull request by {}: small, tested, and with a reason in every commit",
        "{} found the flaky test. It was the time zone. It is always the time zone",
        "Dark mode looks like it was always there. Lovely work, {}",
        "{} made the error messages sound like a person wrote them",
        "The empty state {} drew makes me want to have no data",
        "{} paired with me for an hour and never once touched my keyboard",
        "The dashboard by {} finally shows what we argue about, with numbers",
        "{} brought the offline mode to Android a week early, tests included",
        "Accessibility audit: zero serious findings on the booking page. {} did that quietly over a month",
        "{} automated the release notes. Nobody asked, everybody benefits",
        "Release 4.2 had no hotfix. First time this year. Bravo {}",
    ),
    "care": (
        "{} turned an angry Monday email into a thank-you card by Wednesday",
        "The onboarding call {} led for Northwind was a masterclass in listening",
        "{} closed the Bergen contract and credited all of us in the mail",
        "{} rewrote the help page about refunds; tickets about it are down by half",
        "Everyone's first day is better because {} plans it like a birthday",
        "{} organised the move without a single lost monitor",
        "{} knew our customer's daughter was ill and moved the deadline before they had to ask",
    ),
}
THANKS = {
    "any": (
        "Thank you {} for reading my draft on a train with bad wifi",
        "{}, thanks for taking the early call so that I could bring the kids to school",
        "Thanks {} for the honest feedback. It stung for an hour and helped for a month",
        "{} covered for me on Thursday without making it feel like a favour. Thank you",
        "Thank you {}, your checklist meant that I could switch off during the holidays",
        "Thanks for explaining the budget sheet a second time, {}, and for not mentioning the first",
        "{}, thanks for sitting with me before the presentation. My hands had stopped shaking by slide two",
        "Thank you {} for asking how the move went. You were the only one",
        "Thanks {} for lending me your charger, your adapter and finally your laptop",
        "Thank you {} for telling me that the plan had a hole before the customer did",
        "Thanks {} for translating the letter from the landlord",
        "{}, thank you for the introduction. We are meeting them on Friday",
    ),
    "builders": (
        "Thank you {} for staying on the call until the queue was empty",
        "{} unblocked my deploy within five minutes of waking up. Thanks, and sorry",
        "Thanks {} for the thorough review. The race condition would have found us at night",
        "Thank you {} for the query. What took me a day took it four seconds",
        "Thanks {} for the icons on short notice, they fit as if they had been planned",
        "{}, thanks for rolling back before I had finished typing the question",
        "Thank you {} for showing me how to read a flame graph. It is a new world",
        "Thanks {} for the test phone and for the patience with my cable",
        "Thank you {} for merging main into my branch and living to tell the tale",
        "{} found why the build was slow on my machine only. Thank you, I can have lunch again",
        "Thanks {} for the sample data; the charts finally look like something",
        "Thank you {} for writing the runbook in words that work at 3 a.m.",
    ),
    "care": (
        "Thank you {} for calling the Aarhus customer back while I was at the dentist",
        "Thanks {} for the slide with the quotes from real people. It won the room",
        "{}, thank you for finding me a room, a projector and a cake in one hour",
        "Thanks {} for walking me through the parental leave forms",
        "Thank you {} for the list of the ten most common questions. We fixed three of them already",
        "Thanks {} for bringing the customer into the call. Hearing it is different from reading it",
        "{}, thanks for sorting out the invoice that three of us were afraid of",
    ),
}
HELP = (
    "Looked into the slow export together",
    "Read the proposal and left comments",
    "Took over the night shift",
    "Helped prepare the customer call",
    "Wrote the missing test",
    "Fixed the staging certificate",
    "Went through the numbers for the quarter",
    "Reviewed the contract wording",
    "Set up the new laptop",
    "Sat in on the interview",
    "Tracked down the lost invoice",
    "Recorded the product tour for the sales deck",
    "Built the demo account for the pilot",
    "Cleaned up the address list",
    "Explained the billing code",
    "Tested the beta on an old phone",
)
HELP_FOR_SALES = (
    "Built the demo account for Bergen",
    "Fixed the demo an hour before the call",
    "Made the price table work on his tablet",
    "Added the customer's logo and colours to the prototype",
    "Recorded the two-minute tour for his deck",
    "Exported the usage numbers for the renewal",
    "Joined the call to answer the technical questions",
    "Found the screenshot that the brochure needed",
    "Set up single sign-on for the trial",
    "Rebuilt the landing page for the fair",
    "Showed how to share only part of a dashboard",
    "Checked the security questionnaire",
    "Made the booking widget work on the partner's site",
    "Wrote the answer about data export",
    "Put the Danish texts in",
    "Prepared the sandbox for the workshop",
)
OFFERS = (
    "I can look at the failing build after lunch",
    "Happy to take two of your tickets this afternoon",
    "If you want a second pair of eyes on the slides, mine are free",
    "I could show you the way we did it last year",
    "Shall I take the call tomorrow so that you can finish?",
    "I have an hour on Thursday if pairing helps",
    "I can proofread the English version",
    "Want me to ask the vendor? I know someone there",
    "I could hold the stand-up on Monday",
    "Can I take the minutes so that you can talk?",
)
CHATTER = {
    "general": (
        ("zofia", "The lift is being repaired until Thursday. The stairs have a better view anyway."),
        ("mia", "All-hands at 15:00. Bring one thing that went well and one you would do differently."),
        (
            "joy",
            "Holiday calendar for the next quarter is open. Please put your dates in before the end of the month 🌻",
        ),
        ("zofia", "New badges are in the drawer by the door, sorted by first name."),
        ("lars", "Bergen signed! Two years, forty seats."),
        ("joy", "Our employee survey is out. It takes six minutes, I timed it with my mother."),
        (
            "chloe",
            "We passed 10,000 answered questions since January. The most frequent one is still the password.",
        ),
        ("mia", "Please welcome the two students who are shadowing us this week."),
        ("zofia", "Fire drill on Wednesday at eleven. It is a drill. Last time someone saved the cactus."),
        (
            "lars",
            "The fair in Hamburg was loud, long and good. Eleven real conversations, one of them in rain.",
        ),
        ("joy", "Payslips are in your folders. If yours looks odd, ask me before you ask a search engine."),
        ("mia", "Two retros in a row came to the same point: we start too much. Next month we finish."),
        ("chloe", "A customer sent us a cake. A whole cake. It says *thank you for the export button*."),
        (
            "zofia",
            "The old VPN is switched off on Friday. If you do not know which one you use, you use the new one.",
        ),
        ("joy", "Sam starts on Monday as backend engineer. Say hello, and say your name twice."),
        ("sam", "Hello everyone! Day one, and somebody has already fixed my chair."),
    ),
    "team-harbour": (
        ("shipit", "Deployed harbour 4.1.7 to production in 3 min 12 s."),
        ("ben", "The importer is running again. It was waiting for a file that nobody has sent since March."),
        ("priya", "Calendar view is behind a flag, try it with `?calendar=1` and tell me what breaks."),
        ("tomas", "Heads-up: database maintenance tonight 22:00 to 22:20, read-only for a moment."),
        ("kenji", "Android build 412 is in the beta channel. The crash on rotate should be gone."),
        ("noor", "Booking conversion by week is on the dashboard now, with last year as a grey line."),
        ("shipit", "Build failed on main: 1 test of 2,841."),
        (
            "mia",
            "Planning tomorrow at ten. I moved everything that was not started to next week, so breathe.",
        ),
        (
            "ana",
            "New spacing tokens are merged. Nothing should move by more than two pixels. If it does, it was wrong before.",
        ),
        ("ben", "Can somebody review the rate limiter? It is short, I promise."),
        ("shipit", "Deployed harbour 4.2.0 to production in 2 min 58 s."),
        ("priya", "Who turned the save button green? I like it, I just want to know."),
        ("tomas", "The alert at four this morning was me, sorry. It was a drill that drilled too well."),
        ("kenji", "Small poll: do we still support the phone that only my uncle has?"),
        ("mia", "Nobody has to be a hero this sprint. If a card is too big, cut it."),
        ("noor", "There is a bump in the curve every Thursday at nine. Does anybody know what happens then?"),
        ("ben", "The queue on Thursday at nine is the newsletter. Mystery solved, moved to ten."),
        ("sam", "My first pull request is up. It changes one word. Be gentle."),
    ),
    "team-care": (
        (
            "chloe",
            "Three people asked today how to change the invoice address. Could the link be on the invoice?",
        ),
        ("lars", "Visiting Malmö on Wednesday. Anything I should bring up with them?"),
        ("noor", "Response time last week: median 42 minutes, worst one two days (a weekend)."),
        ("joy", "Reminder: nobody has to answer after six. If it burns, the on-call phone rings."),
        ("chloe", "The new macro for refunds is live. It says sorry before it says no."),
    ),
    "design": (
        ("ana", "Three directions for the onboarding, all wrong in an interesting way. Comments welcome."),
        ("eva", "The lighthouse drawings are done. There is a cat in one of them, I could not resist."),
        ("priya", "Is the focus ring supposed to be blue or *our* blue?"),
        ("ana", "Ours. Always ours."),
        ("kenji", "On small screens the third column falls off. I will push a suggestion."),
    ),
    "kitchen": (
        ("joy", "There is banana bread. There was banana bread."),
        ("kenji", "The plant by the window has a new leaf. I am naming it Monday."),
        ("tomas", "Who knows how to descale the coffee machine? It is blinking at me in Italian."),
        ("noor", "Friday lunch: makdous from my aunt. Bring bread."),
        ("lars", "I owe whoever cleaned the fridge a proper beer."),
        ("zofia", "The oat milk is labelled. The other thing in the carton is not oat milk."),
        (
            "chloe",
            "Whoever left the puzzle on the table: two pieces are under the sofa, I can see them from here.",
        ),
        (
            "ben",
            "Jollof on Thursday. My recipe, my rules, no debate with other West Africans in this channel.",
        ),
        ("priya", "Chess at lunch? I lose slowly."),
        ("joy", "Sunset from the roof at 16:40 today, bring a scarf."),
    ),
    "leads": (
        ("joy", "Two people told me that on-call feels heavy. Can we look at the rota together?"),
        ("mia", "Yes. Let us also look at who says yes when we ask for volunteers."),
        ("zofia", "I can bring the numbers on overtime."),
    ),
    "northwind-pilot": (
        ("rita", "Hello all! Our first twenty people are in. So far no complaints, which makes me nervous."),
        ("lars", "Welcome Rita! Write here at any time, we all read this."),
        ("rita", "Small question: can two people share one booking?"),
        ("chloe", "Yes, under *Guests*. I will send you a picture."),
    ),
}
THREADS = (  # weeks ago, room, who begins, and who answers
    (
        *(
            14,
            "team-harbour",
            "ben",
            "The import of the harbour list fails for places with an apostrophe. Any ideas?",
        ),
        (
            ("tomas", "Escaping in the old parser. I can take it, I know where it hides."),
            ("ben", "You are the best."),
        ),
    ),
    (
        *(
            7,
            "team-care",
            "chloe",
            "Can somebody from engineering explain to me why times are shown twice in the mail?",
        ),
        (
            ("noor", "One is the zone of the booking, one of the reader. I will draw it for you."),
            ("chloe", "A drawing! Yes please."),
            ("lars", "Could I have that drawing too? A customer asked yesterday."),
        ),
    ),
    (
        *(3, "design", "ana", "Two versions of the empty calendar: a lighthouse or a rowing boat?"),
        (
            ("eva", "Boat. It says: you are about to go somewhere."),
            ("priya", "Boat, and I can make it rock."),
        ),
    ),
    (
        *(1, "team-harbour", "sam", "How do I run the tests without the whole database?"),
        (
            ("ben", "`make quick`. And I will sit with you at two, there is a trick."),
            ("sam", "Thank you, see you at two."),
        ),
    ),
)
REACTIONS = ("raised_hands", "heart", "tada", "clap", "sparkles", "pray", "+1", "rocket")

# -- who gives to whom: per week, and from which to which week (0 is the first, 26 the end)


@dataclass(frozen=True, slots=True)
class Flow:
    giver: str
    receiver: str
    rate: float  # gestures a week
    kinds: str  # one letter for each kind, as often as it is likely
    since: int = 0
    until: int = WEEKS


LETTERS = {"k": "kudos", "t": "thanks", "h": "help", "o": "offer", "c": "check_in"}


def flows() -> Iterator[Flow]:
    # Tomáš helps everyone and hears little back.
    for receiver, rate in (
        ("ben", 1.1),
        ("priya", 0.95),
        ("kenji", 0.7),
        ("noor", 0.7),
        ("chloe", 0.7),
        ("mia", 0.4),
    ):
        yield Flow("tomas", receiver, rate, "hhhhhoock")
    yield Flow("ben", "tomas", 0.25, "ttk")
    yield Flow("mia", "tomas", 0.15, "kc")
    # Ana and Kenji exchanged something nearly every week, and then stopped.
    yield Flow("ana", "kenji", 1.0, "kthoc", until=WEEKS - 9)
    yield Flow("kenji", "ana", 1.0, "kthoc", until=WEEKS - 9)
    # Chloé helps all the time; it is rarely said aloud.
    for receiver, rate in (("lars", 0.55), ("joy", 0.4), ("noor", 0.45), ("mia", 0.35), ("zofia", 0.25)):
        yield Flow("chloe", receiver, rate, "hhhoc")
    yield Flow("lars", "chloe", 0.15, "cco")
    # Sam is new.
    yield Flow("ben", "sam", 1.0, "hoc", since=WEEKS - 4)
    yield Flow("tomas", "sam", 0.7, "hh", since=WEEKS - 4)
    yield Flow("joy", "sam", 0.6, "c", since=WEEKS - 4)
    yield Flow("sam", "ben", 0.7, "tk", since=WEEKS - 4)
    # And pairs that are in balance, which is most of them.
    even = (
        ("ben", "priya", 0.8),
        ("ben", "mia", 0.6),
        ("priya", "ana", 0.7),
        ("noor", "ana", 0.45),
        ("noor", "joy", 0.55),
        ("joy", "mia", 0.55),
        ("zofia", "joy", 0.6),
        ("zofia", "mia", 0.4),
        ("mia", "ana", 0.45),
        ("kenji", "priya", 0.55),
        ("kenji", "ben", 0.4),
        ("lars", "zofia", 0.4),
        ("lars", "joy", 0.35),
        ("noor", "ben", 0.4),
    )
    for one, other, rate in even:
        yield Flow(one, other, rate, "kktthhoc")
        yield Flow(other, one, rate, "kktthhoc")


def history(now: datetime | float) -> list[Gesture]:
    """All gestures of the half year before `now`, oldest first."""
    end = moment_of(now)
    dice = random.Random(f"lantern {end.date().isoformat()}")
    first = start_of(end)
    drawn = [*regular(dice, first), *priya_and_lars(dice, first)]
    notes = Notes(dice)
    latest = end - timedelta(minutes=5)
    return [told(dice, notes, gesture) for gesture in sorted(drawn) if gesture[0] < latest]


Drawn = tuple[datetime, str, str, str]  # moment, giver, receiver, kind


def moment_of(now: datetime | float) -> datetime:
    return now.astimezone(UTC) if isinstance(now, datetime) else datetime.fromtimestamp(now, UTC)


def start_of(end: datetime) -> datetime:
    """The Monday with which the first of the weeks begins; the last week is the one `end` is in."""
    monday = (end - timedelta(days=end.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday - timedelta(weeks=WEEKS - 1)


def regular(dice: random.Random, first: datetime) -> Iterator[Drawn]:
    for flow in flows():
        for week in range(flow.since, flow.until):
            times = int(flow.rate) + (dice.random() < flow.rate % 1)
            for _ in range(times):
                kind = LETTERS[dice.choice(flow.kinds)]
                yield at_work(dice, first, week, flow.giver), flow.giver, flow.receiver, kind


def priya_and_lars(dice: random.Random, first: datetime) -> Iterator[Drawn]:
    """Sixteen one way in the last twenty weeks, one the other way."""
    for week in sorted(dice.sample(range(WEEKS - 20, WEEKS - 1), 16)):
        yield at_work(dice, first, week, "priya"), "priya", "lars", "help"
    yield at_work(dice, first, WEEKS - 14, "lars"), "lars", "priya", "kudos"


def at_work(dice: random.Random, first: datetime, week: int, who: str) -> datetime:
    """Some moment of that week within the giver's own working hours."""
    day = first + timedelta(weeks=week, days=dice.choices(range(5), (4, 5, 5, 5, 4))[0])
    here = day.replace(tzinfo=ZONES[who])
    return (
        here + timedelta(hours=9, minutes=dice.randrange(0, 8 * 60), seconds=dice.randrange(60))
    ).astimezone(UTC)


class Notes:
    """Hands out notes so that each is used once before any comes again."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.waiting: dict[str, list[str]] = {}

    def next(self, name: str, notes: tuple[str, ...]) -> str:
        waiting = self.waiting.get(name)
        if not waiting:
            waiting = self.waiting[name] = self.dice.sample(notes, len(notes))
        return waiting.pop()

    def about(self, kind: str, giver: str, receiver: str) -> str:
        if kind == "check_in":
            return ""  # a check-in is remembered, what was said is not
        if kind == "help":
            for_sales = giver == "priya" and receiver == "lars"
            return self.next("sales", HELP_FOR_SALES) if for_sales else self.next("help", HELP)
        if kind == "offer":
            return self.next("offer", OFFERS)
        table = KUDOS if kind == "kudos" else THANKS
        own = "builders" if receiver in BUILDERS and receiver != "mia" else "care"
        group = own if self.dice.random() < 0.6 else "any"
        return self.next(f"{kind} {group}", table[group])


def told(dice: random.Random, notes: Notes, drawn: Drawn) -> Gesture:
    moment, giver, receiver, kind = drawn
    text = notes.about(kind, giver, receiver)
    public = kind in ("kudos", "thanks") and dice.random() < 0.65
    place = where(dice, giver, receiver) if public else None
    micros = int(moment.timestamp()) * 1_000_000 + dice.randrange(1_000_000)
    return Gesture(
        giver=ID[giver],
        receiver=ID[receiver],
        kind=kind,
        moment=datetime.fromtimestamp(micros / 1_000_000, UTC),
        note=text.replace("{}", name_of(receiver)),
        visibility="channel" if place else "private",
        channel=place.id if place else None,
        ts=f"{micros // 1_000_000}.{micros % 1_000_000:06d}" if place else None,
    )


def name_of(handle: str) -> str:
    person = next(p for p in PEOPLE if p.handle == handle)
    return person.display_name or person.real_name.split(" ")[0]


def where(dice: random.Random, giver: str, receiver: str) -> Place:
    """In a room both are in; mostly in #kudos."""
    shared = [
        ROOM[n] for n in ("team-harbour", "team-care", "design") if {giver, receiver} <= set(ROOM[n].members)
    ]
    return dice.choice(shared) if shared and dice.random() < 0.35 else ROOM["kudos"]


# -- into a sandbox


def populate(sandbox: Sandbox, now: datetime | float) -> None:
    """People, channels, user groups, and what was said before `now`. The app is not told: it is the past."""
    for person in PEOPLE:
        add(sandbox, person)
    for place in PLACES:
        sandbox.add_channel(
            place.name,
            [ID[handle] for handle in place.members],
            is_private=place.is_private,
            is_general=place.is_general,
            app_in=place.app_in,
            shared=place.shared,
            topic=place.topic,
            channel_id=place.id,
        )
    for handle, (name, members) in GROUPS.items():
        sandbox.add_usergroup(handle, [ID[member] for member in members], name=name)
    end = moment_of(now)
    dice = random.Random(f"chatter {end.date().isoformat()}")
    for gesture in history(now):
        if gesture.channel and gesture.ts:
            remember(
                sandbox, gesture.channel, gesture.giver, mentioning(gesture), float(gesture.ts), ts=gesture.ts
            )
            applaud(dice, sandbox, gesture.channel, gesture.ts, but=gesture.giver)
    for moment, place, handle, text in chatter(dice, end):
        remember(sandbox, place.id, ID[handle], text, moment.timestamp())
    for weeks, name, handle, text, replies in THREADS:
        discuss(dice, sandbox, end - timedelta(weeks=weeks), (name, handle, text), replies)
    for place in PLACES:
        channel = sandbox.workspace.channels[place.id]
        newest = max(channel.messages, default="0")
        channel.last_read = dict.fromkeys(channel.members, newest)


def add(sandbox: Sandbox, person: Person) -> None:
    emoji, text = person.status
    sandbox.add_user(
        person.handle,
        user_id=person.id,
        real_name=person.real_name,
        display_name=person.display_name,
        title=person.title,
        tz=person.tz,
        is_admin=person.role == "admin",
        is_owner=person.role == "admin",
        is_restricted=person.role == "guest",
        is_bot=person.role == "bot",
        deleted=person.role == "gone",
        team_id=identifier("T", "northwind") if person.role == "stranger" else None,
        status_emoji=emoji,
        status_text=text,
    )


def mentioning(gesture: Gesture) -> str:
    """The note as it was written in the channel, with the receiver's name as a mention."""
    handle = next(handle for handle, user_id in ID.items() if user_id == gesture.receiver)
    return gesture.note.replace(name_of(handle), f"<@{gesture.receiver}>", 1)


def remember(
    sandbox: Sandbox,
    channel: str,
    user: str,
    text: str,
    moment: float,
    *,
    ts: str | None = None,
    thread_ts: str | None = None,
) -> str:
    """Put one message into the past and say its ts."""
    workspace = sandbox.workspace
    author = workspace.users[user]
    message: Json = {"user": user, "team": author.team_id, "text": text}
    if author.bot_id:
        message["bot_id"] = author.bot_id
    if thread_ts:
        message["thread_ts"] = thread_ts
    place = workspace.channels[channel]
    if ts:
        place.messages[ts] = {"type": "message", **message, "ts": ts}
        return ts
    return str(workspace.post(place, message, moment=moment)["ts"])


def discuss(
    dice: random.Random,
    sandbox: Sandbox,
    moment: datetime,
    opening: tuple[str, str, str],
    replies: tuple[tuple[str, str], ...],
) -> None:
    """A message with a thread under it."""
    name, handle, text = opening
    channel = ROOM[name].id
    parent = remember(sandbox, channel, ID[handle], text, moment.timestamp())
    for who, answer in replies:
        moment += timedelta(minutes=dice.randint(2, 25))
        remember(sandbox, channel, ID[who], answer, moment.timestamp(), thread_ts=parent)


def applaud(dice: random.Random, sandbox: Sandbox, channel: str, ts: str, *, but: str) -> None:
    """Reactions of those who read along."""
    place = sandbox.workspace.channels[channel]
    readers = [m for m in place.members if m != but and not sandbox.workspace.users[m].is_bot]
    reactions: list[Json] = []
    for name in dice.sample(REACTIONS, dice.choices((0, 1, 2, 3), (4, 5, 3, 1))[0]):
        who = dice.sample(readers, min(len(readers), dice.randint(1, 4)))
        reactions.append({"name": name, "users": who, "count": len(who)})
    if reactions:
        place.messages[ts]["reactions"] = reactions


def chatter(dice: random.Random, end: datetime) -> list[tuple[datetime, Place, str, str]]:
    """What they talk about when nobody is thanked, spread over the half year, each room in its order."""
    first = start_of(end)
    said = []
    for name, lines in CHATTER.items():
        span = (end - first) / (len(lines) + 1)
        for number, (handle, text) in enumerate(lines, start=1):
            near = first + span * number
            week = (near - first).days // 7
            said.append((at_work(dice, first, week, handle), ROOM[name], handle, text))
    # Two lines of today, so that the rooms do not look left.
    fresh = (
        ("team-harbour", "mia", "Morning! Who could use a hand today?"),
        ("kitchen", "joy", "New tea on the shelf, the tin with the elephant."),
    )
    for minutes, (name, handle, text) in zip((95, 40), fresh, strict=True):
        said.append((end - timedelta(minutes=minutes), ROOM[name], handle, text))
    return sorted((entry for entry in said if entry[0] < end), key=lambda entry: entry[0])
