"""What the readers of all kinds of documents share: decoding, cleaning, bodies, figures, credits, languages."""
