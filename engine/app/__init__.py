"""Answers requests: the application, its endpoints, hooks and error pages."""
