"""A local Slack workspace, for the demo and the tests."""
