"""The same stages as tasks of well-known task queues, written as their documentation tells people to write them."""
