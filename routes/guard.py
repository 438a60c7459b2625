"""The guard: every route and every Dash callback is refused unless a table here says who may use it."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import logging
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from flask import Flask, Request, Response, has_request_context, jsonify, request
from flask_login import current_user

from config import Config
from deps import Deps
from layouts import ids
from routes import door, pairing, sessions, visits
from routes.scheme import TRANSPORT, over_https
from routes.showing import PREVIEW
from storage import db as store
from storage import screens, tokens
from storage.users import User

Answer = Response | tuple[Response, int]
InlineScripts = Callable[[], Sequence[str]]


class Rule(StrEnum):
    """Who may use something."""

    PUBLIC = "everybody"
    WALL = "a screen"
    OPERATIONS = "this machine, a bearer token or a login"
    TOKEN = "a bearer token"  # noqa: S105 (the name of a rule, no secret)
    HOOK = "whoever knows the secret in the address"
    GUEST = "whoever was invited, by the secret in the address"
    MANAGER = "a phone that was let in"
    ANY_LOGIN = "a login of any role; a team lead of own teams, for these"
    LOGIN = "a login for the whole office"
    ADMIN = "an administrator's login"
    NOBODY = "nobody"


# Every route by the pattern under which Flask knows it. A test holds that none is missing and none too many.
ROUTES: Mapping[str, Rule] = {
    "/healthz": Rule.PUBLIC,
    "/readyz": Rule.PUBLIC,
    "/api/health": Rule.OPERATIONS,
    "/metrics": Rule.OPERATIONS,
    "/api/v1/board": Rule.TOKEN,
    "/api/v1/facts.csv": Rule.TOKEN,
    "/api/v1/hooks/<secret>": Rule.HOOK,
    "/api/v1/openapi.json": Rule.PUBLIC,
    "/connect/<name>": Rule.ADMIN,
    "/connect/<name>/done": Rule.ADMIN,
    "/photos/<source>/<name>": Rule.WALL,
    "/portraits/<name>": Rule.WALL,
    "/sounds/<name>": Rule.WALL,
    "/celebration": Rule.LOGIN,
    "/wall/phone.svg": Rule.WALL,
    "/me": Rule.MANAGER,
    "/me/state": Rule.MANAGER,
    "/me/<link>": Rule.HOOK,
    "/me/link": Rule.PUBLIC,
    "/me/pin": Rule.PUBLIC,
    "/me/logout": Rule.PUBLIC,
    "/me/language": Rule.PUBLIC,
    "/me/offline": Rule.PUBLIC,
    "/me/files/<name>": Rule.PUBLIC,
    "/login": Rule.PUBLIC,
    "/logout": Rule.PUBLIC,
    "/login/code": Rule.PUBLIC,
    "/invited/<secret>": Rule.GUEST,
    "/password": Rule.ANY_LOGIN,
    "/second-step": Rule.ANY_LOGIN,
    "/second-step/off": Rule.ANY_LOGIN,
    "/fonts/<path:name>": Rule.PUBLIC,
    "/": Rule.WALL,
    "/pairing": Rule.PUBLIC,
    "/wall/state": Rule.WALL,
    "/wall/events": Rule.WALL,
    "/tv-lite": Rule.WALL,
    "/tv-lite/inside": Rule.WALL,
    "/_dash-layout": Rule.WALL,
    "/_dash-dependencies": Rule.WALL,
    "/_dash-update-component": Rule.NOBODY,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Rule.PUBLIC,
    "/_favicon.ico": Rule.PUBLIC,
    "/_reload-hash": Rule.NOBODY,
    "/assets/<path:filename>": Rule.PUBLIC,
    "/<path:path>": Rule.NOBODY,
    "/settings/": Rule.ANY_LOGIN,
    "/settings/<path:path>": Rule.ANY_LOGIN,
    "/settings/_dash-layout": Rule.ANY_LOGIN,
    "/settings/_dash-dependencies": Rule.ANY_LOGIN,
    "/settings/_dash-update-component": Rule.ANY_LOGIN,
    "/settings/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Rule.PUBLIC,
    "/settings/_favicon.ico": Rule.PUBLIC,
    "/settings/_reload-hash": Rule.NOBODY,
    "/settings/assets/<path:filename>": Rule.PUBLIC,
}

# Every callback of the settings by the component that it writes to first. One for any login keeps to its reach itself.
CALLBACKS: Mapping[str, Rule] = {
    ids.PAGE: Rule.ANY_LOGIN,
    ids.TARGETS_FORM: Rule.ANY_LOGIN,
    ids.TARGETS_FILLED: Rule.ANY_LOGIN,
    ids.TARGETS_STORY: Rule.ANY_LOGIN,
    ids.TARGETS_IMPORT: Rule.ANY_LOGIN,
    ids.TARGETS_DOWNLOAD: Rule.ANY_LOGIN,
    ids.OFFICE_FORM: Rule.LOGIN,
    ids.METRICS_FORM: Rule.LOGIN,
    ids.RATES: Rule.LOGIN,
    ids.WALL_ROWS: Rule.LOGIN,
    ids.WALL_CYCLE: Rule.LOGIN,
    ids.LOOK_FORM: Rule.LOGIN,
    ids.WALL_PREVIEW: Rule.LOGIN,
    ids.PLAYLISTS: Rule.LOGIN,
    ids.PARTY_FORM: Rule.LOGIN,
    ids.SCREENS: Rule.LOGIN,
    ids.EVERY_SCREENS_FACTS: Rule.LOGIN,
    ids.PEOPLE: Rule.ANY_LOGIN,
    ids.PERSON: Rule.ANY_LOGIN,
    ids.CALENDAR: Rule.ANY_LOGIN,
    ids.LINKS: Rule.ANY_LOGIN,
    ids.SOURCES_LIST: Rule.ADMIN,
    ids.SOURCE_DESK: Rule.ADMIN,
    ids.SOURCE_FINDINGS: Rule.ADMIN,
    ids.USERS: Rule.ADMIN,
    ids.ACCOUNT: Rule.ANY_LOGIN,
    ids.AUDIT_FILE: Rule.LOGIN,
    ids.CORRECTIONS_FILE: Rule.ANY_LOGIN,
}

# The page that stays open while the password has to be changed.
_OWN_PASSWORD = "/password"  # noqa: S105 (an address, no secret)
_CALLBACK_ROUTE = "/settings/_dash-update-component"
# By these a screen says that it is there.
_OF_A_SCREEN = (*pairing.PAGES, "/wall/state", "/tv-lite/inside")
# The engines of 2014 to 2016 keep a policy and know no hashes. All others take this for nothing where a hash is.
_OF_OLD_ENGINES, _BEFORE_HASHES = ("/tv-lite",), "'unsafe-inline'"
_ABOVE = "Only an administrator, or who answers for all teams, may do this."
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_ONLY_A_SLASH_IS_MISSING = 308
# These carry a credential that no page elsewhere can have a browser send.
_NO_BROWSER = (Rule.TOKEN, Rule.HOOK)
# Answers to these are kept by nobody.
_PRIVATE = (Rule.ANY_LOGIN, Rule.LOGIN, Rule.ADMIN, Rule.TOKEN, Rule.HOOK, Rule.GUEST, Rule.MANAGER, None)
_MAX_BODY = 2 * 1024 * 1024
# A photo of 2 MB comes as text, a third longer.
_MAX_CALLBACK = 3 * 1024 * 1024
_EXTENSION = "tablo-inline-scripts"


def register(server: Flask, deps: Deps, frame_ancestors: str = "'self'") -> None:
    """Stand before every request, and put the security headers on what goes out."""
    sessions.register(server, deps)
    server.logger.addFilter(_without_address)
    # It has the guard show its page, and so cannot ask the guard itself.
    trust(server, lambda: [script_hash(pairing.SCRIPT)])

    @server.before_request
    def judge() -> Answer | None:
        return check(deps)

    @server.after_request
    def protect(answer: Response) -> Response:
        return with_headers(answer, inline_scripts(server), frame_ancestors)


def trust(server: Flask, scripts: InlineScripts) -> None:
    """Let a page run inline scripts: `scripts` gives their CSP hashes (`app.csp_hashes`, `script_hash`)."""
    server.extensions.setdefault(_EXTENSION, []).append(scripts)


def inline_scripts(server: Flask) -> list[str]:
    """The hashes of every inline script that may run."""
    return [each for scripts in server.extensions.get(_EXTENSION, ()) for each in scripts()]


def script_hash(script: str) -> str:
    """The CSP source of the text between `<script>` and `</script>`."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def check(deps: Deps) -> Answer | None:
    """None = go on; else the refusal."""
    if getattr(request.routing_exception, "code", None) == _ONLY_A_SLASH_IS_MISSING:
        return None
    request.max_content_length = _MAX_CALLBACK if _is_callback() else _MAX_BODY
    rule = ROUTES.get(request.url_rule.rule, Rule.NOBODY) if request.url_rule else Rule.NOBODY
    if rule is Rule.NOBODY:
        return _refuse(404, "There is nothing here.")
    if rule not in _NO_BROWSER and request.method not in _SAFE_METHODS and not same_origin(request):
        return _refuse(403, "This came from another page than Tablo's own.")
    if rule in (Rule.ANY_LOGIN, Rule.LOGIN, Rule.ADMIN):
        # What nobody sent is not even read.
        known = current_user.is_authenticated
        return _check_login(_callback_rule() if known and _is_callback() else rule)
    if _admitted(rule, deps):
        return None
    if rule is Rule.WALL and PREVIEW in request.args:
        return _refuse(401, "Log in first.")
    # A TV has no keyboard: it is never shown a login, but the code by which it is bound. A phone is shown its own door.
    if rule is Rule.WALL and request.path in pairing.PAGES:
        return pairing.page(deps)
    return door.page(deps) if rule is Rule.MANAGER and request.path == visits.PATH else _ask_for_login(rule)


def same_origin(asked: Request) -> bool:
    """Whether a request that changes something was sent by a page of ours (and not by a page elsewhere).

    A browser says so by Origin; Sec-Fetch-Site it sends over https and on this machine only.
    """
    origin, site = asked.headers.get("Origin"), asked.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin"):
        return False
    return site is not None if origin is None else urlsplit(origin).netloc == asked.host


def on_own_machine(asked: Request, config: Config) -> bool:
    """Whether Tablo serves this machine alone and a browser on it asks: then the wall needs no pairing.

    The name in the address counts too: a page elsewhere may give its own name our loopback address, and a proxy in
    front of us speaks for the whole world.
    """
    forwarded = any(name in asked.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"))
    names = (asked.remote_addr or "", urlsplit(f"//{asked.host}").hostname or "")
    return config.loopback and not forwarded and all(map(_is_loopback, names))


def with_headers(answer: Response, scripts: Sequence[str], frame_ancestors: str) -> Response:
    """Security headers; the long ones on pages only, so that a screen's refresh stays small."""
    if answer.status_code != 304:
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    if over_https(request):
        answer.headers.setdefault("Strict-Transport-Security", TRANSPORT)
    if answer.mimetype == "text/html":
        allowed = (*scripts, _BEFORE_HASHES) if scripts and request.path in _OF_OLD_ENGINES else scripts
        answer.headers["Content-Security-Policy"] = policy(allowed, frame_ancestors)
        # Not "no-referrer": a form would then send "Origin: null", and could not be told from a stranger's.
        answer.headers.setdefault("Referrer-Policy", "same-origin")
    if request.url_rule is None or ROUTES.get(request.url_rule.rule) in _PRIVATE:
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def policy(scripts: Sequence[str], frame_ancestors: str) -> str:
    """The Content-Security-Policy of a page."""
    # Dash and Plotly put <style> elements into the page while they load.
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *sorted(set(scripts)))),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            f"frame-ancestors {frame_ancestors}",
            "form-action 'self'",
        )
    )


def first_output(output: object) -> str:
    """The component that a callback writes to first, from what Dash calls its output."""
    parts = output.removeprefix("..").removesuffix("..").split("...") if isinstance(output, str) else [""]
    return parts[0].rpartition(".")[0]


def may(user: User, rule: Rule) -> bool:
    """Whether this login is enough."""
    if rule is Rule.LOGIN:
        return user.reach.whole
    return rule is Rule.ANY_LOGIN or (rule is Rule.ADMIN and user.role == "admin")


def _admitted(rule: Rule, deps: Deps) -> bool:
    if rule in (Rule.PUBLIC, Rule.HOOK, Rule.GUEST):
        return True
    if rule is Rule.WALL:
        return _may_see_the_wall(deps)
    if rule is Rule.MANAGER:
        return visits.of(deps, request) is not None
    if rule is Rule.OPERATIONS and (on_own_machine(request, deps.config) or _free_to_look()):
        return True
    return rule in (Rule.TOKEN, Rule.OPERATIONS) and _has_token(deps)


def _may_see_the_wall(deps: Deps) -> bool:
    """A bound screen, somebody with a login, or this machine's own browser as long as no screen was ever bound.

    A preview is for a login alone, and a browser that shows one is no screen, whatever its cookies say.
    """
    if PREVIEW in request.args:
        return _free_to_look()
    screen = pairing.screen_of(deps, request)
    if screen is not None:
        if request.path in _OF_A_SCREEN:
            pairing.note(deps, screen, request)
        return True
    if _free_to_look():
        return True
    with store.read(deps.db) as conn:
        return on_own_machine(request, deps.config) and not screens.ever_bound(conn)


def _check_login(rule: Rule) -> Answer | None:
    if not current_user.is_authenticated:
        return _ask_for_login(rule)
    user = current_user.user
    if user.must_change and request.path != _OWN_PASSWORD:
        return _refuse(403, "Choose a password of your own first.") if _is_script() else _redirect(_OWN_PASSWORD)
    if rule is Rule.NOBODY:
        return _refuse(404, "There is no such callback.")
    if may(user, rule):
        return None
    return _refuse(403, _ABOVE if rule is Rule.LOGIN else "Only an administrator may do this.")


def _free_to_look() -> bool:
    return bool(current_user.is_authenticated and not current_user.user.must_change)


def _has_token(deps: Deps) -> bool:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        return False
    with store.read(deps.db) as conn:
        token = tokens.verify(conn, value.strip())
    if token is None:
        return False
    now = deps.clock()
    if token.last_used_at is None or now - token.last_used_at >= sessions.NOTED_EVERY:
        with store.write(deps.db) as conn:
            tokens.used(conn, token, now)
    return True


def _is_callback() -> bool:
    return request.url_rule is not None and request.url_rule.rule == _CALLBACK_ROUTE and request.method == "POST"


def _callback_rule() -> Rule:
    body = request.get_json(silent=True)
    return CALLBACKS.get(first_output(body.get("output")), Rule.NOBODY) if isinstance(body, dict) else Rule.NOBODY


def _ask_for_login(rule: Rule) -> Answer:
    if rule is Rule.TOKEN:
        answer, status = _refuse(401, "Send a token: Authorization: Bearer …")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer, status
    if _is_script() or request.method not in _SAFE_METHODS:
        return _refuse(401, "Log in first.")
    if current_user.is_authenticated:
        return _redirect(_OWN_PASSWORD)
    page = request.path.removeprefix("/settings/").strip("/")
    return _redirect(f"/login?next={page}" if page in ids.PAGES else "/login")


def _is_script() -> bool:
    """Whether a script asks, which can do nothing with a page."""
    return "/_dash-" in request.path or request.path.startswith(("/wall/", "/tv-lite/", "/me/", "/api/", "/metrics"))


def _redirect(address: str) -> Response:
    return Response(status=302, headers={"Location": address})


def _refuse(status: int, why: str) -> tuple[Response, int]:
    return jsonify(error=why), status


def _without_address(record: logging.LogRecord) -> bool:
    """A fault is logged with the pattern of the address: the address itself may be somebody's secret."""
    if has_request_context() and request.view_args and request.url_rule:
        record.msg = str(record.msg).replace(request.path, request.url_rule.rule)
    return True


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
