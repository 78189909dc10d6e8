"""One definition, two callers: a flow method is a plain call on Hub and awaitable on AsyncHub."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from zongheng_sdk.flow import Flow

if TYPE_CHECKING:
    from zongheng_sdk.session import Session

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Mode = TypeVar("Mode")
Run = Callable[[Flow[Any]], Any]


class Sync:
    """Marks what belongs to a Hub: operations return their result."""


class Async:
    """Marks what belongs to an AsyncHub: operations return an awaitable."""


class Area(Generic[Mode]):
    """A part of the hub's surface, such as hub.needs; its methods are operations."""

    def __init__(self, session: Session, run: Run) -> None:
        self._session = session
        self._run = run


class Bound(Generic[P, T_co]):
    """An operation of one hub, ready to be called; the outbox can also keep it for later."""

    def __init__(self, area: Any, function: Callable[..., Flow[T_co]]) -> None:
        self.area = area
        self._function = function
        self.__name__ = getattr(function, "__name__", "")
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def flow(self, *args: P.args, **kwargs: P.kwargs) -> Flow[T_co]:
        """The steps of the call, none taken yet."""
        return self._function(self.area, *args, **kwargs)


class SyncBound(Bound[P, T_co]):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co:
        result: T_co = self.area._run(self.flow(*args, **kwargs))
        return result


class AsyncBound(Bound[P, T_co]):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T_co]:
        result: Coroutine[Any, Any, T_co] = self.area._run(self.flow(*args, **kwargs))
        return result


class operation(Generic[P, T]):  # noqa: N801  # a decorator reads in lower case
    """Turns a flow method of an Area into a call (Sync) or an awaitable call (Async)."""

    def __init__(self, function: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    @overload
    def __get__(self, area: None, owner: type) -> operation[P, T]: ...
    @overload
    def __get__(self, area: Area[Sync], owner: type) -> SyncBound[P, T]: ...
    @overload
    def __get__(self, area: Area[Async], owner: type) -> AsyncBound[P, T]: ...
    def __get__(self, area: Any, owner: type) -> Any:
        if area is None:
            return self
        return area._session.bound(area, self._function)
