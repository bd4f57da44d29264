"""What enrichment decides, as pure functions over frozen values: no database, no network, no clock."""
