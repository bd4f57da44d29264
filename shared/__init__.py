"""What all services share: the schema they speak (`events`) and the machinery that carries it (`runtime`)."""
