"""The watch sees every commit and every order to a screen, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from storage import screens, state
from storage.db import write
from storage.watch import Watch

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def bound(db: Engine) -> screens.Screen:
    with write(db) as conn:
        code = screens.offer(conn, "cookie", "Chromium", NOW)
        return screens.bind(conn, code, "Hall", "lead", NOW)


def test_a_commit_is_seen_and_quiet_looks_the_same(db: Engine) -> None:
    watch = Watch(db)
    first = watch.stirred()
    assert watch.stirred() == first
    with write(db) as conn:
        state.bump(conn)
    second = watch.stirred()
    assert second != first
    assert watch.stirred() == second
    watch.close()


def test_orders_change_with_what_a_screen_shall_show_or_do_and_not_with_what_it_says(db: Engine) -> None:
    watch = Watch(db)
    nobody = watch.orders()
    screen = bound(db)
    assert (one := watch.orders()) != nobody
    with write(db) as conn:
        screens.seen(conn, screen, screens.Report("Chromium", "calls", 1, 0), NOW)
    assert watch.orders() == one
    with write(db) as conn:
        screens.choose(conn, screen.id, None, "uk", "lead", NOW)
    assert (other := watch.orders()) != one
    with write(db) as conn:
        screens.revoke(conn, screen.id, "lead", NOW)
    assert watch.orders() not in (one, other)
