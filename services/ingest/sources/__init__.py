"""The doors a wire desk has, one file each: feeds, pages, sitemaps, pushes; and the child processes that read them."""
