"""Errors are problem details."""

from engine.ext.api import error_handler as error_handler
