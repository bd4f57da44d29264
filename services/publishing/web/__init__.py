"""The public site's face: templates, style and the few helpers they need. No queries."""
