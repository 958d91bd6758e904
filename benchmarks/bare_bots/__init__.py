"""Bots to measure against: each library's own echo bot, as its documentation writes it, and ours."""
