"""Who may open a page: every route of the web side declares it, and one place asks.

A route without a declaration, or with two, keeps the hub from starting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from zongheng_hub.web.console import Console
from zongheng_protos.options.v1 import options_pb2 as options

FILES = "/static"


class RouteUndeclared(Exception):
    """A route does not say who may open it."""


@dataclass(frozen=True, slots=True)
class Door:
    """Lets a request through to its route, or refuses it.

    Attributes:
        right: RIGHT_OPEN for anyone, RIGHT_ENROLLED for whoever is signed in, or the right that
            unit and operator must have.
    """

    right: int

    async def __call__(self, request: Request) -> None:
        """Raises SignInNeeded, SetUpNeeded or Forbidden."""
        if self.right == options.RIGHT_OPEN:
            return
        console: Console = request.app.state.console
        session = await console.present(request)
        if self.right != options.RIGHT_ENROLLED:
            await console.desk.check_right(session, self.right, request.url.path)


def holds(right: int) -> Any:
    """For whoever is signed in for a unit and in a role with this right."""
    return Depends(Door(right))


ANYONE = Depends(Door(options.RIGHT_OPEN))
SIGNED_IN = Depends(Door(options.RIGHT_ENROLLED))


@dataclass(frozen=True, slots=True)
class Opening:
    """A route, as declared; right as in Door."""

    verb: str
    path: str
    right: int


def openings(routes: Iterable[BaseRoute], routers: Iterable[APIRouter]) -> tuple[Opening, ...]:
    """Every route with who may open it; files that everyone gets are not listed.

    Args:
        routes: those of the application itself.
        routers: those that it includes.

    Raises:
        RouteUndeclared: a route has no declaration, or more than one.
    """
    own = (route for route in routes if isinstance(route, (Route, Mount)))
    included = (route for router in routers for route in router.routes)
    return tuple(found for route in (*own, *included) for found in _openings(route))


def _openings(route: BaseRoute) -> Iterator[Opening]:
    if isinstance(route, Mount) and route.path == FILES:
        return
    doors: list[Door] = []
    if isinstance(route, APIRoute):
        doors += [d.dependency for d in route.dependencies if isinstance(d.dependency, Door)]
    if not isinstance(route, APIRoute) or len(doors) != 1:
        raise RouteUndeclared(
            f"{getattr(route, 'path', route)} does not say who may open it: give the route "
            "dependencies=[SIGNED_IN], [ANYONE] or [holds(RIGHT_…)] of zongheng_hub.web.doors"
        )
    for verb in sorted((route.methods or set()) - {"HEAD"}):
        yield Opening(verb, route.path, doors[0].right)
