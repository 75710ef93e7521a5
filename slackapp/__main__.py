"""``python -m slackapp`` is the command line."""

from slackapp.cli import main

main()
