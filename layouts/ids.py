"""Every id that a callback, a script or a test may name."""

from collections.abc import Callable

# Makes the id of one of many.
Keyed = Callable[[object], dict[str, object]]

WALL = "wall"
CHART = "wall-chart"
CHART_LAYER = "wall-chart-layer"
BOOT = "wall-boot"
LATE = "wall-late"
SCRIPT = "wall-script"
DRESS = "wall-dress"
SLEEP = "sleep"

# The desk. A page's address is /settings/<page>.
PLACE = "desk-place"
PAGE = "desk-page"
NAV = "desk-nav"
SEEK = "desk-seek"
PAGES = ("targets", "office", "metrics", "wall", "look", "celebrations", "screens", "people", "calendar", "rates",
         "sources", "users", "numbers", "corrections", "audit", "account")  # fmt: skip

TARGETS_SAVE = "targets-save"
TARGETS_SINCE = "targets-since"
TARGETS_SPAN = "targets-span"
TARGETS_NOTE = "targets-note"
TARGETS_FORM = "targets-form"
TARGETS_TYPED = "targets-typed"
TARGETS_SEEN = "targets-seen"
TARGETS_DAY = "targets-day"
TARGETS_GRID = "targets-grid"
TARGETS_SHEET = "targets-sheet"
TARGETS_UNDO = "targets-undo"
# Filling many cells in at once.
TARGETS_DO = "targets-do"
TARGETS_COLUMN = "targets-column"
TARGETS_WHOSE = "targets-whose"
TARGETS_PERCENT = "targets-percent"
TARGETS_LAST = "targets-last"
TARGETS_FILL = "targets-fill"
TARGETS_ORDER = "targets-order"
TARGETS_FILLED = "targets-filled"
TARGETS_FILLS = "targets-fills"
# The history of one cell.
TARGETS_ASKED = "targets-asked"
TARGETS_STORY = "targets-story"
# Targets as a file.
TARGETS_UPLOAD = "targets-upload"
TARGETS_ABOUT = "targets-about"
TARGETS_IMPORT = "targets-import"
TARGETS_APPLY = "targets-apply"
TARGETS_TOKEN = "targets-token"  # noqa: S105 (the id of a store, no secret)
TARGETS_CSV = "targets-csv"
TARGETS_XLSX = "targets-xlsx"
TARGETS_DOWNLOAD = "targets-download"

OFFICE_FORM = "office-form"
OFFICE_SAVE = "office-save"
OFFICE_SEEN = "office-seen"

METRICS_FORM = "metrics-form"
METRICS_SAVE = "metrics-save"
METRICS_SEEN = "metrics-seen"

RATES = "rates-all"
RATE_CURRENCY = "rate-currency"
RATE_VALUE = "rate-value"
RATE_SINCE = "rate-since"
RATE_SAVE = "rate-save"

WALL_ROWS = "wall-rows"
WALL_SAVE = "wall-save"
WALL_SEEN = "wall-seen"
WALL_CYCLE = "wall-cycle"
WALL_ADD = "wall-add"
WALL_PANEL = "wall-panel"
WALL_ORDER = "wall-order"
WALL_PREVIEW = "wall-preview"
PLAYLISTS = "playlists"
PLAYLIST_OPEN = "playlist-open"
PLAYLIST_NEW = "playlist-new"
PLAYLIST_NAME = "playlist-name"
PLAYLIST_ADD = "playlist-add"
PLAYLIST_RENAME = "playlist-rename"
PLAYLIST_REMOVE = "playlist-remove"

LOOK_FORM = "look-form"
LOOK_SAVE = "look-save"
LOOK_SEEN = "look-seen"

PARTY_FORM = "party-form"
PARTY_SAVE = "party-save"
PARTY_SEEN = "party-seen"
PARTY_UPLOAD = "party-upload"

SCREENS = "screens-list"
SCREEN_CODE = "screen-code"
SCREEN_NAME = "screen-name"
SCREEN_BIND = "screen-bind"
SCREENS_TICK = "screens-tick"
# As Dash writes the pattern of `screen_facts` for all screens.
EVERY_SCREENS_FACTS = '{"number":["ALL"],"type":"screen-facts"}'

PEOPLE = "people-list"
PEOPLE_PRESS = "people-press"
PERSON = "person"
PERSON_KEY = "person-key"
PERSON_UPLOAD = "person-upload"
CALENDAR = "calendar"

LINKS = "links"
LINKS_PRESS = "links-press"
PIN_REP = "pin-rep"
PIN_VALUE = "pin-value"
PIN_SET = "pin-set"

USERS = "users-list"
LOGIN_ADD = "login-add"
LOGIN_INVITE = "login-invite"
LOGIN_NAME = "login-name"
LOGIN_PASSWORD = "login-password"  # noqa: S105 (the id of a field, no secret)
LOGIN_KIND = "login-kind"
LOGIN_TEAMS = "login-teams"
ACCOUNT = "account-sessions"

AUDIT_EXPORT = "audit-export"
AUDIT_FILE = "audit-file"

CORRECTIONS_EXPORT = "corrections-export"
CORRECTIONS_FILE = "corrections-file"

SOURCES_LIST = "sources-list"
SOURCES_SEEN = "sources-seen"
SOURCES_TICK = "sources-tick"
SOURCE_DESK = "source-desk"
SOURCE_CHANGED = "source-changed"
SOURCE_FINDINGS = "source-findings"
SOURCE_KIND = "source-kind"
SOURCE_ADD = "source-add"
# Fields of a connection's forms that are no option; an option's name has no colon.
SOURCE_NAME = ":name"
SOURCE_SINCE = ":since"


def office_field(name: object) -> dict[str, object]:
    """The input of one setting of the office."""
    return {"type": "office", "name": name}


def metrics_field(name: object) -> dict[str, object]:
    """The input of one setting of how is counted and ranked."""
    return {"type": "metrics", "name": name}


def metric_shown(metric: object) -> dict[str, object]:
    """The tick of a metric that is shown."""
    return {"type": "metric-shown", "metric": metric}


def metric_points(metric: object) -> dict[str, object]:
    """What a metric is worth, in points."""
    return {"type": "metric-points", "metric": metric}


def rate_remove(currency: object, day: object) -> dict[str, object]:
    """The button that takes back the office's rate of a currency from that ISO date on."""
    return {"type": "rate-remove", "currency": currency, "day": day}


def look_field(name: object) -> dict[str, object]:
    """The input of one setting of how the wall looks."""
    return {"type": "look", "name": name}


def slot(part: object, row: object, panel: object) -> dict[str, object]:
    """A field ("seconds", "period", …) or a button ("up", "down", "remove") of one row of a playlist."""
    return {"type": f"slot-{part}", "row": row, "panel": panel}


def party_field(name: object) -> dict[str, object]:
    """The input of one rule of celebrations."""
    return {"type": "party", "name": name}


def party_sound(whose: object, key: object) -> dict[str, object]:
    """The sound of a "team" or a "rep"."""
    return {"type": "party-sound", "whose": whose, "key": key}


def sound_remove(number: object) -> dict[str, object]:
    """The button that removes an uploaded sound."""
    return {"type": "sound-remove", "number": number}


def person(action: object, key: object) -> dict[str, object]:
    """What is done with people: buttons "sells", "sells-not", "separate" and "join", and the choices of a "pair"."""
    return {"type": f"person-{action}", "key": key}


def person_field(name: object) -> dict[str, object]:
    """A field of one person's form."""
    return {"type": "person-field", "name": name}


def person_do(action: object, about: object) -> dict[str, object]:
    """A button of one person's page: "save", "move", "take-back" of a change of teams by its ISO date, "unphoto"."""
    return {"type": "person-do", "action": action, "about": about}


def team(part: object, key: object) -> dict[str, object]:
    """The "name" of a team, and its buttons "rename" and "remove"; of a new one, whose key is "", "add"."""
    return {"type": f"team-{part}", "key": key}


def link(action: object, key: object) -> dict[str, object]:
    """A button of one manager's personal link: "make" or "end"."""
    return {"type": f"link-{action}", "key": key}


def calendar_do(action: object, about: object) -> dict[str, object]:
    """A button of the calendar: "save", "edit", "remove" and "leave" of an absence by its number, "turn" and "add" of a
    day off or a worked day by its ISO date."""
    return {"type": "calendar-do", "action": action, "about": about}


def calendar_field(name: object) -> dict[str, object]:
    """A field of the calendar's forms."""
    return {"type": "calendar-field", "name": name}


def screen_do(action: object, number: object) -> dict[str, object]:
    """A button of a bound screen: "save", "show", "reload" or "end"."""
    return {"type": "screen-do", "action": action, "number": number}


def screen_field(name: object, number: object) -> dict[str, object]:
    """A field of a bound screen: "name", "playlist", "language" or "slot"."""
    return {"type": "screen-field", "name": name, "number": number}


def screen_facts(number: object) -> dict[str, object]:
    """How a bound screen is doing."""
    return {"type": "screen-facts", "number": number}


def login(part: object, name: object) -> dict[str, object]:
    """What is chosen for a login ("kind", "teams"), its buttons ("save", "remove", "remove-now", "code-off"), and an
    invitation's ("withdraw")."""
    return {"type": f"login-{part}", "name": name}


def session(key: object) -> dict[str, object]:
    """The button that ends anybody's session."""
    return {"type": "session", "key": key}


def own_session(key: object) -> dict[str, object]:
    """The button that ends a session of one's own."""
    return {"type": "own-session", "key": key}


def correction_field(name: object) -> dict[str, object]:
    """A field by which corrections are searched."""
    return {"type": "correction-field", "name": name}


def audit_field(name: object) -> dict[str, object]:
    """A field by which changes are searched: "who", "what", "from", "to" or "text"."""
    return {"type": "audit-field", "name": name}


def source_do(action: object, about: object) -> dict[str, object]:
    """A button of the sources page; `about` is a connection's name, or the kind of a new one."""
    return {"type": "source-do", "action": action, "about": about}


def source_test(mode: object, about: object) -> dict[str, object]:
    """The button that tests what is in the form: "new" with a kind, "known" with a name."""
    return {"type": "source-test", "mode": mode, "about": about}


def source_field(name: object) -> dict[str, object]:
    """The input of one option of a connection."""
    return {"type": "source-field", "name": name}


def source_problem(name: object) -> dict[str, object]:
    """What is wrong with one option, beside its input."""
    return {"type": "source-problem", "name": name}


def source_proof(about: object) -> dict[str, object]:
    """That the form was tested as it stands."""
    return {"type": "source-proof", "about": about}
