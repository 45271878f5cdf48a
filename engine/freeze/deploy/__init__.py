"""Puts a frozen site where visitors get it: only what changed, assets before pages, removals last."""
