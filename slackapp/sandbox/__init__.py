"""A local Slack workspace that behaves as Slack does: Web API, signed deliveries, people, and a page to watch it."""

from .clock import Clock
from .delivery import Attempt, Delivery
from .errors import AppFailed, SlackError
from .people import Answer
from .sandbox import Sandbox, serve

__all__ = ["Answer", "AppFailed", "Attempt", "Clock", "Delivery", "Sandbox", "SlackError", "serve"]
