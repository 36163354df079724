"""Judgements asked again by another road: one of them (replay), or all that stand (reconcile)."""
