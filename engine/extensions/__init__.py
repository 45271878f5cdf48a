"""What extensions and a site's `app.py` may add to the engine: each is called once per load with a `Registry`."""

from engine.extensions.registry import AfterHook as AfterHook
from engine.extensions.registry import BeforeHook as BeforeHook
from engine.extensions.registry import FreezeHook as FreezeHook
from engine.extensions.registry import LoadHook as LoadHook
from engine.extensions.registry import Registry as Registry
from engine.extensions.registry import RenderHook as RenderHook
from engine.extensions.registry import RoutesHook as RoutesHook
from engine.extensions.registry import TeardownHook as TeardownHook
from engine.extensions.registry import UrlHook as UrlHook
from engine.routing.table import RouteTable as RouteTable
