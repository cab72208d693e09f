"""The application: every route behind the edge and the gate, described in full by its OpenAPI document."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse

from services.api import (
    asyncapi,
    audit,
    backfills,
    channels,
    columns,
    deliveries,
    delivering,
    errors,
    event_types,
    events,
    exports,
    feeds,
    filters,
    health,
    metrics,
    notices,
    problems,
    recrawls,
    schema,
    sources,
    stream,
    subscriptions,
    tokens,
    websub,
)
from services.api.description import PROBLEMS, describe
from services.api.edge import Edge
from services.api.fresh import Fresh
from services.api.meter import Meter
from services.api.once import Once
from services.api.security import Gate
from services.api.tail import Rhythm, Tail
from services.wiring import VERSION, Wiring
from shared.chime import STAMPED, Ear

# Fewer than the connections in the ledger's pool, so that no request waits for one.
THREADS = 32

ROUTERS = (
    notices,
    problems,
    stream,  # before events, for its address would be that of an event called so
    events,
    exports,
    event_types,
    feeds,
    websub,
    sources,
    columns,
    recrawls,
    backfills,
    filters,
    subscriptions,
    channels,
    delivering,
    deliveries,
    tokens,
    audit,
    metrics,
)
router = APIRouter(tags=["health"])


@router.get("/openapi.json", summary="Describe this API", response_class=JSONResponse)
def openapi(request: Request) -> JSONResponse:
    """The OpenAPI 3.1 document of every route."""
    return JSONResponse(request.app.openapi())


def create_app(wiring: Wiring, rhythm: Rhythm | None = None) -> FastAPI:
    """Return the application over `wiring`, which the caller closes; nothing is opened yet."""
    app = FastAPI(
        title="noticewire",
        version=VERSION,
        description="Disclosure notices, their revisions, and the wire of events about them.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # Bodies and messages of failures are nobody else's: no collector is fed from here.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.wiring = wiring
    app.state.tail = Tail(wiring.ledger, rhythm or Rhythm())
    app.state.shelf = feeds.Shelf()
    app.state.health = health.Health(wiring)
    for noun in ROUTERS:
        app.include_router(noun.router, responses=PROBLEMS)
    for described in (schema.router, event_types.open_router, asyncapi.router):
        app.include_router(described, responses={status: PROBLEMS[status] for status in (404, 422, 500)})
    app.include_router(health.router)
    app.include_router(router)
    errors.speak_problems(app)
    # The last one added stands before the others: edge, gate, meter, once, fresh, routes.
    app.add_middleware(Fresh)
    app.add_middleware(Once, wiring=lambda: wiring)
    app.add_middleware(Meter, per_minute=wiring.settings.api_requests_per_minute, monotonic=wiring.clock.monotonic)
    app.add_middleware(Gate, ledger=lambda: wiring.ledger)
    app.add_middleware(Edge)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    tail: Tail = app.state.tail
    watching = asyncio.create_task(tail.run())
    redis_url = app.state.wiring.settings.redis_url
    ear = Ear(redis_url, STAMPED, tail.knock) if redis_url else None
    try:
        yield
    finally:
        tail.close()
        if ear:
            await to_thread.run_sync(ear.close)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
