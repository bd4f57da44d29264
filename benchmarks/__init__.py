"""What we claim about speed, re-runnable. Every figure in the README comes from here."""
