"""Mutual: a Slack app that helps a team keep its give and take of help and thanks in balance."""
