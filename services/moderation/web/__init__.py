"""The moderators' desk in a browser: templates, style, one script. No queries."""
