"""Asks the app every page once and keeps the answers: plan, ask, check, publish."""
