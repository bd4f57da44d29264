"""What enrichment claims: how good its answers are beside others, what one article costs, how that grows."""
